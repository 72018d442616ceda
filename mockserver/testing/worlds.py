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
from mockserver.contract.profile import ProfileName
from mockserver.contract.published import CLIENTS, DEV_TOKEN
from mockserver.edge.front import open_front, open_setup
from mockserver.edge.server import Server
from mockserver.mock import tokens
from mockserver.mock.query import Query
from mockserver.mock.settings import Settings
from mockserver.mock.store import Page
from mockserver.mock.tenants import DEFAULT, PREFIX, Setup, Tenant

Returned = TypeVar("Returned")


class Servers:
    """The running mocks of a session, one for each profile, and what their tenants begin with."""

    def __init__(self) -> None:
        self._running: dict[ProfileName, Server] = {}
        self._setups: dict[Settings, Setup] = {}

    def running(self, profile: ProfileName) -> Server:
        """Return the server of a profile; raises MockserverError if it cannot start."""
        if profile not in self._running:
            self._running[profile] = Server(open_front(Settings(port=0, logs="seeded", profile=profile))).start()
        return self._running[profile]

    def setup(self, settings: Settings) -> Setup:
        """Return what a tenant with these settings begins with; all tests with equal settings share its source.

        Raises MockserverError if the source cannot be opened.
        """
        shared = replace(settings, faults=(), seed=0)
        if shared not in self._setups:
            self._setups[shared] = open_setup(shared, time.time())
        return replace(self._setups[shared], settings=settings)

    def close(self) -> None:
        """Stop every server and its thread."""
        while self._running:
            self._running.popitem()[1].stop()


def unproxied(url: str) -> dict[str, str]:
    """The variables that keep a program from asking for a URL through HTTP_PROXY, beside what they exclude already."""
    names, host = ("NO_PROXY", "no_proxy"), urlsplit(url).hostname or ""
    excluded = next(filter(None, map(os.environ.get, reversed(names))), "")
    return dict.fromkeys(names, f"{excluded},{host}" if excluded else host)


class TenantWorld:
    """A new tenant of a running mock, which begins with a setup of its own.

    ``url`` is the base URL, without a trailing slash; ``tenant`` is the tenantId of the logs.
    """

    def __init__(self, server: Server, name: str, setup: Setup) -> None:
        self._server = server
        self._tenants = server.mock.tenants
        self.tenant = name
        self.url = f"{server.url}{PREFIX}{name}"
        server.call(lambda: self._tenants.begin(name, setup))

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
        return self.inside("for its logs", lambda tenant: self._page(tenant, 0, 0).total)

    def slice(self, start: int, stop: int) -> list[Log]:
        """Return the logs at positions ``start`` to ``stop`` (excluded), newest first; fewer at the end of the logs.

        They are those that the API lists now. Raises MockserverError if one breaks the contract.
        """

        def read(tenant: Tenant) -> list[Log]:
            page = self._page(tenant, start, stop)
            return list(decode(b"[%b]" % page.items(0, page.size)))

        try:
            return self.inside("for its logs", read)
        except StoredBreak as broken:
            raise MockserverError("logs", f"log {broken}, which breaks the contract", "logs that can be read") from None

    def _page(self, tenant: Tenant, start: int, stop: int) -> Page:
        filters = Filters(prefixes=tenant.setup.profile.prefixes)
        return tenant.store.page(Query(filters, start, stop - start, 1, ()), tenant.moment(time.time()))

    def inside(self, purpose: str, act: Callable[[Tenant], Returned]) -> Returned:
        """Call ``act`` with the tenant in the server's thread, between two requests, and return its result.

        ``purpose`` is why the test needs the mock, such as "for its faults"; the reason of a skip names it.
        """
        return self._server.call(lambda: act(self._tenants.get(self.tenant)))

    def reset(self) -> None:
        """Reset the tenant."""
        self.inside("to begin again", lambda tenant: tenant.reset())

    def close(self) -> None:
        """Free the memory of the tenant."""
        self._server.call(lambda: self._tenants.drop(self.tenant))
