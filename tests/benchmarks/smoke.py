"""``python -m tests.benchmarks.smoke`` prints as JSON what a request costs; it takes a few seconds.

A cost is processor seconds of the server's own thread: the least of many rounds, so that other programs hardly matter.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, BinaryIO

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.benchmarks.bare import sending
from tests.benchmarks.serving import never_repeated
from tests.support.wire import request

# Among many short rounds, one is not disturbed. TOGETHER requests are sent at once, as several clients do.
ROUNDS, REQUESTS, TOGETHER = 60, 80, 8
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
        """Requests the targets in turn over one connection; keeps the least time for one request."""
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
    """Returns the costs of a bare function that sends a page, of a repeated page, and of pages that never repeat."""
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
            fresh.press([f"{path}&n={next(numbers)}" for path in never_repeated(10)])
        return {"bare": bare.least, "repeated": mock.least, "never repeated": fresh.least}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(costs()))
