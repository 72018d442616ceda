"""The guard: ``python -m tests.benchmarks.smoke`` measures every goal of speed in some seconds, as JSON.

What a request costs is told in seconds of the server's own thread, the least of several rounds that take turns, so that
other programs hardly count; as a ratio to a reply that is ready before the request comes. Tails are latencies of many
connections of one client. Starts are processor time beside that of ``import flask``.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.http.message import Reply
from mockserver.mock.settings import Settings
from tests.benchmarks import servers, startup
from tests.benchmarks.serving import far_apart, never_repeated
from tests.support.echo import Echo
from tests.support.wire import request

# Many short rounds: one of them meets a quiet moment. Requests come some at a time, as from several clients.
ROUNDS, REQUESTS, TOGETHER = 40, 80, 8
HEAD = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev-token\r\n\r\n"
PAGE = HEAD.format("/api/logs").encode()
TRIES = 3


class Measured:
    """A server in a thread, and the processor time that the thread takes."""

    def __init__(self, stack: ExitStack, front: Any) -> None:
        server = stack.enter_context(Server(front))
        self.port = server.port
        self._clock = time.pthread_getcpuclockid(server.call(threading.get_ident))
        self.least = float("inf")

    def press(self, targets: Sequence[str]) -> None:
        """Ask for the targets in turn over one connection; the least time a request is kept."""
        requests = [HEAD.format(targets[number % len(targets)]).encode() for number in range(REQUESTS)]
        with socket.create_connection(("127.0.0.1", self.port)) as client, client.makefile("rb") as answers:
            began = time.clock_gettime(self._clock)
            for at in range(0, REQUESTS, TOGETHER):
                client.sendall(b"".join(requests[at : at + TOGETHER]))
                for _ in range(TOGETHER):
                    _read(answers)
            self.least = min(self.least, (time.clock_gettime(self._clock) - began) / REQUESTS)


def _read(answers: BinaryIO) -> None:
    length = 0
    while line := answers.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    answers.read(length)


def costs() -> dict[str, float]:
    """What a request costs, as ratios to a ready reply: a page again and again, pages never asked for, far apart."""
    with ExitStack() as stack:
        mock = Measured(stack, open_front(Settings()))
        page = request(mock.port, "/api/logs", [("Authorization", "Bearer dev-token")])
        kept = tuple((name, value) for name, value in page.headers if name not in ("Date", "Content-Length"))
        ready = Measured(stack, Echo(lambda request: Reply(200, kept, page.body)))
        fresh, far = (Measured(stack, open_front(Settings(logs=f"faker:count={n}"))) for n in (1000, 10**9))
        numbers, places = iter(range(10**9)), far_apart(10**9)
        for number in range(ROUNDS):
            ready.press(["/api/logs"])
            mock.press(["/api/logs"])
            fresh.press([f"{path}&n={next(numbers)}" for path in never_repeated(10)])
            far.press(places[number * 20 % 900 :])
    return {name: one.least / ready.least for name, one in (("repeated", mock), ("fresh", fresh), ("far", far))}


def tails() -> dict[str, float]:
    """p99 by p50 of 64 and of 500 connections; p99 of 16 beside 200 that hang by p99 without them; least of three."""
    rounds: list[dict[str, float]] = []
    with Server(open_front(Settings())) as server:
        for _ in range(TRIES):
            some, more, many = (sorted(_latencies(server.port, count)) for count in (16, 64, 500))
            with _hanging(server.port, 200):
                beside = sorted(_latencies(server.port, 16))
            rounds.append(
                {
                    "tail 64": _at(more, 0.99) / _at(more, 0.5),
                    "tail 500": _at(many, 0.99) / _at(many, 0.5),
                    "hang": _at(beside, 0.99) / _at(some, 0.99),
                }
            )
    return {name: min(each[name] for each in rounds) for name in rounds[0]}


def _at(latencies: Sequence[float], share: float) -> float:
    return latencies[int(len(latencies) * share)]


def _latencies(port: int, connections: int, requests: int = 3000) -> Iterator[float]:
    """The seconds of so many requests, each sent when the one before it on its connection has its answer."""
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        sent: dict[socket.socket, float] = {}
        for _ in range(connections):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            selector.register(client, selectors.EVENT_READ)
            client.sendall(PAGE)
            sent[client] = time.perf_counter()
        length = len(request(port, "/api/logs", [("Authorization", "Bearer dev-token")]).body)
        left = dict.fromkeys(sent, length)
        answered = 0
        while answered < requests:
            for key, _mask in selector.select():
                client = key.fileobj  # type: ignore[assignment]  # registered above
                data = client.recv(1 << 20)
                left[client] -= len(data.partition(b"\r\n\r\n")[2] if left[client] == length else data)
                if left[client] <= 0:
                    now = time.perf_counter()
                    yield now - sent[client]
                    answered += 1
                    client.sendall(PAGE)
                    sent[client], left[client] = now, length


@contextmanager
def _hanging(port: int, connections: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(connections):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(PAGE.replace(b"\r\n\r\n", b'\r\nPrefer: fault="hang:seconds=3600"\r\n\r\n'))
        yield


def starts() -> dict[str, float]:
    """The processor time from the command to the first answer, times that of ``import flask``; memory when ready.

    Each is the least of some starts that take turns.
    """
    flask: list[float] = []
    worked: dict[str, list[float]] = {}
    megabytes: dict[str, float] = {}
    for _ in range(TRIES):
        flask.append(_processor_time(startup.IMPORTS))
        for name in ("seeded", "faker"):
            with servers.mock("--logs", name) as mock:
                worked.setdefault(name, []).append(mock.worked())
                megabytes[f"{name} megabytes"] = mock.megabytes()
    return {name: min(times) / min(flask) for name, times in worked.items()} | megabytes


def _processor_time(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    sys.stdout.write(json.dumps(costs() | tails() | starts()))
