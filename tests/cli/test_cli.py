"""The command line as a whole: its help page, its version, and errors in one line with exit code 2."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver import __version__
from mockserver.cli import COMMANDS, group, main
from mockserver.contract.errors import MockserverError
from mockserver.logs.source import SOURCES
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("counted")


def test_the_help_page_lists_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert [line.split()[0] for line in out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()] == list(
        COMMANDS
    )


def test_the_command_and_the_module_print_the_same_version(run: Run) -> None:
    assert run("--version") == (0, f"mockserver {__version__}\n", "")
    done = subprocess.run([sys.executable, "-m", "mockserver", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"mockserver {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sreve"], "Error: command: found 'sreve', expected one of check, checks, faults, generate, health, "),
        (["serve", "--port", "x"], "'x' is not a valid integer"),
        (["serve", "--port", "70000"], "70000 is not in the range"),
        (["serve", "--profile", "obs"], "'obs' is not one of 'documented', 'observed', 'observed-1.42'"),
        (["serve", "--growth", "nan"], "Error: growth: found nan, expected a number of logs a second from 0"),
        (["serve", "--now", "soon"], "Error: now: found 'soon', expected live or a moment as in ISO 8601"),
        (
            ["serve", "--logs", "fakr"],
            f"Error: source: found 'fakr', expected one of {', '.join(sorted(SOURCES))}; did",
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
        (["validate", "nowhere"], "Error: nowhere: found no such file or directory, expected a file of logs"),
        (["validate", "."], "Error: .: found a directory, expected a file of logs"),
        (["token", "--claim", "a"], "Error: --claim: found 'a', expected NAME=JSON\n"),
        (["token", "--claim", "a=b"], "found 'a=b', expected NAME=JSON; quote a text as in JSON: a='\"text\"'"),
        (["token", "--header", "alg=}"], "Error: --header: found 'alg=}', expected NAME=JSON"),
        (["token", "--expires-in", "9" * 20], "Error: token: found Integer exceeds 64-bit range"),
        (["token", "--scope", "\udcff"], "Error: token: found str is not valid UTF-8"),
        (["token", "--sign", "rs256"], "'rs256' is not one of 'es384', 'hs256', 'none', 'other-key'"),
    ],
)
def test_an_error_that_the_user_can_mend_ends_with_exit_code_2_and_no_traceback(
    run: Run, arguments: list[str], message: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_the_program_runs_the_command_line_and_importing_it_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = importlib.import_module("mockserver.__main__")
    monkeypatch.setattr(sys, "argv", ["mockserver", "--version"])
    with pytest.raises(SystemExit, match="0"):
        program.main()
    assert capsys.readouterr().out == f"mockserver {__version__}\n"


def test_serve_hears_signals_before_anything_is_imported() -> None:
    program = "import sys; sys.argv = ['mockserver', 'serve', '--help']; from mockserver.__main__ import main; main()"
    told = "import signal; signal.signal = lambda number, act: print(number.name, 'click' in sys.modules); "
    process = subprocess.run([sys.executable, "-c", f"import sys; {told}{program}"], capture_output=True, text=True)
    assert process.stdout.splitlines()[:2] == ["SIGINT False", "SIGTERM False"]


def test_an_error_is_printed_once(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise MockserverError("place", "x", "y", "z")

    monkeypatch.setattr(group, "main", fail)
    assert run() == (2, "", "Error: place: found x, expected y; z\n")


def test_starting_imports_no_large_library() -> None:
    """``--help`` imports no framework, source or judge."""
    program = "import sys, mockserver.cli; print([name for name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in json.loads(done.stdout.replace("'", '"'))}
    assert not imported & {
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


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(28, "No space left on device"), "Error: standard output: no space left on device\n"),
        (OSError(13, "Permission denied", "some-file"), "Error: some-file: permission denied\n"),
    ],
)
def test_an_error_of_the_system_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: OSError, line: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(group, "main", fail)
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert capsys.readouterr() == ("", line)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["faults"], ["generate", "faker:count=3"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_reported_in_one_line(arguments: list[str], unbuffered: str) -> None:
    """Also where Python keeps what was not written, and tries again at its end."""
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "mockserver", *arguments]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=30)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: ")
    assert ended.stderr.endswith("no space left on device\n" if arguments == ["faults"] else "be written to\n")
    assert ended.stderr.count("\n") == 1


def test_a_closed_output_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit, match="2"):
        main(["generate", "faker:count=3"])
    assert "Error: -: found closed, expected a place that can be written to" in capsys.readouterr().err
