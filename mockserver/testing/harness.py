"""The harness: the object that a test gets as ``logto_mock``, and the settings that marks give it.

Everything here works without pytest. ``mockserver.pytest_plugin`` decides when the objects are made and closed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import Log, contract
from mockserver.mock.settings import Settings, changed
from mockserver.testing.parts import ArmedFault, Exchange, Faults, Logs, Requests, exchange

if TYPE_CHECKING:
    from mockserver.testing.deployment import World

__all__ = ["ArmedFault", "Exchange", "Faults", "Log", "Logs", "LogtoMock", "Requests"]

# The default source of a test: few curated logs, the same every day, loaded in some milliseconds.
LOGS = "seeded"


class LogtoMock:
    """A mock of Logto's audit logs for one test: a tenant of its own, on a server that the session shares.

    With ``--logto-target`` it is a real deployment. There, a test that needs the mock is skipped.
    """

    def __init__(self, world: World) -> None:
        self._world = world

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
        return Requests(map(exchange, self._world.inside("requests", lambda tenant: tuple(tenant.journal.entries()))))

    def advance(self, seconds: float) -> None:
        """Move the mock's time forward at once: for logs that grow, tokens that expire, rate limits and outages.

        Raises MockserverError below 0. The end of the test and ``reset`` take the mock back to the present time.
        """
        self._world.advance(seconds)

    def reset(self) -> None:
        """Return to the beginning: the first logs, the faults of the mark, no requests, the present time.

        A real deployment stays as it is.
        """
        self._world.reset()


def mark_settings(arguments: Iterable[Mapping[str, Any]]) -> Settings:
    """Return the settings that the arguments of marks make; the first mapping that has a name decides.

    Settings without an argument have the defaults of ``serve``, but for ``logs``. Raises MockserverError for an
    unknown argument, with a list of the known ones, and for a value of another type.
    """
    chosen: dict[str, Any] = {"logs": LOGS}
    for mapping in reversed(list(arguments)):
        chosen.update(mapping)
    return changed(Settings(port=0), chosen, "logto mark", repr)


def tenant_name(test: str) -> str:
    """Return the name of a test's tenant, made from its node id.

    A test has the same name, and so the same ids of logs, in every run and on every machine.
    """
    function = re.sub(r"[^a-z0-9]+", "-", test.rpartition("::")[2].lower().removeprefix("test_")).strip("-")
    digest = hashlib.blake2b(test.encode(), digest_size=4).hexdigest()
    return f"{function[: contract().longest_tenant - len(digest) - 1].rstrip('-')}-{digest}".lstrip("-")
