"""A deployment as the world of a test: real, only read, asked gently. What only a mock can do skips the test."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NoReturn, TypeVar

from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import MockserverError
from mockserver.judge.connection import Address, Connection, address, logs_address
from mockserver.judge.credentials import Client, Fetched, resource_at
from mockserver.judge.secrets import Secrets
from mockserver.mock.tenants import Tenant
from mockserver.testing.logs import Log

Result = TypeVar("Result")
# Seconds for each answer.
TIMEOUT = 10.0
# A real deployment caps page_size at 100, and scans for deep pages: no more than fifty are asked for.
PAGE_SIZE, PAGES = 100, 50


class Account:
    """How a run is known to its target: a token, or a machine-to-machine application that fetches and renews one.

    ``environment`` is read for MOCKSERVER_TOKEN, or MOCKSERVER_CLIENT_ID and MOCKSERVER_CLIENT_SECRET, as ``check``
    reads them. Raises MockserverError for a target that is no URL, or would get the token in the clear, and without
    credentials.
    """

    def __init__(self, target: str, environment: Mapping[str, str]) -> None:
        self.address = logs_address(target)
        if self.address.scheme == "http" and not self.address.loopback:
            raise MockserverError("--logto-target", target, "https: plain http would send the token in the clear")
        self.base = self.address.url.removesuffix(LIST_PATH)
        self.resource = environment.get("MOCKSERVER_RESOURCE", resource_at(self.address))
        self.client = self._client(environment)
        self._given = environment.get("MOCKSERVER_TOKEN", "")
        self._fetched = self.client and Fetched(self.client, Secrets(), TIMEOUT, time.monotonic)
        if not self._given and not self._fetched:
            raise MockserverError(
                "--logto-target", "no credentials", "MOCKSERVER_TOKEN, or MOCKSERVER_CLIENT_ID and _SECRET",
                "set them in the environment",
            )  # fmt: skip

    def _client(self, environment: Mapping[str, str]) -> Client | None:
        name, secret = environment.get("MOCKSERVER_CLIENT_ID"), environment.get("MOCKSERVER_CLIENT_SECRET")
        if not name or not secret:
            return None
        where: Address = address(environment.get("MOCKSERVER_TOKEN_URL", f"{self.base}/oidc/token"))
        return Client(name, secret, where, self.resource)

    def token(self) -> str:
        """A token that is good now; raises MockserverError where none is to be had."""
        return self._given or (self._fetched() if self._fetched else "")


class DeploymentWorld:
    """The deployment that a run was pointed at. ``skip`` ends a test that wants what only a mock can do."""

    def __init__(self, account: Account, skip: Callable[[str], NoReturn]) -> None:
        self._account = account
        self._skip = skip
        self.url = account.base

    @cached_property
    def tenant(self) -> str:
        """The tenantId of its newest log; a deployment without logs tells none."""
        newest = self._page(1)
        if not newest:
            self._skip(f"{self.url} has no log to name its tenant")
        return str(newest[0]["tenantId"])

    def token(self) -> str:
        """The token of the account."""
        return self._account.token()

    def env(self) -> Mapping[str, str]:
        """Without an application where the account is a bare token."""
        client = self._account.client
        application = {"LOGTO_APP_ID": client.id, "LOGTO_APP_SECRET": client.secret} if client else {}
        return {
            "LOGTO_ENDPOINT": self.url, "LOGTO_RESOURCE": self._account.resource, "LOGTO_TOKEN": self.token(),
            **application,
        }  # fmt: skip

    def count(self) -> int:
        """How many logs there were when they were first asked for."""
        return len(self._logs)

    def slice(self, start: int, stop: int) -> list[Log]:
        """The logs as they were when they were first asked for."""
        return self._logs[start:stop]

    @cached_property
    def _logs(self) -> list[Log]:
        found: dict[str, Log] = {}
        for number in range(1, PAGES + 1):
            page = self._page(number)
            # A log that came while walking pushes another over the edge of a page, where it is met again.
            found.update((log["id"], log) for log in page if log["id"] not in found)
            if len(page) < PAGE_SIZE:
                break
        else:
            self._skip(f"{self.url} has more than {PAGES * PAGE_SIZE} logs, too many to read for one test")
        return list(found.values())

    def _page(self, number: int) -> list[Log]:
        where = self._account.address
        wire = Connection(where, TIMEOUT, time.monotonic)
        bearer = ("Authorization", f"Bearer {self.token()}")
        answer = wire.send("GET", f"{where.path}?page={number}&page_size={PAGE_SIZE}", [bearer])
        wire.close()
        if not answer.is_page:
            raise MockserverError(self.url, answer.said(), "200 with a list of logs", "check the target and its token")
        return answer.logs

    def inside(self, wish: str, act: Callable[[Tenant], Result]) -> Result:
        """Skip: nothing of a deployment is within reach."""
        self._skip(f"needs the mock for its {wish}: {self.url} is a deployment")

    def add(self, logs: list[Log]) -> list[Log]:
        """Skip: nobody writes a log into a deployment."""
        self._skip(f"needs the mock to add logs: {self.url} is a deployment")

    def advance(self, seconds: float) -> None:
        """Skip: the time of a deployment is everybody's."""
        self._skip(f"needs the mock to let time pass: {self.url} is a deployment")

    def reset(self) -> None:
        """Nothing: nothing was changed."""

    def close(self) -> None:
        """Nothing: nothing was opened."""
