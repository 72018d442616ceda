"""Credentials: the token a run shows, given or fetched, and renewed before it expires."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.judge.address import Address
from mockserver.judge.answer import Answer
from mockserver.judge.connection import Connection
from mockserver.judge.secrets import Secrets

# What a Logto Management API expects a machine to ask for.
SCOPE = "all"
# Renewed so many seconds early, so that no request is under way when a token expires.
MARGIN = 30.0
# RFC 6749, A.12: what an access token may be made of; a blank would end it in a header.
_VISIBLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Client:
    """A machine-to-machine application: ``secret`` is shown to ``token_address`` alone."""

    id: str
    secret: str = field(repr=False)
    token_address: Address
    resource: str


def resource_at(where: Address) -> str:
    """The resource that the deployment at an address is published under: that of its tenant in the cloud, else of
    ``default``."""
    return contract().resource(contract().tenant_at(where.host))


class Fetched:
    """A token fetched for a client, once, and again shortly before it expires."""

    def __init__(self, client: Client, secrets: Secrets, timeout: float, now: Callable[[], float]) -> None:
        self._client = client
        self._secrets = secrets
        self._now = now
        self._timeout = timeout
        self._token = ""
        self._until = float("-inf")
        self._secrets.add_credential(client.secret, "MOCKSERVER_CLIENT_SECRET")

    def __call__(self) -> str:
        """The token; raises MockserverError where none is to be had."""
        if self._now() >= self._until:
            self._fetch()
        return self._token

    def _fetch(self) -> None:
        where = self._client.token_address
        wire = Connection(where, self._timeout, self._now)
        form = urlencode({"grant_type": "client_credentials", "resource": self._client.resource, "scope": SCOPE})
        # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
        pair = f"{quote_plus(self._client.id)}:{quote_plus(self._client.secret)}"
        basic = base64.b64encode(pair.encode()).decode()
        self._secrets.add_credential(basic, "MOCKSERVER_BASIC")
        headers = [("Authorization", f"Basic {basic}"), ("Content-Type", "application/x-www-form-urlencoded")]
        answer = wire.send("POST", where.path, headers, form.encode())
        wire.close()
        self._take(answer)

    def _take(self, answer: Answer) -> None:
        reply = answer.value if isinstance(answer.value, dict) else {}
        token, lifetime = reply.get("access_token"), reply.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not _VISIBLE.fullmatch(token):
            raise MockserverError(
                self._client.token_address.url,
                self._told(answer),
                "200 with an access_token",
                "check --client-id, --client-secret, --token-url and --resource",
            )
        self._token = token
        self._secrets.add_credential(token, "MOCKSERVER_TOKEN")
        # One that is over before it began would have a token fetched for every request.
        seconds = float(lifetime) if isinstance(lifetime, (int, float)) and lifetime > 0 else 3600.0
        self._until = self._now() + max(seconds - MARGIN, seconds / 2)

    def _told(self, answer: Answer) -> str:
        """What came, without the secret that it may repeat and what would speak to a terminal."""
        return "".join(c if c.isprintable() else "�" for c in self._secrets.clean(answer.said()))
