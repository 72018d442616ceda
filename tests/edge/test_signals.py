"""``mockserver serve`` ends at SIGINT and SIGTERM at any moment: exit code 0, and nothing on standard error."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.support.wire import request, until

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
LONG = "GET /api/logs?page_size=1000000"
HANGING = 'Prefer: fault="hang:seconds=60"\r\n'
# An end takes some hundredths of a second, and a hang of the program would take a minute.
GENEROUS = 20


@contextmanager
def serving(*arguments: str, before: Callable[[], None] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A server that has been started; killed at the end if it still runs."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--auth", "off", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=before)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process: subprocess.Popen[str]) -> int:
    """The port in the first line that it prints: it is ready then."""
    assert process.stdout is not None
    match = re.search(r":(\d+)/api/logs", process.stdout.readline())
    assert match is not None
    return int(match[1])


def catches(process: subprocess.Popen[str], number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal (proc(5): the mask SigCgt)."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():  # pragma: no cover  # Linux has it
        pytest.skip("without /proc, nobody knows which signals a process handles")
    mask = re.search(r"SigCgt:\s*([0-9a-f]+)", status.read_text())
    return mask is not None and bool(int(mask[1], 16) >> (number - 1) & 1)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process that ends soon, and what it wrote to standard error."""
    _, err = process.communicate(timeout=GENEROUS)
    return process.returncode, err


def test_a_signal_before_the_ready_line_ends_it_as_soon_as_it_listens_to_signals() -> None:
    """Of SIGTERM: Python itself has a handler for SIGINT long before."""
    with serving() as process:
        until(lambda: catches(process, signal.SIGTERM))
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, "")


@SIGNALS
def test_signals_while_it_draws_its_logs_end_it(number: signal.Signals) -> None:
    """They come one after the other, from the first that is heard until it is gone, also while it ends."""
    with serving("--logs", "faker:count=1000000000") as process:
        until(lambda: catches(process, signal.SIGTERM))
        until(lambda: process.send_signal(number) or process.poll() is not None)
        assert ended(process) == (0, "")


@SIGNALS
def test_a_signal_right_behind_the_ready_line_ends_it(number: signal.Signals) -> None:
    """It is importing Flask then."""
    with serving("--logs", "seeded") as process:
        port_of(process)
        process.send_signal(number)
        process.send_signal(number)
        assert ended(process) == (0, "")


@SIGNALS
def test_a_signal_ends_it_whatever_its_clients_are_at(number: signal.Signals) -> None:
    with serving("--logs", "faker:count=1000000000") as process, ExitStack() as stack:
        port = port_of(process)
        heads = [
            "", "GET /api/logs HT", "POST /__admin/logs HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
            f"GET /api/logs HTTP/1.1\r\nHost: a\r\n{HANGING}\r\n", f"{LONG} HTTP/1.1\r\nHost: a\r\n\r\n",
            f"{LONG} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
        ]  # fmt: skip
        clients = [stack.enter_context(closing(socket.create_connection(("127.0.0.1", port)))) for _ in heads]
        for client, head in zip(clients, heads, strict=True):
            client.sendall(head.encode())
        assert clients[-1].recv(100).startswith(b"HTTP/1.1 200")
        assert clients[-2].recv(100).startswith(b"HTTP/1.1 200")
        process.send_signal(number)
        # One client goes on reading its long answer, until the end.
        with suppress(ConnectionResetError):
            until(lambda: not clients[-2].recv(1 << 20))
        assert ended(process) == (0, "")


def test_with_few_descriptors_it_warns_once_answers_whom_it_has_and_takes_others_when_they_leave() -> None:
    """As after ``ulimit -n 64``."""
    resource = pytest.importorskip("resource", reason="the system has no limits")
    limited = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (64, 64))
    ask = b"GET /api/logs?page_size=1 HTTP/1.1\r\nHost: a\r\n\r\n"
    with serving("--logs", "seeded", before=limited) as process, ExitStack() as stack:
        port = port_of(process)
        clients = [
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=GENEROUS)))
            for _ in range(60)
        ]
        assert process.stderr is not None
        assert re.search(r"32 connections are open.*`ulimit -n`", process.stderr.readline())
        for client in clients[:32]:
            client.sendall(ask)
            assert client.recv(12) == b"HTTP/1.1 200"
        for client in clients[:32]:
            client.close()
        for client in clients[32:]:
            client.sendall(ask)
            assert client.recv(12) == b"HTTP/1.1 200"
        assert request(port, "/__admin/health").status == 200
        process.terminate()
        assert ended(process) == (0, "")
