"""``mockserver serve`` as a user runs it: a process that prints two lines, answers, and ends at a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import FIXTURES
from tests.support.tools import tool
from tests.support.wire import request

TOKEN = [("Authorization", "Bearer dev-token")]


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A running server; killed at the end if it still runs."""
    command = [sys.executable, "-m", "mockserver", "serve", "--logs", "seeded", "--port", "0", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, env=os.environ | environment, **pipes)  # type: ignore[call-overload]  # the pipes are Popen's own arguments
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The two lines that it prints when it answers."""
    assert process.stdout is not None
    return process.stdout.readline(), process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_two_lines_answers_and_ends_at_a_signal(number: signal.Signals) -> None:
    with serving() as process:
        first, second = lines(process)
        count = len((FIXTURES / "logs.jsonl").read_text().splitlines())
        served = re.fullmatch(r"Serving (\d+) logs at (http://127\.0\.0\.1:(\d+)/api/logs)\n", first)
        assert served is not None
        assert 0 < int(served[1]) <= count
        assert second.startswith("curl ")
        port = int(served[3])
        assert request(port, "/api/logs", TOKEN).header("total-number") == served[1]
        # An open connection must not delay the end.
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"GET /api/logs HTTP/1.1\r\n")
            process.send_signal(number)
            assert process.wait(30) == 0
        assert process.communicate() == ("", "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_the_curl_line_that_it_prints_works() -> None:
    tool("curl")
    with serving("--profile", "observed") as process:
        _, line = lines(process)
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=10, check=True)
        assert len(json.loads(done.stdout)) == 3


def test_options_are_read_from_the_environment_and_quiet_prints_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving(
        "--port", str(port), "--quiet", MOCKSERVER_AUTH="off", MOCKSERVER_FAULT="status:code=503,times=1"
    ) as process:
        answer = None
        while answer is None:
            assert process.poll() is None
            try:
                answer = request(port, "/api/logs")
            except ConnectionRefusedError:
                time.sleep(0.01)
        assert (answer.status, request(port, "/api/logs").status) == (503, 200)
        process.terminate()
        assert process.communicate() == ("", "")


def test_a_port_in_use_is_an_error_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, serving("--port", str(taken.getsockname()[1])) as process:
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err.count("\n")) == (2, "", 1)
        assert re.fullmatch(r"Error: 127\.0\.0\.1:\d+: found .* in use, .*--port \(0 picks a free one\).*\n", err)
