"""``mockserver serve`` as a user runs it: a process that prints three lines, answers, and ends at a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from mockserver.edge.certificate import AUTHORITY, SERVER, own_certificate
from tests.cli.conftest import Run
from tests.conftest import FIXTURES
from tests.support.tools import tool
from tests.support.wire import is_open, request, until

pytestmark = pytest.mark.usefixtures("counted")

TOKEN = [("Authorization", "Bearer dev-token")]


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A running server; it is ended, as a user would end it, if it still runs."""
    command = [sys.executable, "-m", "mockserver", "serve", "--logs", "seeded", "--port", "0", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, env=os.environ | environment, **pipes)  # type: ignore[call-overload]  # the pipes are Popen's own arguments
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def lines(process: subprocess.Popen[str]) -> tuple[str, str, str]:
    """The three lines that it prints when it answers."""
    assert process.stdout is not None
    return process.stdout.readline(), process.stdout.readline(), process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_three_lines_answers_and_ends_at_a_signal(number: signal.Signals) -> None:
    with serving() as process:
        first, second, third = lines(process)
        count = len((FIXTURES / "logs.jsonl").read_text().splitlines())
        served = re.fullmatch(r"Serving (\d+) logs at (http://127\.0\.0\.1:(\d+)/api/logs)\n", first)
        assert served is not None
        assert 0 < int(served[1]) <= count
        assert second == f"Console: {served[2].removesuffix('/api/logs')}/__admin/\n"
        assert third.startswith("curl ")
        port = int(served[3])
        assert request(port, "/api/logs", TOKEN).header("total-number") == served[1]
        # An open connection must not delay the end.
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"GET /api/logs HTTP/1.1\r\n")
            process.send_signal(number)
            assert process.wait(30) == 0
        out, errors = process.communicate()
        assert errors == ""
        assert re.fullmatch(r"\S+ GET /api/logs 200 \d+ B \S+ ms\n", out)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_the_curl_line_that_it_prints_works() -> None:
    tool("curl")
    with serving("--profile", "observed") as process:
        _, _, line = lines(process)
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=10, check=True)
        assert len(json.loads(done.stdout)) == 3


def test_options_are_read_from_the_environment_and_quiet_prints_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving(
        "--port", str(port), "--quiet", MOCKSERVER_AUTH="off", MOCKSERVER_FAULT="status:code=503,times=1"
    ) as process:
        until(lambda: is_open(port))
        assert [request(port, "/api/logs").status for _ in range(2)] == [503, 200]
        process.terminate()
        assert process.communicate() == ("", "")


def test_options_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[serve]\nfaults = ["status:code=418,times=1"]\nlog = "off"\nauth = "off"\n')
    with serving("--config", str(tmp_path / "own.toml")) as process:
        port = int(re.findall(r":(\d+)/api/logs", lines(process)[0])[0])
        assert [request(port, "/api/logs").status for _ in range(2)] == [418, 200]
        process.terminate()
        assert process.communicate() == ("", "")


def test_a_file_that_is_read_again_is_told_on_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "logs.json"
    file.write_text("[]")
    with serving("--logs", str(file)) as process:
        lines(process)
        file.write_text("[ ]")
        assert process.stderr is not None
        assert process.stderr.readline() == f"{file}: read again, 0 logs\n"


def test_a_port_in_use_is_an_error_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, serving("--port", str(taken.getsockname()[1])) as process:
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err.count("\n")) == (2, "", 1)
        assert re.fullmatch(r"Error: 127\.0\.0\.1:\d+: found .* in use, .*--port \(0 picks a free one\).*\n", err)


def test_a_token_of_the_control_api_is_printed_if_it_is_the_published_one_and_no_other() -> None:
    """That of the image: a secret token does not belong into the output of a container."""
    with serving("--admin-token", "dev-admin-token") as process:
        assert "dev-admin-token" in "".join(lines(process))
    with serving("--admin-token", "secret-admin-token") as process:
        assert "secret-admin-token" not in "".join(lines(process))


def port_of(process: subprocess.Popen[str]) -> int:
    return int(re.findall(r":(\d+)/api/logs", lines(process)[0])[0])


def test_with_json_every_line_is_json() -> None:
    with serving("--log", "json", "--fault", "status:code=503") as process:
        assert process.stdout is not None
        start = json.loads(process.stdout.readline())
        assert start.keys() == {"time", "logs", "url", "console", "curl"}
        request(int(start["url"].rpartition(":")[2]), "/t/acme/api/logs?token=secret")
        exchange = json.loads(process.stdout.readline())
        assert (exchange["target"], exchange["faults"]) == ("/t/acme/api/logs?token=***", ["status:code=503"])


def test_with_quiet_and_json_there_are_the_lines_of_requests_alone() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving("--port", str(port), "--quiet", "--log", "json") as process:
        until(lambda: is_open(port))
        request(port, "/api/logs")
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["status"] == 401


def test_without_a_log_there_are_the_places_alone() -> None:
    with serving("--log", "off") as process:
        request(port_of(process), "/api/logs")
        process.terminate()
        assert process.communicate() == ("", "")


def test_a_console_that_is_closed_to_others_is_said_to_be_off() -> None:
    with serving("--host", "0.0.0.0") as process:
        assert lines(process)[1] == "Console: off; --admin-token opens it on this host\n"


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_on_a_terminal_lines_have_colours_unless_they_are_forbidden(
    environment: dict[str, str], coloured: bool
) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "mockserver", "serve", "--logs", "seeded", "--port", "0"]
    process = subprocess.Popen(command, stdout=theirs, env=os.environ | {"TERM": "xterm", "NO_COLOR": ""} | environment)
    os.close(theirs)
    try:
        with os.fdopen(ours, errors="replace") as screen:
            port = int(re.findall(r":(\d+)/api/logs", screen.readline())[0])
            screen.readline(), screen.readline()
            request(port, "/api/logs")
            assert ("\x1b[33m401\x1b[0m" in screen.readline()) is coloured
    finally:
        process.kill()
        process.wait()


def test_a_terminal_shows_how_far_the_logs_are_before_the_server_is_ready() -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "mockserver", "serve", "--logs", "hypothesis:count=30,seed=9", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    try:
        port_of(process)
        os.set_blocking(ours, False)
        assert "Drawing logs" in os.read(ours, 4096).decode()
    finally:
        process.kill()
        process.communicate()
        os.close(ours)


def test_a_reader_that_leaves_after_the_first_lines_does_not_end_the_server() -> None:
    with serving() as process:
        port = port_of(process)
        assert process.stdout is not None
        process.stdout.close()
        for _ in range(3):
            assert request(port, "/api/logs").status == 401
        process.terminate()
        assert process.wait(30) == 0
        process.stdout = None


def test_pipes_that_nobody_reads_do_not_stop_the_server() -> None:
    """Both pipes are full: each request would write a line to one of them."""
    with serving() as process:
        port = port_of(process)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            fill(pipe.fileno())
        for _ in range(300):
            assert request(port, "/api/logs").status == 401
        process.terminate()
        assert process.wait(30) == 0


def fill(reads: int) -> None:
    """Fills a pipe by its end to read."""
    writes = os.open(f"/proc/self/fd/{reads}", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(writes, b"\n" * 4096)
    os.close(writes)


def test_with_tls_the_curl_line_trusts_the_certificate_that_is_named(tmp_path: Path) -> None:
    tool("curl")
    with serving("--tls", XDG_CACHE_HOME=str(tmp_path / "with blank")) as process:
        assert process.stdout is not None
        where, console, trust, line = (process.stdout.readline() for _ in range(4))
        assert " at https://127.0.0.1:" in where
        assert console.startswith("Console: https://127.0.0.1:")
        assert trust == (
            "Trust the certificate: curl --cacert FILE, NODE_EXTRA_CA_CERTS=FILE or REQUESTS_CA_BUNDLE=FILE, "
            f"with FILE {tmp_path / 'with blank' / 'mockserver' / 'tls' / 'ca.pem'}\n"
        )
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=10, check=True)
        assert len(json.loads(done.stdout)) == 3


def test_a_certificate_of_ones_own_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = own_certificate()
    pair = ("--tls-cert", str(made / SERVER), "--tls-key", str(made / SERVER))
    with serving(*pair, "--log", "json") as process:
        assert process.stdout is not None
        start = json.loads(process.stdout.readline())
        assert "trust" not in start
        with httpx.Client(verify=ssl.create_default_context(cafile=made / AUTHORITY)) as client:
            assert client.get(f"{start['url']}/api/logs").status_code == 401


@pytest.mark.parametrize("given", ["--tls-cert", "--tls-key"])
def test_a_certificate_and_its_key_are_given_together(given: str, run: Run) -> None:
    missing = ({"--tls-cert", "--tls-key"} - {given}).pop()
    assert run("serve", given, "some.pem") == (2, "", f"Error: tls: found {given} alone, expected {missing} with it\n")
