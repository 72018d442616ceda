"""What users read is true: README.md and ``docs/`` are generated where they can be, and their blocks run.

A test runs each document from top to bottom in a folder of its own: every line of its ``sh`` blocks, every ``python``
block as a file of tests, every ``js`` block in Node.js. A tenant of a running mock answers.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mockserver import cli
from mockserver.cli.config import FILE, MOST_BYTES, MOST_DOTS, read_config
from mockserver.contract.document import read_yaml
from mockserver.judge.known import known_deviations
from tests.support import docs
from tests.support.node import installed, run_text
from tests.support.tools import tool

MOST_LINES = 250  # README is for one reading; everything else has a place in docs/.
# The exit code of curl for a body that ends before its Content-Length: CURLE_PARTIAL_FILE.
CUT_SHORT = 18
DOCUMENTS = pytest.mark.parametrize("name", docs.DOCUMENTS)
SCRIPTS = Path(sys.executable).parent
COMMANDS = [cli.group.get_command(click.Context(cli.group), command) for command in cli.COMMANDS]
PARAMETERS = [param for command in COMMANDS if command for param in command.params]
VARIABLES = {param.envvar for param in PARAMETERS}


def blocks(name: str, *languages: str) -> Iterator[str]:
    """Yields the text of each block in one of the languages."""
    for language, text in re.findall(
        r"^```(\w+)\n(.*?)^```", docs.DOCUMENTS[name].read_text(), re.DOTALL | re.MULTILINE
    ):
        if language in languages:
            yield text


def prose(name: str) -> str:
    """Returns a document without its blocks."""
    return re.sub(r"^```.*?^```", "", docs.DOCUMENTS[name].read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Returns the anchors of the headings of a document, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_is_short() -> None:
    assert len(docs.README.read_text().splitlines()) <= MOST_LINES


def test_each_generated_part_stands_in_one_document() -> None:
    found = [part for path in docs.DOCUMENTS.values() for part in re.findall(r"<!-- /([\w-]+) -->", path.read_text())]
    assert sorted(found) == sorted(docs.PARTS)


@DOCUMENTS
def test_the_generated_parts_are_up_to_date(name: str) -> None:
    """``python -m tests.support.docs`` brings them up to date."""
    text = docs.DOCUMENTS[name].read_text()
    assert docs.generated(text) == text


@DOCUMENTS
def test_every_link_and_picture_leads_somewhere(name: str) -> None:
    text, folder = prose(name), docs.DOCUMENTS[name].parent
    links = set(re.findall(r"\]\((?!https:)([^)\s]+)\)", text)) | set(
        re.findall(r'(?:src|srcset|href)="([^"]+)"', text)
    )
    for link in sorted(links):
        path, _, anchor = link.partition("#")
        target = folder / path if path else docs.DOCUMENTS[name]
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_readme_leads_to_every_document() -> None:
    text = prose("README") + prose("index")
    assert [name for name in docs.DOCUMENTS if name != "README" and f"{name}.md" not in text] == []


def test_no_document_holds_the_code_of_an_example() -> None:
    for name in docs.DOCUMENTS:
        for block in blocks(name, "python", "js", "ts", "yaml"):
            assert len(block.splitlines()) <= 16, f"{name}: link to a file of tests/examples instead of\n{block}"


@DOCUMENTS
def test_every_option_and_variable_that_is_named_exists(name: str) -> None:
    text = docs.DOCUMENTS[name].read_text()
    options = set(re.findall(r"`(--[a-z][a-z-]+)", text)) - {"--help", "--logto-target"}
    variables = set(re.findall(r"\bMOCKSERVER_[A-Z_]+", text)) - {"MOCKSERVER_"}
    assert options <= {spelling for param in PARAMETERS for spelling in (*param.opts, *param.secondary_opts)}
    assert variables <= VARIABLES


@DOCUMENTS
def test_the_program_accepts_each_command_of_the_prose(name: str) -> None:
    for line in re.findall(r"`(mockserver [a-z][^`]*)`", prose(name)):
        accept(line)


def accept(line: str) -> None:
    """Lets the program read the arguments of a command line; raises if it refuses them."""
    _, name, *arguments = shlex.split(line)
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None, line
    command.make_context(name, arguments, resilient_parsing=not arguments)


class Reader:
    """Somebody who follows a document, in a folder of their own, with a mock for every address that it names."""

    def __init__(self, pytester: pytest.Pytester, port: int, tenant: str) -> None:
        self.pytester, self.folder = pytester, pytester.path
        self.port, self.base = port, f"http://127.0.0.1:{port}/t/{tenant}"
        self.environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
        for file in (docs.ROOT / "openapi.yaml", docs.ROOT / "fixtures" / "saved.har"):
            (self.folder / file.name).symlink_to(file)

    def to_mock(self, text: str) -> str:
        """Returns a text that names this mock where a document names another."""
        text = re.sub(
            r"http://127\.0\.0\.1:3001(?!/t/|/openapi)|https://my-tenant\.logto\.app(?!/api)", self.base, text
        )
        return text.replace(":3001", f":{self.port}").replace("TOKEN=...", "TOKEN=dev-token")

    def run(self, line: str, codes: tuple[int, ...] = (0,)) -> str:
        """Runs a line in a shell; returns what it prints."""
        command = [tool("bash"), "-c", self.to_mock(line)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode in codes, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def curl(self, line: str) -> None:
        """The mock answers, and not with an error of the server."""
        tool("curl")
        printed = self.run(line.replace("curl ", "curl -sS -o - -w '%{http_code}' ", 1), (0, CUT_SHORT))
        assert int(printed[-3:]) in (200, 201, 204, 403), printed

    def mockserver(self, line: str) -> None:
        """A server starts, and ends when it is told to; any other command does its work, a judge in short."""
        if not re.search(r" (serve|proxy) ?", line):
            arguments = shlex.split(self.to_mock(line).partition(" >")[0].replace(" check ", " check --depth quick "))
            result = CliRunner().invoke(cli.group, arguments[1:], env=self.environment)
            assert result.exit_code == 0, f"{line}\n{result.output}"
            return
        command = [tool("bash"), "-c", f"exec {line} --port 0"]
        with subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            first = server.stdout.readline()
            server.terminate()
            _, errors = server.communicate(timeout=20)
        assert "/api/logs" in first, f"{line}\n{errors}"
        assert server.returncode == (2 if " proxy " in line else 0), errors  # nothing passed, and that is no green

    def pytest(self, line: str) -> None:
        """The tests in the folder pass; the variables before the program are set for them."""
        variables, _, arguments = self.to_mock(line).partition("pytest")
        with pytest.MonkeyPatch.context() as patch:
            for variable in variables.split():
                patch.setenv(*variable.split("=", 1))
            result = self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *shlex.split(arguments))
        assert result.ret == pytest.ExitCode.OK

    def schemathesis(self, line: str) -> None:
        """Finds nothing in a few requests; a whole run takes a minute."""
        self.run(f"{line} --phases fuzzing --max-examples 5")

    def environment_line(self, line: str) -> None:
        """The credentials of the mock stand for those of the reader."""
        names = re.findall(r"(\w+)=", line)
        assert {f"MOCKSERVER_CLIENT_{name}" for name in ("ID", "SECRET")} == set(names), line
        self.environment |= {"MOCKSERVER_CLIENT_ID": "mock-app", "MOCKSERVER_CLIENT_SECRET": "mock-secret"}

    def install(self, line: str) -> None:
        """Nothing is installed by a test: what is asked for exists."""
        extras = re.findall(r"\.\[([\w,]+)\]", line)
        declared = (docs.ROOT / "pyproject.toml").read_text()
        assert all(f"\n{extra} = [" in declared for extra in ",".join(extras).split(",") if extra), line

    def make(self, line: str) -> None:
        """The Makefile has the target; starting it would set up an environment."""
        assert f"\n{line.split()[-1]}:" in (docs.ROOT / "Makefile").read_text(), line

    def uvx(self, line: str) -> None:
        """The package is installed here already: the script does the rest of the line."""
        assert line.startswith("uvx --from . "), line
        self.mockserver(line.removeprefix("uvx --from . "))

    def pass_over(self, line: str) -> None:
        """A line that cannot run here: it fetches the repository, or starts what nobody ends."""


# What each program of an `sh` block does here. A line that starts another program fails.
PROGRAMS: dict[str, Callable[[Reader, str], object]] = {
    "curl": Reader.curl,
    "echo": Reader.run,
    "eval": Reader.run,
    "export": Reader.environment_line,
    **dict.fromkeys(("for", "git", "mkdir"), Reader.pass_over),
    "make": Reader.make,
    "mockserver": Reader.mockserver,
    "npx": lambda reader, line: reader.run(f"{Path(installed(line.split()[1])).parent}/{line[4:]}"),
    "pip": Reader.install,
    "pytest": Reader.pytest,
    "st": Reader.schemathesis,
    "uvx": Reader.uvx,
}


@pytest.fixture
def reader(pytester: pytest.Pytester, documented_port: int, request: pytest.FixtureRequest) -> Reader:
    return Reader(pytester, documented_port, request.node.callspec.params["name"].lower())


@DOCUMENTS
def test_each_command_works_from_top_to_bottom(name: str, reader: Reader) -> None:
    for number, block in enumerate(blocks(name, "python")):
        (reader.folder / f"test_block_{number}.py").write_text(block)
    for block in blocks(name, "sh"):
        for line in block.splitlines():
            words = [word for word in shlex.split(line) if not re.match(r"[A-Z_]+=", word)]
            PROGRAMS[words[0]](reader, line)


@DOCUMENTS
def test_each_block_of_python_is_a_file_of_tests_that_pass(name: str, reader: Reader) -> None:
    for number, block in enumerate(blocks(name, "python")):
        (reader.folder / f"test_block_{number}.py").write_text(block)
        reader.pytest(f"pytest test_block_{number}.py")


@DOCUMENTS
def test_each_block_of_javascript_runs(name: str, reader: Reader) -> None:
    for block in blocks(name, "js"):
        assert re.fullmatch(r"20 \d+\n", run_text(reader.to_mock(block))), block


@DOCUMENTS
def test_each_block_of_yaml_is_a_list_of_known_deviations(name: str, tmp_path: Path) -> None:
    for block in blocks(name, "yaml"):
        if block.startswith("- uses:"):
            continue
        (tmp_path / "known.yaml").write_text(block)
        known_deviations("", str(tmp_path / "known.yaml"))


@DOCUMENTS
def test_each_block_of_toml_is_a_file_of_options(name: str, tmp_path: Path) -> None:
    for block in blocks(name, "toml"):
        (tmp_path / FILE).write_text(block)
        assert read_config(tmp_path / FILE)


def test_the_documents_name_the_bounds_of_a_file_of_options() -> None:
    text = prose("configuration")
    assert f"at most {MOST_BYTES:,} bytes, and a line at most {MOST_DOTS} dots" in text


@DOCUMENTS
def test_each_step_of_a_workflow_gives_the_action_inputs_that_it_has(name: str) -> None:
    inputs = read_yaml((docs.ROOT / "action.yml").read_text())["inputs"]
    for block in blocks(name, "yaml"):
        for step in read_yaml(block) if block.startswith("- uses:") else ():
            assert set(step["with"]) <= set(inputs)


@DOCUMENTS
def test_the_program_accepts_what_a_container_is_given(name: str) -> None:
    """A block of the language `shell` needs a container engine; `.ci/container` tries the image."""
    for line in "".join(blocks(name, "shell")).splitlines():
        assert line.startswith("docker "), line
        arguments = line.partition(" logto-mockserver")[2]
        for variable in re.findall(r"-e (MOCKSERVER_\w+)=", line):
            assert variable in VARIABLES, line
        if arguments.strip() and not arguments.startswith(" ."):
            accept(f"mockserver{arguments}")


@DOCUMENTS
def test_no_block_is_left_out(name: str) -> None:
    """`text` is what a program prints; `test_languages.py` sees to those of one page; all others are run above."""
    languages = re.findall(r"^```(\w*)\n.*?^```", docs.DOCUMENTS[name].read_text(), re.DOTALL | re.MULTILINE)
    assert set(languages) <= {"sh", "python", "js", "yaml", "toml", "text", "shell", "java", "go", "typescript"}
