"""What a user reads who must mend something: whole lines, with what was found, what was expected and what to do."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Run

# A command a block, and the first line that it prints.
TOLD = [block.splitlines() for block in Path(__file__).with_name("errors.txt").read_text("utf-8").split("\n\n")]
FILES = {
    "bad.toml": "[serve]\nlogs = x\n",
    "soon.yaml": "- {id: a, check: schema, reason: x, expires: soon}\n",
    "when.yaml": "- {id: a, check: schema, reason: x, when: page}\n",
    "empty.jsonl": "",
    "part.jsonl": '{"id": \n',
    "part.json": '[{"id": \n',
}


@pytest.mark.parametrize(("command", "line"), TOLD, ids=[command for command, _ in TOLD])
def test_an_error_is_one_line_with_all_its_parts(
    command: str, line: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    code, output, errors = run(*shlex.split(command)[2:])
    is_error = line.startswith("Error: ")
    assert (code, (errors if is_error else output).splitlines()[0]) == (2 if is_error else 1, line)
