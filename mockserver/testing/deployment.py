"""A deployment as the world of a test. It is read with few requests and never changed.

A test that needs more than reading, such as faults, is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NoReturn

from mockserver.contract.document import LIST_PATH, Log
from mockserver.contract.errors import MockserverError
from mockserver.judge.connection import Connection
from mockserver.judge.credentials import Client, Fetched, resource_at
from mockserver.judge.route import Address, address, logs_address
from mockserver.judge.secrets import Secrets
from mockserver.mock.tenants import Tenant
from mockserver.testing.worlds import Returned, TenantWorld

# The timeout of each reply, in seconds.
TIMEOUT = 10.0
# A real deployment allows a page_size of at most 100, and deep pages are costly for it: 50 pages are the limit.
PAGE_SIZE, PAGES = 100, 50


class Account:
    """The credentials of a run: a token, or a machine-to-machine application that fetches and renews one.

    ``environment`` holds MOCKSERVER_TOKEN, or MOCKSERVER_CLIENT_ID and MOCKSERVER_CLIENT_SECRET, as for ``check``.
    ``token`` returns a token that is valid now, or raises MockserverError. Raises MockserverError if the target is no
    URL, if plain http would send the token over a network, and without credentials.
    """

    def __init__(self, target: str, environment: Mapping[str, str]) -> None:
        self.address = _no_plain("--logto-target", logs_address(target))
        self.base = self.address.url.removesuffix(LIST_PATH)
        self.resource = environment.get("MOCKSERVER_RESOURCE", resource_at(self.address))
        self.client: Client | None = None
        name, secret = environment.get("MOCKSERVER_CLIENT_ID"), environment.get("MOCKSERVER_CLIENT_SECRET")
        if name and secret:
            token_url = environment.get("MOCKSERVER_TOKEN_URL", f"{self.base}/oidc/token")
            where = _no_plain("MOCKSERVER_TOKEN_URL", address(token_url, place="MOCKSERVER_TOKEN_URL"))
            self.client = Client(name, secret, where, self.resource)
        self.token: Callable[[], str]
        if token := environment.get("MOCKSERVER_TOKEN"):
            self.token = lambda: token
        elif self.client:
            self.token = Fetched(self.client, Secrets(), TIMEOUT, time.monotonic)
        else:
            wanted = "MOCKSERVER_TOKEN, or MOCKSERVER_CLIENT_ID and _SECRET"
            raise MockserverError("--logto-target", "no credentials", wanted, "set them in the environment")


def _no_plain(place: str, where: Address) -> Address:
    if where.scheme == "http" and not where.loopback:
        raise MockserverError(place, where.url, "https: plain http would send credentials in the clear")
    return where


class DeploymentWorld:
    """The deployment of ``--logto-target``. ``skip`` ends a test that needs the mock."""

    def __init__(self, account: Account, skip: Callable[[str], NoReturn]) -> None:
        self._account = account
        self._skip = skip
        self.url = account.base
        self.token = account.token

    @cached_property
    def tenant(self) -> str:
        """The tenantId of the newest log; the test is skipped if there is no log."""
        newest = self._page(1)
        if not newest:
            self._skip(f"{self.url} has no log to name its tenant")
        return str(newest[0]["tenantId"])

    def env(self) -> Mapping[str, str]:
        """Return the variables; those of the application only if the account has one."""
        env = {"LOGTO_ENDPOINT": self.url, "LOGTO_RESOURCE": self._account.resource, "LOGTO_TOKEN": self.token()}
        if client := self._account.client:
            env |= {"LOGTO_APP_ID": client.id, "LOGTO_APP_SECRET": client.secret}
        return env

    def count(self) -> int:
        """Return the number of logs at the time of the first reading."""
        return len(self._logs)

    def slice(self, start: int, stop: int) -> list[Log]:
        """Return the logs as they were at the time of the first reading."""
        return self._logs[start:stop]

    @cached_property
    def _logs(self) -> list[Log]:
        logs: dict[str, Log] = {}
        for number in range(1, PAGES + 1):
            page = self._page(number)
            # A log that is written meanwhile moves the last log of a page to the next page, where it is read again.
            logs.update((log["id"], log) for log in page if log["id"] not in logs)
            if len(page) < PAGE_SIZE:
                break
        else:
            self._skip(f"{self.url} has more than {PAGES * PAGE_SIZE} logs, too many to read for one test")
        return list(logs.values())

    def _page(self, number: int) -> list[Log]:
        target = self._account.address
        connection = Connection(target, TIMEOUT, time.monotonic)
        bearer = ("Authorization", f"Bearer {self.token()}")
        answer = connection.send("GET", f"{target.path}?page={number}&page_size={PAGE_SIZE}", [bearer])
        connection.close()
        if not answer.is_page:
            raise MockserverError(self.url, answer.said(), "200 with a list of logs", "check the target and its token")
        return answer.logs

    def inside(self, purpose: str, act: Callable[[Tenant], Returned]) -> Returned:
        """Skip the test: a deployment gives no access to its inside."""
        self._skip(f"needs the mock {purpose}: {self.url} is a deployment")

    def reset(self) -> None:
        """Do nothing: a test changes nothing of a deployment."""

    def close(self) -> None:
        """Do nothing: a test opens nothing that stays open."""


World = TenantWorld | DeploymentWorld
