"""Worlds: where the requests of a test go. A world is a tenant of a mock, or a deployment (``deployment.py``).

Both have the same attributes and methods, which are all that a ``LogtoMock`` needs. A method that a deployment does not
support ends the test and does not return.

The mocks of a session start on first use, and all tests with equal settings share one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from mockserver.contract.document import Log
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import Filters
from mockserver.contract.jsontext import decode
from mockserver.contract.published import CLIENTS, DEV_TOKEN
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.plan import Plan
from mockserver.mock import tokens
from mockserver.mock.exchange import Mock
from mockserver.mock.query import Query
from mockserver.mock.settings import Settings
from mockserver.mock.store import Page
from mockserver.mock.tenants import DEFAULT, PREFIX, Tenant

Returned = TypeVar("Returned")

# How far a test may move the time, in seconds: some thirty years, so that every time remains a valid date.
FARTHEST = 1e9


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


def unproxied(url: str) -> dict[str, str]:
    """The variables that keep a program from asking for a URL through HTTP_PROXY, beside what they exclude already."""
    names, host = ("NO_PROXY", "no_proxy"), urlsplit(url).hostname or ""
    excluded = next(filter(None, map(os.environ.get, reversed(names))), "")
    return dict.fromkeys(names, f"{excluded},{host}" if excluded else host)


class TenantWorld:
    """A new tenant of a running mock, with its own plan of faults.

    ``url`` is the base URL, without a trailing slash; ``tenant`` is the tenantId of the logs.
    """

    def __init__(self, running: Running, name: str, plan: Plan) -> None:
        self._running = running
        self._beginning = running.ahead
        self.tenant = name
        self.url = f"{running.server.url}{PREFIX}{name}"
        running.server.call(lambda: running.mock.tenants.begin(name, plan))

    def token(self) -> str:
        """Return a bearer token that may read the logs: the fixed one, which never expires."""
        return DEV_TOKEN

    def env(self) -> Mapping[str, str]:
        """Return the environment variables for a program under test: the first built-in client has the scope."""
        client = next(iter(CLIENTS.values()))
        return {
            "LOGTO_ENDPOINT": self.url, "LOGTO_RESOURCE": tokens.audience(DEFAULT), "LOGTO_TOKEN": self.token(),
            "LOGTO_APP_ID": client.id, "LOGTO_APP_SECRET": client.secret, **unproxied(self.url),
        }  # fmt: skip

    def count(self) -> int:
        """Return how many logs the API lists now."""
        return self.inside("logs", lambda tenant: self._page(tenant, 0, 0).total)

    def slice(self, start: int, stop: int) -> list[Log]:
        """Return the logs at positions ``start`` to ``stop`` (excluded), newest first; fewer at the end of the logs.

        They are those that the API lists now. Raises MockserverError if one breaks the contract.
        """

        def read(tenant: Tenant) -> list[Log]:
            page = self._page(tenant, start, stop)
            return list(decode(b"[%b]" % page.items(0, page.size)))

        try:
            return self.inside("logs", read)
        except StoredBreak as broken:
            raise MockserverError("logs", f"log {broken}, which breaks the contract", "logs that can be read") from None

    def _page(self, tenant: Tenant, start: int, stop: int) -> Page:
        filters = Filters(prefixes=self._running.mock.profile.prefixes)
        return tenant.store.page(Query(filters, start, stop - start, 1, ()), self._now())

    def _now(self) -> float:
        return self._running.now() + self._running.mock.shift

    def inside(self, purpose: str, act: Callable[[Tenant], Returned]) -> Returned:
        """Call ``act`` with the tenant in the server's thread, between two requests, and return its result.

        ``purpose`` is the part of the mock that the test uses; the reason of a skip names it.
        """
        tenants = self._running.mock.tenants
        return self._running.server.call(lambda: act(tenants.get(self.tenant)))

    def add(self, logs: list[Log]) -> list[Log]:
        """Add all logs and return them with their missing members filled in.

        Raises MockserverError, and adds none, if one cannot be added.
        """
        return [decode(log) for log in self.inside("logs", lambda tenant: tenant.add_logs(logs, self._now()))]

    def advance(self, seconds: float) -> None:
        """Move the time of the server, which no other test uses at the same time."""
        if not 0 <= seconds <= FARTHEST:
            raise MockserverError("advance", str(seconds), f"seconds from 0 to {FARTHEST:g}")
        self._running.ahead += seconds

    def reset(self) -> None:
        """Reset the tenant, and undo what the test advanced."""
        self._running.ahead = self._beginning
        self.inside("reset", lambda tenant: tenant.reset())

    def close(self) -> None:
        """Undo what the test advanced, and free the memory of the tenant."""
        self._running.ahead = self._beginning
        self._running.server.call(lambda: self._running.mock.tenants.drop(self.tenant))
