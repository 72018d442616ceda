"""``mockserver generate``: files that are whole, pipes that can be continued, silence where nobody looks."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.contract.filters import EVERYTHING
from mockserver.contract.jsontext import decode
from mockserver.logs.files import replacing
from mockserver.logs.source import Opening, read_source
from tests.cli.test_progress import Terminal

GENERATE = [sys.executable, "-m", "mockserver", "generate"]
NOW = ("--now", "2026-11-23")


def _printed(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> bytes:
    with pytest.raises(SystemExit) as left:
        main(["generate", *arguments])
    assert left.value.code == 0
    return capfdbinary.readouterr().out


def _logs(source: str) -> list[bytes]:
    logs = read_source(source).open(Opening(1_795_392_000.0)).logs("default")
    return list(logs.slice(EVERYTHING, 0, logs.count(EVERYTHING)))


@pytest.mark.parametrize("source", ["seeded", "faker:count=450", "hypothesis:count=5"])
def test_a_log_a_line_newest_first(source: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """450 logs are more than two batches."""
    assert _printed(capfdbinary, source, *NOW).split(b"\n") == [*_logs(source), b""]


@pytest.mark.parametrize("count", [0, 1, 200, 201])
def test_one_json_array(count: int, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    text = _printed(capfdbinary, f"faker:count={count}", "--format", "json", *NOW)
    assert decode(text) == list(map(decode, _logs(f"faker:count={count}")))
    assert text.endswith(b"]\n")


def test_no_logs_are_no_lines(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert _printed(capfdbinary, "faker:count=0") == b""


def test_a_run_that_broke_off_is_continued(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    whole = _printed(capfdbinary, "faker:count=300", *NOW)
    rest = _printed(capfdbinary, "faker:count=300", "--skip", "120", *NOW)
    assert whole.splitlines()[120:] == rest.splitlines()
    assert _printed(capfdbinary, "faker:count=300", "--skip", "301", *NOW) == b""


def test_a_file_is_as_its_pipe(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "logs.jsonl"
    assert _printed(capfdbinary, "faker:count=50", *NOW, "-o", str(file)) == b""
    assert file.read_bytes() == _printed(capfdbinary, "faker:count=50", *NOW)
    mask = os.umask(0)
    os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_keeps_pointing_to_the_file_that_is_written(tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "file"
    file.write_text("old")
    link.symlink_to(file)
    with pytest.raises(SystemExit):
        main(["generate", "faker:count=1", "-o", str(link)])
    assert link.is_symlink()
    assert len(file.read_bytes().splitlines()) == 1


def test_an_interrupted_run_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "logs.jsonl"
    file.write_text("old")

    def interrupted() -> None:
        with replacing(file) as part:
            part.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_device_is_written_to_and_not_replaced(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["generate", "faker:count=1", "-o", "/dev/full"])
    assert left.value.code == 2
    expected = "Error: /dev/full: found no space left on device, expected a place that can be written to\n"
    assert capfd.readouterr().err == expected
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["faker:count=5", "-o", "/nowhere/logs"], "/nowhere/logs: found no such file or directory"),
        (["faker:count=5", "--format", "json", "--skip", "2"], "--skip: found an array, expected JSON lines"),
        (["faker:cont=5"], "did you mean count?"),
        (["faker", "--now", "yesterday"], "now: found 'yesterday'"),
        (["faker:count=1000000000", "--now", "0001-01-02"], "now: found"),
        (["fakr"], "expected one of faker, hypothesis, seeded"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["generate", *arguments])
    assert left.value.code == 2
    told = capfd.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_a_reader_that_leaves_ends_a_run_in_silence() -> None:
    with subprocess.Popen(
        [*GENERATE, "faker:count=1000000000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert decode(run.stdout.readline())["tenantId"] == "default"
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(30) == 1


def test_logs_that_go_to_the_terminal_themselves_have_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    output, terminal = io.TextIOWrapper(io.BytesIO()), Terminal()
    monkeypatch.setattr(output, "isatty", terminal.isatty, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", output)
    with pytest.raises(SystemExit):
        main(["generate", "faker:count=3"])
    assert terminal.getvalue() == ""


def test_a_run_that_is_ended_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    with subprocess.Popen([*GENERATE, "faker:count=3000000", "-o", str(tmp_path / "logs.jsonl")]) as run:
        try:
            while not list(tmp_path.iterdir()):
                assert run.poll() is None
            run.terminate()
            assert run.wait(30) == 128 + signal.SIGTERM
        finally:
            run.kill()
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_reader_waits_ends_when_told(tmp_path: Path) -> None:
    """Nobody reads the pipe, so the write in which the run is ended would never return."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([*GENERATE, "faker:count=3000000", "-o", str(pipe)]) as run, pipe.open("rb") as reader:
        try:
            assert reader.read(1) == b"{"
            run.terminate()
            assert run.wait(30) == -signal.SIGTERM
        finally:
            run.kill()
