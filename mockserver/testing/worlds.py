"""Worlds: where the requests of a test go. Here the mock's tenants; ``deployment`` is the other one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from mockserver.contract.document import Log
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import Filters
from mockserver.contract.jsontext import decode
from mockserver.contract.published import CLIENTS, DEV_TOKEN
from mockserver.faults.plan import Plan
from mockserver.mock import tokens
from mockserver.mock.query import Query
from mockserver.mock.tenants import DEFAULT, PREFIX, Tenant
from mockserver.testing.servers import Running

Result = TypeVar("Result")

# The farthest that a test may go ahead, in seconds: some thirty years, within which every time is a date.
FARTHEST = 1e9


class World(Protocol):
    """What a ``LogtoMock`` stands on. Whatever a world cannot do ends the test in its own way: it does not return."""

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash."""

    @property
    def tenant(self) -> str:
        """The tenantId of the logs."""

    def token(self) -> str:
        """A bearer token that may read the logs."""

    def env(self) -> Mapping[str, str]:
        """The environment variables for a program under test."""

    def count(self) -> int:
        """How many logs there are."""

    def slice(self, start: int, stop: int) -> list[Log]:
        """The logs at positions ``start`` to ``stop`` (excluded), newest first; ends early past the last."""

    def inside(self, wish: str, act: Callable[[Tenant], Result]) -> Result:
        """What ``act`` gives for the tenant, while nothing else happens to it; ``wish`` names what it is for."""

    def add(self, logs: list[Log]) -> list[Log]:
        """Add logs and return them filled in."""

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once."""

    def reset(self) -> None:
        """Return to the beginning."""

    def close(self) -> None:
        """Leave it; nothing is asked of it afterwards."""


class TenantWorld:
    """A tenant of a running mock, fresh from here on, with a plan of its own."""

    def __init__(self, running: Running, name: str, plan: Plan) -> None:
        self._running = running
        self._beginning = running.ahead
        self.tenant = name
        self.url = f"{running.server.url}{PREFIX}{name}"
        running.server.call(lambda: running.mock.tenants.begin(name, plan))

    def token(self) -> str:
        """The token that works by name, and never expires."""
        return DEV_TOKEN

    def env(self) -> Mapping[str, str]:
        """With the first of the built-in clients, which has the scope."""
        client = next(iter(CLIENTS.values()))
        return {
            "LOGTO_ENDPOINT": self.url, "LOGTO_RESOURCE": tokens.audience(DEFAULT), "LOGTO_TOKEN": self.token(),
            "LOGTO_APP_ID": client.id, "LOGTO_APP_SECRET": client.secret,
        }  # fmt: skip

    def count(self) -> int:
        """How many logs the API lists now."""
        return self.inside("logs", lambda tenant: tenant.store.page(self._query(0, 0), self._now()).total)

    def slice(self, start: int, stop: int) -> list[Log]:
        """The logs as the API lists them now; raises MockserverError where one breaks the contract."""

        def read(tenant: Tenant) -> list[Log]:
            page = tenant.store.page(self._query(start, stop), self._now())
            return list(decode(b"".join((b"[", *page.pieces(0, page.size), b"]"))))

        try:
            return self.inside("logs", read)
        except StoredBreak as broken:
            raise MockserverError("logs", f"log {broken}, which breaks the contract", "logs that can be read") from None

    def _query(self, start: int, stop: int) -> Query:
        filters = Filters(prefixes=self._running.mock.profile.prefixes)
        return Query(filters, start, stop - start, 1, ())

    def _now(self) -> float:
        return self._running.now() + self._running.mock.shift

    def inside(self, wish: str, act: Callable[[Tenant], Result]) -> Result:
        """What ``act`` gives, in the server's thread between two requests."""
        tenants = self._running.mock.tenants
        return self._running.server.call(lambda: act(tenants.get(self.tenant)))

    def add(self, logs: list[Log]) -> list[Log]:
        """All, or on MockserverError none."""
        return [decode(log) for log in self.inside("logs", lambda tenant: tenant.add_logs(logs, self._now()))]

    def advance(self, seconds: float) -> None:
        """For all tenants of this server: a test has it to itself while it runs."""
        if not 0 <= seconds <= FARTHEST:
            raise MockserverError("advance", str(seconds), f"seconds from 0 to {FARTHEST:g}")
        self._running.ahead += seconds

    def reset(self) -> None:
        """The tenant as it began, and the time of then, gone on."""
        self._running.ahead = self._beginning
        self.inside("reset", lambda tenant: tenant.reset())

    def close(self) -> None:
        """Leave the server as it was before, and free the tenant's memory."""
        self._running.ahead = self._beginning
        self._running.server.call(lambda: self._running.mock.tenants.drop(self.tenant))
