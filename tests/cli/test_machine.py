"""What the machine refuses a command (a full disk, a closed output) is one line and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli import group, main


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "Error: standard output: no space left on device\n"),
        (OSError(13, "Permission denied", "some-file"), "Error: some-file: permission denied\n"),
    ],
)
def test_what_the_machine_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: OSError, told: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(group, "main", fail)
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert capsys.readouterr() == ("", told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["faults"], ["generate", "faker:count=3"]])
def test_a_full_disk_is_told_in_one_line(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "mockserver", *arguments]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: ")
    assert ended.stderr.endswith("no space left on device\n" if arguments == ["faults"] else "be written to\n")
    assert ended.stderr.count("\n") == 1


def test_generating_into_a_closed_output_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit, match="2"):
        main(["generate", "faker:count=3"])
    assert "Error: -: found closed, expected a place that can be written to" in capsys.readouterr().err
