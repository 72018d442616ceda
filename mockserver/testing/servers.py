"""Servers: the mocks of one test session. Each starts on first use, and all tests with equal settings share it."""

from __future__ import annotations

import time
from dataclasses import replace

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings


class Running:
    """A mock that serves in a thread, on a free port. Its time is ``ahead`` seconds ahead of the machine's."""

    def __init__(self, settings: Settings) -> None:
        self.ahead = 0.0
        app = create_app(settings, clock=self.now)
        self.mock: Mock = app.extensions["mockserver"]
        self.server = Server(app).start()

    def now(self) -> float:
        """Return the mock's present time, in seconds since 1970."""
        return time.time() + self.ahead


class Servers:
    """The running mocks of a session, by their settings. The plan of faults belongs to each tenant."""

    def __init__(self) -> None:
        self._running: dict[Settings, Running] = {}

    def running(self, settings: Settings) -> Running:
        """Return the mock for these settings, without port and faults; raises MockserverError if none can start."""
        shared = replace(settings, port=0, faults=(), seed=0)
        if shared not in self._running:
            self._running[shared] = Running(shared)
        return self._running[shared]

    def close(self) -> None:
        """Stop every server and its thread."""
        while self._running:
            self._running.popitem()[1].server.stop()
