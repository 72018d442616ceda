"""Addresses: where a target stands, and what may be sent there."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import MockserverError


@dataclass(frozen=True, slots=True)
class Address:
    """One HTTP origin and a path on it, without a query. ``port`` is never absent."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The address as a person writes it."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port: what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether this machine alone is reached."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def connect_to(self) -> str:
        """The host to connect to: names below localhost are this machine, whatever its resolver knows of them."""
        return "127.0.0.1" if self.host.endswith(".localhost") else self.host

    def refuse_plain(self, insecure_http: bool) -> None:
        """Raise MockserverError where a token would cross a network in the clear."""
        if self.scheme == "http" and not self.loopback and not insecure_http:
            raise MockserverError(
                self.url, "plain http beyond this machine", "https", "--insecure-http sends the token in the clear"
            )


def address(text: str) -> Address:
    """The address of a URL; raises MockserverError where it is none, or none that a request can name."""
    # What stands before an @ is a password, which no message may repeat.
    found = "one with a name or password" if "@" in text else repr(text)
    wanted = MockserverError("target", found, "a URL such as http://localhost:3001 or https://my-tenant.logto.app")
    try:
        parts: SplitResult = urlsplit(text)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise wanted from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise wanted
    if "@" in parts.netloc or not re.fullmatch(r"[\x21-\x7e]*", parts.path):
        raise wanted
    return Address(parts.scheme, parts.hostname, port or {"http": 80, "https": 443}[parts.scheme], parts.path)


def logs_address(base: str) -> Address:
    """The address of the operation below a base URL; a base that names the operation already is taken as it is."""
    found = address(base)
    path = found.path.rstrip("/").removesuffix(LIST_PATH)
    return Address(found.scheme, found.host, found.port, path + LIST_PATH)
