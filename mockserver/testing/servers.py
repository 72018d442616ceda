"""Servers: those of one test session, each started when first wanted and shared by every test that wants the same."""

from __future__ import annotations

import time
from dataclasses import replace

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings


class Running:
    """A mock that serves in a thread, on a free port. Its time is that of the machine and ``ahead`` seconds more."""

    def __init__(self, settings: Settings) -> None:
        self.ahead = 0.0
        app = create_app(settings, clock=self.now)
        self.mock: Mock = app.extensions["mockserver"]
        self.server = Server(app).start()

    def now(self) -> float:
        """The mock's present moment in seconds since 1970."""
        return time.time() + self.ahead


class Servers:
    """The running mocks of a session, by what they serve; the plan of faults is each tenant's own affair."""

    def __init__(self) -> None:
        self._running: dict[Settings, Running] = {}

    def running(self, settings: Settings) -> Running:
        """The mock for these settings, their port and faults left aside; raises MockserverError where it cannot be."""
        shared = replace(settings, port=0, faults=(), seed=0)
        if shared not in self._running:
            self._running[shared] = Running(shared)
        return self._running[shared]

    def close(self) -> None:
        """Stop every server and leave no thread."""
        while self._running:
            self._running.popitem()[1].server.stop()
