"""Completion in shells: the scripts of click ask the program, which answers from its registries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from mockserver.cli import COMMANDS
from mockserver.contract.profile import ProfileName
from mockserver.faults.kinds import KINDS
from mockserver.faults.offences import catalogue
from mockserver.judge.checks import CHECKS
from mockserver.logs.source import SOURCES
from tests.support.tools import tool

pytestmark = pytest.mark.usefixtures("counted")

PROGRAM = [sys.executable, "-m", "mockserver"]


def ask(shell: str, words: str, position: str) -> str:
    """What the program answers to a shell that asks for the word at a position."""
    asked = {"_MOCKSERVER_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": position}
    done = subprocess.run(PROGRAM, env=os.environ | asked, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return done.stdout


def completed(words: str) -> list[str]:
    """What bash is told to offer for the last word of a line; a blank at the end begins a new word."""
    return ask("bash", words, str(len(words.split(" ")) - 1)).splitlines()


def offered(names: object, begun: str = "") -> list[str]:
    return [f"plain,{name}" for name in list(names) if name.startswith(begun)]  # type: ignore[call-overload]  # any registry


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mockserver ", offered(COMMANDS)),
        ("mockserver se", ["plain,serve", "plain,self-test"]),
        ("mockserver serve --tr", ["plain,--trusted-proxy"]),
        ("mockserver serve --fault ", offered(KINDS)),
        ("mockserver serve --fault empty --fault st", offered(KINDS, "st")),
        ("mockserver serve --fault=st", ["plain,status"]),
        ("mockserver serve --profile ", offered(get_args(ProfileName))),
        ("mockserver check --profile observed", offered(get_args(ProfileName), "observed")),
        ("mockserver check --only page", offered(CHECKS, "page")),
        ("mockserver check --skip page", offered(CHECKS, "page")),
        ("mockserver self-test --only ", offered(catalogue())),
        ("mockserver serve --logs ", ["file,", *offered(SOURCES)]),
        ("mockserver serve --logs logs.j", ["file,logs.j"]),
        ("mockserver serve --config ", ["file,"]),
        ("mockserver generate fa", ["file,fa", "plain,faker"]),
        ("mockserver generate faker --output lo", ["file,lo"]),
        ("mockserver validate lo", ["file,lo"]),
        ("mockserver check --report re", ["dir,re"]),
        ("mockserver sreve --fault ", offered(COMMANDS)),
    ],
)
def test_a_word_is_completed_from_its_registry(words: str, expected: list[str]) -> None:
    assert completed(words) == expected


def test_zsh_and_fish_show_the_sentence_of_a_name() -> None:
    check = CHECKS["pages-gap"]
    assert ask("zsh", "mockserver check --only pages-g", "3").splitlines() == ["plain", check.name, check.sentence]
    gap = catalogue()["gap"]
    asked = ask("fish", "mockserver self-test --only gap", "gap").splitlines()
    assert asked[0].replace("\t", ",").split(",")[:3] == ["plain", gap.name, gap.sentence]


def test_a_file_of_options_that_is_bad_does_not_disturb_completion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mockserver.toml").write_text("[")
    monkeypatch.chdir(tmp_path)
    assert completed("mockserver serve --profile d") == ["plain,documented"]


def test_completion_imports_no_more_than_the_registry() -> None:
    """A person waits for it: neither the judge, nor a server, nor a source."""
    program = (
        "import sys; from mockserver.cli import group\n"
        "try: group.main([], prog_name='mockserver')\n"
        "finally: print([name for name in ('flask', 'faker', 'schemathesis', 'hypothesis') if name in sys.modules])"
    )
    asked = {
        "_MOCKSERVER_COMPLETE": "bash_complete", "COMP_WORDS": "mockserver serve --fault st", "COMP_CWORD": "3"
    }  # fmt: skip
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["plain,status", "[]"]


def test_the_script_for_bash_completes_in_bash(tmp_path: Path) -> None:
    """As the line of `mockserver --help` sets it up."""
    program = tmp_path / "mockserver"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mockserver "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(_MOCKSERVER_COMPLETE=bash_source mockserver)"; COMP_WORDS=(mockserver serve --fault mal); '
        'COMP_CWORD=3; _mockserver_completion mockserver; echo "${COMPREPLY[@]}"; complete -p mockserver'
    )
    path = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = [tool("bash"), "-c", script]
    done = subprocess.run(command, env=os.environ | path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [
        " ".join(name for name in KINDS if name.startswith("mal")),
        "complete -o nosort -F _mockserver_completion mockserver",
    ]


def test_the_help_page_says_how_each_shell_is_set_up() -> None:
    done = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, check=True)
    for shell in ("bash", "zsh", "fish"):
        assert f"  {shell}" in done.stdout
        assert f"_MOCKSERVER_COMPLETE={shell}_source mockserver" in done.stdout
