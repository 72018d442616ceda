"""The smoke: ``python -m tests.benchmarks.smoke`` tells in a few seconds what a request costs, as JSON.

Costs are seconds of the server's own thread, the least of several rounds that take turns: other programs hardly count.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from mockserver.settings import Settings
from mockserver.web.app import create_app
from mockserver.web.server import Server
from tests.benchmarks.bare import sending
from tests.benchmarks.serving import never_repeated
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


def costs() -> dict[str, float]:
    """Of a bare function that sends a page, of the same page asked again and again, of pages that nobody asked for."""
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
        return {"bare": bare.least, "repeated": mock.least, "never repeated": fresh.least}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(costs()))
