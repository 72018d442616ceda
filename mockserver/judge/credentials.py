"""Credentials: the token of a run, if it must be fetched. It is renewed before it expires."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.judge.connection import Connection
from mockserver.judge.route import Address
from mockserver.judge.secrets import Secrets

# The scope that a machine asks for at a Logto Management API.
SCOPE = "all"
# A token is renewed so many seconds early, so that none expires while a request is under way.
MARGIN = 30.0
# RFC 6749, A.12: the characters of an access token; a blank would end it in a header. Few servers read a longer one.
_VISIBLE = re.compile(r"[!-~]{1,16384}")
# A larger answer of a token endpoint is not read.
LARGEST_ANSWER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Client:
    """A machine-to-machine application. Only ``token_address`` gets to see the ``secret``.

    Raises MockserverError for a text that holds a control character, a line end, or bytes that are no UTF-8.
    """

    id: str
    secret: str = field(repr=False)
    token_address: Address
    resource: str

    def __post_init__(self) -> None:
        for name, text in (("client-id", self.id), ("client-secret", self.secret), ("resource", self.resource)):
            if not text.isprintable():
                raise MockserverError(name, "one with a character that nobody can see", "printable text in UTF-8")


def resource_at(address: Address) -> str:
    """The resource of the deployment at an address: that of its tenant in the cloud, otherwise of ``default``."""
    return contract().resource(contract().tenant_at(address.host))


def check_token(name: str, token: str | None) -> None:
    """Raise MockserverError for a token that no header can hold."""
    if token and not (token.isprintable() and token == token.strip()):
        expected = "visible characters without blanks or line ends around them"
        raise MockserverError(name, "one that no header can hold", expected)


class Fetched:
    """Fetches a token for a client, and fetches another shortly before it expires."""

    def __init__(self, client: Client, secrets: Secrets, timeout: float, now: Callable[[], float]) -> None:
        self._client = client
        self._secrets = secrets
        self._now = now
        self._timeout = timeout
        self._token = ""
        self._until = float("-inf")
        self._secrets.add_credential(client.secret, "MOCKSERVER_CLIENT_SECRET")

    def __call__(self) -> str:
        """A token that is valid now; raises MockserverError if it cannot be fetched."""
        if self._now() >= self._until:
            self._fetch()
        return self._token

    def _fetch(self) -> None:
        address = self._client.token_address
        connection = Connection(address, self._timeout, self._now, LARGEST_ANSWER)
        form = urlencode({"grant_type": "client_credentials", "resource": self._client.resource, "scope": SCOPE})
        # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
        pair = f"{quote_plus(self._client.id)}:{quote_plus(self._client.secret)}"
        basic = base64.b64encode(pair.encode()).decode()
        self._secrets.add_credential(basic, "MOCKSERVER_BASIC")
        headers = [("Authorization", f"Basic {basic}"), ("Content-Type", "application/x-www-form-urlencoded")]
        answer = connection.send("POST", address.path, headers, form.encode())
        connection.close()
        reply = answer.value if isinstance(answer.value, dict) else {}
        token, lifetime = reply.get("access_token"), reply.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not _VISIBLE.fullmatch(token):
            raise MockserverError(
                address.url,
                self._secrets.clean(answer.said()),  # the answer may repeat the secret
                "200 with an access_token",
                "check --client-id, --client-secret, --token-url and --resource",
            )
        self._token = token
        self._secrets.add_credential(token, "MOCKSERVER_TOKEN")
        # Without this, a lifetime of 0 would fetch a token for every request.
        seconds = float(lifetime) if isinstance(lifetime, (int, float)) and lifetime > 0 else 3600.0
        self._until = self._now() + max(seconds - MARGIN, seconds / 2)
