"""The harness: the object that a test gets as ``logto_mock``, and the settings that marks give it.

Everything here works without pytest. ``mockserver.pytest_plugin`` decides when the objects are made and closed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self, Unpack

from mockserver.contract.document import Log
from mockserver.contract.errors import MockserverError
from mockserver.mock.settings import Settings, TenantSettings, changed
from mockserver.mock.tenants import DEFAULT, tenant_name
from mockserver.testing.parts import ArmedFault, Exchange, Faults, Logs, Requests, exchange
from mockserver.testing.worlds import Servers, TenantWorld

if TYPE_CHECKING:
    from mockserver.testing.deployment import World

__all__ = ["ArmedFault", "Exchange", "Faults", "Log", "Logs", "LogtoMock", "Requests"]

# The default source of a test: few curated logs, the same every day, loaded in some milliseconds.
LOGS = "seeded"


class LogtoMock:
    """A mock of Logto's audit logs: ``with LogtoMock(logs="faker:count=50") as mock``, or ``async with``.

    The fixture ``logto_mock`` is one too: a tenant of its own, on a server that the session shares. With
    ``--logto-target`` it is a real deployment. There, a test that needs the mock is skipped.

    The settings have the names of the options of ``mockserver serve``; the logs are the curated ones unless others are
    named. Raises MockserverError for a setting that cannot be.
    """

    def __init__(self, **settings: Unpack[TenantSettings]) -> None:
        self._settings = mark_settings([settings], "LogtoMock")
        self._servers: Servers | None = None
        self._opened: World | None = None

    @classmethod
    def over(cls, world: World) -> Self:
        """A mock that somebody else starts and ends."""
        mock = cls()
        mock._opened = world
        return mock

    def __repr__(self) -> str:
        return "LogtoMock()" if self._opened is None else f"LogtoMock({self.url!r})"

    def start(self) -> Self:
        """Serve on a free port, in a thread of its own; raises MockserverError if the logs cannot be had."""
        servers = Servers()
        setup = servers.setup(self._settings)
        self._opened = TenantWorld(servers.running(self._settings.profile), DEFAULT, setup)
        self._servers = servers
        return self

    def stop(self) -> None:
        """Free the port, and leave no thread."""
        servers, self._servers, self._opened = self._servers, None, None
        if servers is not None:
            servers.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def _world(self) -> World:
        if self._opened is None:
            raise MockserverError("LogtoMock", "one that does not serve", "one that does", "with LogtoMock() as mock:")
        return self._opened

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash; the API is at ``/api/logs`` below it, tokens at ``/oidc/token``."""
        return self._world.url

    @property
    def tenant(self) -> str:
        """The name of the tenant, which is the tenantId of its logs."""
        return self._world.tenant

    @property
    def token(self) -> str:
        """A bearer token that may read the logs."""
        return self._world.token()

    @property
    def env(self) -> Mapping[str, str]:
        """The environment variables for a program under test, to be added to its own.

        ``LOGTO_ENDPOINT`` (the base URL), ``LOGTO_RESOURCE`` (the resource to request a token for), ``LOGTO_TOKEN``,
        and, if there is a machine-to-machine application, its ``LOGTO_APP_ID`` and ``LOGTO_APP_SECRET``. For the mock
        also ``NO_PROXY`` and ``no_proxy``, with its host beside the present ones: a proxy would swallow the requests.
        """
        return self._world.env()

    @property
    def faults(self) -> Faults:
        """The faults that disturb the requests of this test; none until a fault is added or the mark names one."""
        return Faults(self._world)

    @property
    def logs(self) -> Logs:
        """The logs of this test, newest first, as a sequence; its ``add`` adds a log."""
        return Logs(self._world)

    @property
    def requests(self) -> Requests:
        """The requests for logs until now, oldest first: a snapshot of the newest 1,000."""
        entries = self._world.inside("for its requests", lambda tenant: tuple(tenant.journal.entries()))
        return Requests(map(exchange, entries))

    def advance(self, seconds: float) -> None:
        """Move the mock's time forward at once: for logs that grow, tokens that expire, rate limits and outages.

        Raises MockserverError below 0. The end of the test and ``reset`` take the mock back to the present time.
        """
        self._world.inside("to let time pass", lambda tenant: tenant.advance(seconds))

    def reset(self) -> None:
        """Return to the beginning: the first logs, the faults of the mark, no requests, the present time.

        A real deployment stays as it is.
        """
        self._world.reset()


def mark_settings(arguments: Iterable[Mapping[str, Any]], place: str = "logto mark") -> Settings:
    """Return the settings that the arguments of marks make; the first mapping that has a name decides.

    Settings without an argument have the defaults of ``serve``, but for ``logs``. Raises MockserverError for an
    unknown argument, with a list of the known ones, and for a value of another type.
    """
    return changed(Settings(port=0), ChainMap(*map(dict, arguments), {"logs": LOGS}), place, repr)


def tenant_of(test: str) -> str:
    """Return the name of a test's tenant, made from its node id.

    A test has the same name, and so the same ids of logs, in every run and on every machine.
    """
    digest = hashlib.blake2b(test.encode(), digest_size=4).hexdigest()
    return tenant_name(test.rpartition("::")[2].lower().removeprefix("test_"), digest)
