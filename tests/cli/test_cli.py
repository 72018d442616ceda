"""The command line: help, lists, files judged, tokens printed, and what must be mended in one line."""

from __future__ import annotations

import base64
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mockserver import __version__
from mockserver.cli import COMMANDS, group, main
from mockserver.cli.options import option
from mockserver.contract.errors import MockserverError
from mockserver.faults.kinds import KINDS
from mockserver.faults.offences import catalogue
from mockserver.logs.source import SOURCES
from mockserver.mock import tokens
from tests.conftest import FIXTURES

Run = Callable[..., tuple[int, str, str]]
LOG = '{"tenantId":"default","id":"a","key":"K","payload":{"key":"K","result":"Success"},"createdAt":1}\n'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in this process: exit code, output, errors."""

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        code = ended.value.code
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return command


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_its_sentence_and_its_options_by_environment(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    found = group.get_command(click.Context(group), command)
    assert found is not None
    assert code == 0
    assert (found.help or "").partition("\n")[0] in " ".join(out.split())
    for parameter in found.params:
        assert parameter.name is not None
        if isinstance(parameter, click.Option):
            assert parameter.envvar == "MOCKSERVER_" + parameter.opts[-1].removeprefix("--").upper().replace("-", "_")
            assert parameter.opts[-1] in out
    assert not found.params or "Examples:" in out


def test_the_help_of_all_lists_every_command_with_its_sentence(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines()] == list(COMMANDS)


def test_the_version_is_told_by_every_way_in(run: Run) -> None:
    assert run("--version") == (0, f"mockserver {__version__}\n", "")
    done = subprocess.run([sys.executable, "-m", "mockserver", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"mockserver {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sreve"], "Error: command: found 'sreve', expected one of check, checks, faults, generate, offences, "),
        (["serve", "--port", "x"], "'x' is not a valid integer"),
        (["serve", "--port", "70000"], "70000 is not in the range"),
        (["serve", "--profile", "obs"], "'obs' is not one of 'documented', 'observed', 'observed-1.42'"),
        (["serve", "--growth", "nan"], "Error: growth: found nan, expected a number of logs a second from 0"),
        (["serve", "--now", "soon"], "Error: now: found 'soon', expected live or a moment as in ISO 8601"),
        (
            ["serve", "--logs", "fakr"],
            "Error: source: found 'fakr', expected one of faker, hypothesis, seeded; did",
        ),
        (["serve", "--logs", "seeded:path=nowhere"], "Error: nowhere: found no such file or directory, expected a"),
        (["serve", "--logs", 'seeded:path="\\u0000"'], "found embedded null byte, expected the name of a file"),
        (
            ["serve", "--logs", "seeded", "--allow-invalid"],
            "Error: allow-invalid: found profile documented, expected",
        ),
        (["serve", "--logs", "seeded", "--fault", "sttus"], "'sttus'"),
        (["serve", "--logs", "seeded", "--host", "a..b", "-p", "0"], "Error: a..b:0: found no host name, expected"),
        (["serve", "--logs", "seeded", "--admin-token", ""], "Error: admin-token: found an empty one, expected"),
        (["serve", "--logs", "seeded", "--host", "192.0.2.1", "-p", "0"], "Error: 192.0.2.1:0: found "),
        (["validate"], "Missing argument 'FILE...'"),
        (["validate", "nowhere"], "Error: nowhere: found no such file or directory, expected a readable file"),
        (["validate", "."], "Error: .: found is a directory, expected a readable file of JSON lines"),
        (["token", "--claim", "a"], "Error: --claim: found 'a', expected NAME=JSON\n"),
        (["token", "--claim", "a=b"], "found 'a=b', expected NAME=JSON; quote a text as in JSON: a='\"text\"'"),
        (["token", "--header", "alg=}"], "Error: --header: found 'alg=}', expected NAME=JSON"),
        (["token", "--expires-in", "9" * 20], "Error: token: found Integer exceeds 64-bit range"),
        (["token", "--scope", "\udcff"], "Error: token: found str is not valid UTF-8"),
        (["token", "--sign", "rs256"], "'rs256' is not one of 'es384', 'hs256', 'none', 'other-key'"),
    ],
)
def test_what_must_be_mended_is_told_with_exit_code_2_and_no_traceback(
    run: Run, arguments: list[str], told: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize("which", ["sources", "faults", "offences"])
def test_a_list_has_a_line_for_each_entry_of_its_registry(run: Run, which: str) -> None:
    code, out, _ = run(which)
    registries = {"sources": SOURCES, "faults": KINDS, "offences": catalogue()}
    names = [re.split(r"[:\t]", line)[0] for line in out.splitlines() if "\t" in line]
    assert (code, names) == (0, list(registries[which]))


def test_importing_the_module_behind_the_command_runs_nothing() -> None:
    assert importlib.import_module("mockserver.__main__").main is main


def test_files_that_keep_the_contract_pass(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    code, out, err = run("validate", str(FIXTURES / "logs.jsonl"), str(tmp_path / "empty"))
    count = len((FIXTURES / "logs.jsonl").read_text().splitlines())
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{FIXTURES / 'logs.jsonl'}: {count} logs keep the contract",
        f"{tmp_path / 'empty'}: 0 logs keep the contract",
    ]


def test_every_bad_line_is_told_and_the_good_files_too(run: Run, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad", tmp_path / "good"
    bad.write_text(LOG + "{\n" * 30 + LOG)
    good.write_text(LOG)
    code, out, _ = run("validate", str(bad), str(good))
    lines = out.splitlines()
    assert (code, len(lines)) == (1, 22)
    assert lines[0].startswith(f"{bad}:2: (log): found no JSON")
    assert lines[20:] == ["and 11 more", f"{good}: 1 logs keep the contract"]
    code, _, err = run("serve", "--logs", f"seeded:path={bad}")
    assert (code, len(err.splitlines())) == (2, 21)


def claims(printed: str) -> dict[str, Any]:
    assert printed.count("\n") == 1
    return dict(tokens.verified_claims(printed.strip()))


def test_a_token_is_printed_alone_and_is_what_was_asked_for(run: Run) -> None:
    usual = claims(run("token")[1])
    assert usual["exp"] - usual["iat"] == 3600
    assert (usual["scope"], usual["iss"], usual["aud"]) == ("all", tokens.ISSUER, "https://default.logto.app/api")
    other = claims(
        run(
            "token", "--scope", "a b", "--issuer", "https://x.example.com", "--expires-in", "-60", "--claim", "n=[1]",
            "--claim", 'sub="ü"', "--drop", "jti", "--drop", "unheard-of",
        )[1]
    )  # fmt: skip
    assert other["exp"] - other["iat"] == -60
    assert (other["scope"], other["iss"], other["n"], other["sub"]) == ("a b", "https://x.example.com", [1], "ü")
    assert "jti" not in other


@pytest.mark.parametrize(
    "arguments", [["--sign", "none"], ["--sign", "hs256"], ["--tamper", "payload"], ["--header", 'kid="x"']]
)
def test_a_token_spoiled_on_purpose_is_printed_and_refused(run: Run, arguments: list[str]) -> None:
    code, out, _ = run("token", *arguments)
    assert (code, out.count(".")) == (0, 2)
    with pytest.raises(Exception, match=r"auth\.unauthorized"):
        tokens.verified_claims(out.strip())


def test_every_option_reads_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_SCOPE", "from the environment")
    monkeypatch.setenv("MOCKSERVER_EXPIRES_IN", "5")
    read = claims(run("token", "--expires-in", "7")[1])
    assert (read["scope"], read["exp"] - read["iat"]) == ("from the environment", 7)
    monkeypatch.setenv("MOCKSERVER_PORT", "x")
    assert run("serve")[0] == 2


def test_an_option_is_read_from_the_variable_of_its_long_name() -> None:
    @click.command()
    @option("-l", "--long-name", default="")
    def command(long_name: str) -> None:
        click.echo(long_name)

    assert CliRunner().invoke(command, env={"MOCKSERVER_LONG_NAME": "x"}).output == "x\n"


def test_a_command_that_fails_is_told_once(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise MockserverError("place", "x", "y", "z")

    monkeypatch.setattr(group, "main", fail)
    assert run() == (2, "", "Error: place: found x, expected y; z\n")


def test_starting_brings_no_library_that_is_not_needed() -> None:
    """``--help`` imports no framework, source or judge."""
    program = "import sys, mockserver.cli; print([name for name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    brought = {name.partition(".")[0] for name in json.loads(done.stdout.replace("'", '"'))}
    assert not brought & {
        "flask",
        "gevent",
        "faker",
        "hypothesis",
        "schemathesis",
        "joserfc",
        "jsonschema_rs",
        "rich",
        "yaml",
    }


def test_an_option_that_may_be_repeated_comes_from_the_environment_one_value_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_CLAIM", 'note="two words"\nsub="another"')
    _, token, _ = run("token")
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert (claims["note"], claims["sub"]) == ("two words", "another")
