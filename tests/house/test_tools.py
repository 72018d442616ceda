"""What happens to tests whose programs are missing: they are left out, told of, and under CI they fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import node, tools
from tests.support.browser import chromium

ROOT = Path(__file__).parent.parent.parent


def open_browser() -> None:
    chromium().__enter__()


@pytest.mark.parametrize(
    "needy", [open_browser, lambda: node.source("axe-core/axe.min.js"), lambda: tools.tool("curl")]
)
def test_a_test_without_its_program_fails_under_ci_and_is_left_out_elsewhere(
    monkeypatch: pytest.MonkeyPatch, needy: Callable[[], object]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"^without \w+: `make tools` installs it"):
        needy()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match=r"^without \w+$"):
        needy()


def test_a_test_whose_packages_cannot_be_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(node, "tool", lambda name: name)
    monkeypatch.setattr(node, "_are_installed", lambda: False)
    with pytest.raises(pytest.skip.Exception, match="npm could not"):
        node.source("axe-core/axe.min.js")


@pytest.mark.parametrize(
    ("skipped", "command", "lines"),
    [
        ([], ["coverage", "report"], []),
        (
            ["without node", "without curl", "without node"],
            ["coverage", "report", "--fail-under=0"],
            ["", "All other tests passed, 3 were left out:", "    1 without curl", "    2 without node",
             "To add what is missing: make tools", "Complete coverage is demanded where nothing is left out."],
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", [0, 2])
def test_the_end_says_what_was_left_out_and_demands_complete_coverage_only_where_nothing_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    skipped: list[str], command: list[str], lines: list[str], code: int,
) -> None:  # fmt: skip
    commands: list[list[str]] = []

    def report(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        commands.append(arguments[2:])
        return subprocess.CompletedProcess(arguments, code)

    monkeypatch.setattr(subprocess, "run", report)
    monkeypatch.setattr(tools, "LEFT_OUT", tmp_path / "left-out")
    tools.note(skipped[:1])
    tools.note(skipped[1:])
    assert tools.main() == code
    assert commands == [command]
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize(
    ("present", "asked"),
    [
        (["curl", "node", "npm"], "install -y -qq --no-install-recommends chromium nginx"),
        (["curl", "nginx", "npm"], "install -y -qq --no-install-recommends chromium nodejs"),
        ([], "install -y -qq --no-install-recommends chromium curl nginx nodejs npm"),
        (["chromium", "curl", "nginx", "node", "npm"], None),
    ],
)
def test_make_tools_asks_for_what_is_missing_alone(tmp_path: Path, present: list[str], asked: str | None) -> None:
    """Debian's npm conflicts with a Node.js from elsewhere, which has brought its own."""
    called = tmp_path / "called"
    for name in (*present, "apt-get", "id", "python"):
        program = tmp_path / name
        told = {"apt-get": f'echo "$*" >> {called}', "id": "echo 0"}.get(name, "")
        program.write_text(f"#!/bin/sh\n{told}\n")
        program.chmod(0o755)
    make = [shutil.which("make") or "", "--old-file=.venv/.all", "tools", f"BIN={tmp_path}", "MAKEFLAGS="]
    subprocess.run(make, cwd=ROOT, env={"PATH": str(tmp_path), "missing": "x"}, check=True, capture_output=True)
    lines = called.read_text().splitlines() if called.exists() else []
    assert lines == ([] if asked is None else ["update -qq", asked])
