"""README.md is true: its tables come from the registries, and its blocks run."""

from __future__ import annotations

import re
import shlex
import subprocess

import click
import pytest

from mockserver import cli
from tests.support import docs
from tests.support.node import run_text
from tests.support.tools import tool

# The exit code of curl for a body that ends before its Content-Length: CURLE_PARTIAL_FILE.
CUT_SHORT = 18


def test_the_generated_parts_are_up_to_date() -> None:
    """``python -m tests.support.docs`` brings them up to date."""
    text = docs.README.read_text()
    assert set(re.findall(r"<!-- /(\w[\w-]*) -->", text)) == set(docs.PARTS)
    assert docs.generated(text) == text


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", docs.README.read_text(), re.DOTALL | re.MULTILINE)


def _lines(program: str) -> list[str]:
    return [line for block in _blocks("sh") for line in block.splitlines() if line.startswith(program + " ")]


@pytest.mark.parametrize("line", _lines("curl"))
def test_each_curl_line_works_when_pasted(line: str, documented_port: int) -> None:
    """The mock answers it, and not with an error of the server."""
    tool("curl")
    command = line.replace("curl ", "curl -sS -o - -w '%{http_code}' ").replace(
        ":3001/", f":{documented_port}/t/readme/"
    )
    process = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=20)
    assert process.returncode in (0, CUT_SHORT), process.stderr
    assert int(process.stdout[-3:]) in (200, 201, 204, 403)


def test_every_link_and_picture_leads_somewhere() -> None:
    text = re.sub(r"^```.*?^```", "", docs.README.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(([^)\s]+)\)", text)) | set(re.findall(r'(?:src|srcset)="([^"]+)"', text))
    assert "#start" in links
    for link in links:
        assert link in anchors if link.startswith("#") else (docs.README.parent / link).exists(), link


@pytest.mark.parametrize("line", _lines("mockserver"))
def test_the_program_accepts_each_command_line(line: str) -> None:
    _, name, *arguments = shlex.split(line.partition(" >")[0])
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None
    command.make_context(name, arguments)


def test_the_block_with_the_client_of_logto_works(documented_port: int) -> None:
    program = next(block for block in _blocks("js") if "@logto/api" in block)
    assert re.fullmatch(r"20 \d+\n", run_text(program.replace(":3001", f":{documented_port}")))
