"""``mockserver generate`` writes complete files, and pipes that another run can continue."""

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
from mockserver.logs.source import SOURCES, Opening, read_source
from tests.cli.test_progress import Terminal
from tests.support.wire import until

pytestmark = pytest.mark.usefixtures("counted")

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
def test_each_line_is_a_log_newest_first(source: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The 450 logs are more than two batches."""
    assert _printed(capfdbinary, source, *NOW).split(b"\n") == [*_logs(source), b""]


@pytest.mark.parametrize("count", [0, 1, 200, 201])
def test_the_format_json_is_one_array(count: int, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    text = _printed(capfdbinary, f"faker:count={count}", "--format", "json", *NOW)
    assert decode(text) == list(map(decode, _logs(f"faker:count={count}")))
    assert text.endswith(b"]\n")


def test_a_source_without_logs_gives_no_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert _printed(capfdbinary, "faker:count=0") == b""


def test_a_run_can_be_continued_where_it_ended(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    whole = _printed(capfdbinary, "faker:count=300", *NOW)
    rest = _printed(capfdbinary, "faker:count=300", "--skip", "120", *NOW)
    assert whole.splitlines()[120:] == rest.splitlines()
    assert _printed(capfdbinary, "faker:count=300", "--skip", "301", *NOW) == b""


def test_a_file_and_a_pipe_receive_the_same_bytes(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = tmp_path / "logs.jsonl"
    assert _printed(capfdbinary, "faker:count=50", *NOW, "-o", str(file)) == b""
    assert file.read_bytes() == _printed(capfdbinary, "faker:count=50", *NOW)
    mask = os.umask(0)
    os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_still_points_to_the_file_afterwards(tmp_path: Path) -> None:
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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
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
        (["fakr"], f"expected one of {', '.join(sorted(SOURCES))}"),
    ],
)
def test_an_error_is_one_line(arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["generate", *arguments])
    assert left.value.code == 2
    error = capfd.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_run_ends_silently_when_its_reader_leaves() -> None:
    with subprocess.Popen(
        [*GENERATE, "faker:count=1000000000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert decode(run.stdout.readline())["tenantId"] == "default"
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(30) == 1


def test_logs_that_are_printed_to_the_terminal_have_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    output, terminal = io.TextIOWrapper(io.BytesIO()), Terminal()
    monkeypatch.setattr(output, "isatty", terminal.isatty, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", output)
    with pytest.raises(SystemExit):
        main(["generate", "faker:count=3"])
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_a_signal_ends_leaves_no_incomplete_file(tmp_path: Path, number: signal.Signals) -> None:
    # Whoever runs the tests may ignore it, as under nohup, and children inherit that.
    before = signal.signal(number, signal.SIG_DFL)
    with subprocess.Popen([*GENERATE, "faker:count=3000000", "-o", str(tmp_path / "logs.jsonl")]) as run:
        signal.signal(number, before)
        try:
            until(lambda: list(tmp_path.iterdir()))
            run.send_signal(number)
            assert run.wait(120) == 128 + number
        finally:
            run.kill()
    assert list(tmp_path.iterdir()) == []


def test_a_run_under_nohup_is_not_ended_by_the_hangup(tmp_path: Path) -> None:
    program = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from mockserver.cli.generate import _until_ended\n"
        "with _until_ended() as watched: print(*(os.kill(os.getpid(), signal.SIGHUP) for _ in watched([b'a', b'b'])))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "None None\n"


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "logs.jsonl"
    file.write_text("old")
    file.chmod(0o640)
    with pytest.raises(SystemExit):
        main(["generate", "faker:count=1", "-o", str(file)])
    assert (file.stat().st_mode & 0o7777, len(file.read_bytes().splitlines())) == (0o640, 1)


def test_a_file_that_may_not_be_written_to_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As with a shell. The right is pretended, since root has all."""
    file = tmp_path / "logs.jsonl"
    file.write_text("old")
    monkeypatch.setattr(os, "access", lambda path, right: False)
    with pytest.raises(SystemExit) as left:
        main(["generate", "faker:count=1", "-o", str(file)])
    assert (left.value.code, file.read_text()) == (2, "old")
    assert "found permission denied" in capfd.readouterr().err


def test_links_that_lead_in_a_circle_are_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.symlink_to(two)
    two.symlink_to(one)
    with pytest.raises(SystemExit) as left:
        main(["generate", "faker:count=1", "-o", str(one)])
    assert (left.value.code, one.is_symlink()) == (2, True)
    assert "one: found too many levels of symbolic links, expected a place" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link", "links"])
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc/self/fd here")
def test_an_open_file_is_appended_to_as_a_shell_opened_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / "out"
    file.write_bytes(b"first\n")
    (tmp_path / "link").symlink_to("/dev/stdout")
    (tmp_path / "links").symlink_to("link")
    with file.open("ab") as out:
        subprocess.run([*GENERATE, "faker:count=1", "-o", name], stdout=out, cwd=tmp_path, check=True)
    first, second = file.read_bytes().splitlines()
    assert (first, decode(second)["tenantId"]) == (b"first", "default")


def test_standard_error_and_a_process_substitution_are_written_to() -> None:
    run = subprocess.run([*GENERATE, "faker:count=2", "-o", "/dev/stderr"], capture_output=True, check=True)
    assert (run.stdout, len(run.stderr.splitlines())) == (b"", 2)
    reader, writer = os.pipe()
    with open(reader, "rb") as pipe:
        subprocess.run([*GENERATE, "faker:count=2", "-o", f"/dev/fd/{writer}"], pass_fds=[writer], check=True)
        os.close(writer)
        assert len(pipe.read().splitlines()) == 2


def test_a_run_whose_reader_waits_is_terminated_at_once(tmp_path: Path) -> None:
    """Nobody reads the pipe, so the write that the signal interrupts would never return."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([*GENERATE, "faker:count=3000000", "-o", str(pipe)]) as run, pipe.open("rb") as reader:
        try:
            assert reader.read(1) == b"{"
            run.terminate()
            assert run.wait(30) == -signal.SIGTERM
        finally:
            run.kill()
