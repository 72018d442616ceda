"""The harness: what a test holds in its hands as ``logto_mock``.

Its parts are typed and usable without pytest; ``pytest_plugin`` alone decides when they are made and left.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract.document import Log
from mockserver.testing.faults import ArmedFault, Faults
from mockserver.testing.logs import Logs
from mockserver.testing.requests import Exchange, Requests
from mockserver.testing.worlds import World

__all__ = ["ArmedFault", "Exchange", "Faults", "Log", "Logs", "LogtoMock", "Requests"]


class LogtoMock:
    """A Logto with nothing but its audit logs, for one test: a tenant of its own on a server shared by the session.

    With ``--logto-target`` it is a real deployment, where whatever only a mock can do skips the test that asks for it.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._faults = Faults(world)
        self._logs = Logs(world)

    def __repr__(self) -> str:
        return f"LogtoMock({self.url!r})"

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
        """What a program under test needs to know, as environment variables to add to its own.

        ``LOGTO_ENDPOINT`` (the base URL), ``LOGTO_RESOURCE`` (what to ask a token for), ``LOGTO_TOKEN``, and
        ``LOGTO_APP_ID`` and ``LOGTO_APP_SECRET`` of a machine-to-machine application where there is one.
        """
        return self._world.env()

    @property
    def faults(self) -> Faults:
        """The faults that disturb this test's requests; none until some are added or marked."""
        return self._faults

    @property
    def logs(self) -> Logs:
        """The logs of this test, newest first, as a sequence that reads them when asked; ``add`` puts more in."""
        return self._logs

    @property
    def requests(self) -> Requests:
        """The requests for logs that were made so far, oldest first: a snapshot of the newest 1,000."""
        return Requests(self._world.inside("requests", lambda tenant: tuple(tenant.journal.entries())))

    def advance(self, seconds: float) -> None:
        """Let time pass at once, for logs that grow, tokens that expire, rate limits and outages; no test sleeps.

        Raises MockserverError below 0. What was advanced is taken back when the test ends, and by ``reset``.
        """
        self._world.advance(seconds)

    def reset(self) -> None:
        """Return to the beginning: the logs, the faults of the mark, no requests, the present time.

        A real deployment is left as it is, for nothing of it was changed.
        """
        self._world.reset()
