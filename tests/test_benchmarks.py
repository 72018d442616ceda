"""Guards against relapse: what an API request costs the server, as a ratio to a bare function on the same server.

Costs are processor time of the server's own thread, the least of several rounds that take turns: other programs hardly
count in it. The bounds are wide of the goals that ``tests.benchmarks.serving`` measures, so that they hold anywhere.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from mockserver.settings import Settings
from mockserver.web.app import create_app
from mockserver.web.server import Server
from tests.benchmarks.bare import sending
from tests.benchmarks.load import Load
from tests.benchmarks.serving import GOALS, far_apart, goals, never_repeated, ratio, report
from tests.benchmarks.startup import report as startup_report
from tests.support.wire import request

REQUESTS, ROUNDS = 150, 5
HEAD = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev-token\r\n\r\n"


def _threads() -> set[threading.Thread]:
    return set(threading.enumerate())


class Measured:
    """A server in a thread, and the processor time that the thread takes."""

    def __init__(self, stack: ExitStack, app: Any) -> None:
        before = _threads()
        self.port = stack.enter_context(Server(app)).port
        (thread,) = _threads() - before
        self._clock = time.pthread_getcpuclockid(thread.ident or 0)
        self.least = float("inf")

    def press(self, targets: Sequence[str]) -> None:
        """Ask for the targets in turn over one connection; the least time a request is kept."""
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            began = time.clock_gettime(self._clock)
            for number in range(REQUESTS):
                client.sendall(HEAD.format(targets[number % len(targets)]).encode())
                _read(client)
            self.least = min(self.least, (time.clock_gettime(self._clock) - began) / REQUESTS)


def _read(client: socket.socket) -> None:
    head, _, body = client.recv(65536).partition(b"\r\n\r\n")
    missing = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]) - len(body)
    while missing > 0:
        missing -= len(client.recv(65536))


@pytest.fixture(scope="module")
def costs() -> Iterator[dict[str, float]]:
    with ExitStack() as stack:
        mock = Measured(stack, create_app(Settings()))
        page = request(mock.port, "/api/logs", [("Authorization", "Bearer dev-token")])
        kept = [(name, value) for name, value in page.headers if name not in ("Date", "Connection")]
        bare = Measured(stack, sending(kept, page.body))
        fresh = Measured(stack, create_app(Settings()))
        numbers = iter(range(10**9))
        for _ in range(ROUNDS):
            bare.press(["/api/logs"])
            mock.press(["/api/logs"])
            fresh.press([f"{path}&n={next(numbers)}" for path in never_repeated(10)[:REQUESTS]])
        yield {"bare": bare.least, "repeated": mock.least, "never repeated": fresh.least}


def test_a_repeated_page_costs_no_more_than_a_bare_function(costs: dict[str, float]) -> None:
    """The goal is 0.95 of its requests a second; a remembered reply takes half of the time."""
    assert costs["repeated"] < costs["bare"] * 1.05, costs


def test_a_page_that_nobody_asked_for_costs_a_few_bare_functions(costs: dict[str, float]) -> None:
    """The goal is half of its requests a second, twice the time; four times it was before."""
    assert costs["never repeated"] < costs["bare"] * 4, costs


def test_what_never_repeats_never_repeats() -> None:
    paths = never_repeated()
    assert len(set(paths)) >= 100
    assert all("?" in path for path in paths)
    assert len(set(far_apart(10**9))) == 1000


def test_reports_hold_ratios_within_rounds() -> None:
    fast, slow = Load(300.0, 1.0, 2.0, 10.0, 0), Load(100.0, 2.0, 4.0, 30.0, 0)
    name, yardstick = "gevent, repeated, 16 connections", GOALS["gevent, repeated, 16 connections"][0]
    found = {name: [fast, fast], yardstick: [slow, slow]}
    assert ratio(found, name, yardstick) == (3.0, 3.0)
    assert f"| {name} | 300 | 1.0 | 2.0 | 10 | 3.00 | 3.00 | 50 |" in report(found, {name: 50.0, yardstick: 40.0})
    assert f"| {name} | {yardstick} | 0.95 | 3.00 | 3.00 |" in goals(found)


def test_the_report_of_the_start_compares_with_the_imports() -> None:
    once = {"wall": 2.0, "cpu": 1.0, "megabytes": 50.0}
    names = ("--help", "serve, seeded", "serve, faker", "serve, faker, 10^12 logs")
    found = {"imports": [{"wall": 1.0, "cpu": 1.0}], **{name: [once] for name in names}}
    assert "| serve, faker | 3 | 2.00 | 1.00 | 50 |" in startup_report(found)
