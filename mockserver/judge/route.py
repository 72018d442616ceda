"""Routes: where a target stands, and how a connection reaches it: directly or through an HTTP proxy, trusting whom.

What a user does not give is taken from the environment, as other clients take it: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY
and NO_PROXY, in lower case too, and SSL_CERT_FILE and REQUESTS_CA_BUNDLE (both, if both are set). A proxy elsewhere
cannot reach this machine under a loopback address, and would only see the token: one that the environment names is not
used for that.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import idna
from requests.utils import get_environ_proxies, select_proxy

from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import MockserverError
from mockserver.http.forwarded import is_loopback

_PORTS = {"http": 80, "https": 443}
# The variables that name the authorities to trust.
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class NetworkRoute:
    """How requests leave this machine. None means: as the environment says.

    ``proxy`` is the URL of an HTTP proxy for every request, or empty for no proxy. ``ca_file`` is a PEM file, or a
    folder of such files, with the authorities to trust; ``client_cert`` is a PEM file with a certificate and its key.
    Raises MockserverError for a URL or a file that is no such thing.
    """

    proxy: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    client_cert: str | None = None

    def __post_init__(self) -> None:
        if self.proxy:
            _proxy(self.proxy)
        if self.ca_file or self.client_cert:
            self.context()

    def context(self) -> ssl.SSLContext:
        """The settings of TLS, made once for the same files."""
        files = (self.ca_file,) if self.ca_file else tuple(filter(None, map(os.environ.get, CA_VARIABLES)))
        return _context(files, self.client_cert)

    def through(self, target: Address) -> Address | None:
        """The proxy for a target; None if there is none."""
        if self.proxy is not None:
            return _proxy(self.proxy) if self.proxy else None
        url = select_proxy(target.url, get_environ_proxies(target.url))
        proxy = _proxy(url) if url else None
        return None if proxy and target.loopback and not proxy.loopback else proxy


# Whatever the environment says.
ENVIRONMENT = NetworkRoute()


@dataclass(frozen=True, slots=True)
class Address:
    """An HTTP origin and a path on it, without a query; the route there; ``account`` is NAME:PASSWORD for a proxy."""

    scheme: str
    host: str
    port: int
    path: str
    route: NetworkRoute = field(default=ENVIRONMENT, repr=False)
    account: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The address as a URL."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host, and port unless it is the scheme's default: the value of the Host header."""
        return self.host_and_port.removesuffix(f":{_PORTS[self.scheme]}")

    @property
    def host_and_port(self) -> str:
        """Host and port, as CONNECT names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the address is on this machine."""
        return is_loopback(self.host)

    @property
    def connect_to(self) -> str:
        """The host to connect to. Names below localhost are this machine, even if its resolver does not know them."""
        return "127.0.0.1" if self.host.endswith(".localhost") else self.host

    def refuse_plain(self, insecure_http: bool) -> None:
        """Raise MockserverError if a token would cross a network in the clear."""
        proxy = self.route.through(self)
        inside = self.loopback and (proxy is None or proxy.loopback)
        if self.scheme == "http" and not inside and not insecure_http:
            raise MockserverError(
                self.url, "plain http beyond this machine", "https", "--insecure-http sends the token in the clear"
            )


def address(text: str, route: NetworkRoute = ENVIRONMENT, place: str = "target") -> Address:
    """The address of a URL; raises MockserverError for a text that is not the URL of an HTTP server."""
    # The text before an @ is a password, and no message may repeat it.
    found = "one with a name or password" if "@" in text else repr(text)
    no_url = MockserverError(place, found, "a URL such as http://localhost:3001 or https://my-tenant.logto.app")
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
        # Names of ASCII may have an underscore, which idna refuses: services of Docker Compose have.
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
        host.encode("idna")
    except ValueError:
        raise no_url from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise no_url
    if "@" in parts.netloc or not re.fullmatch(r"[\x21-\x7e]*", parts.path):
        raise no_url
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], parts.path, route)


def logs_address(base: str, route: NetworkRoute = ENVIRONMENT) -> Address:
    """The address of the operation below a base URL; the base may already end with the operation's path."""
    given = address(base, route)
    return replace(given, path=given.path.rstrip("/").removesuffix(LIST_PATH) + LIST_PATH)


def _proxy(url: str) -> Address:
    scheme, _, rest = (url if "://" in url else f"http://{url}").partition("://")
    account, _, place = rest.rpartition("@")
    if scheme.lower() != "http":
        raise MockserverError("proxy", f"one of {scheme}", "an HTTP proxy, http://HOST:PORT", "see --proxy, NO_PROXY")
    return replace(address(f"http://{place}", place="proxy"), account=unquote(account))


@cache
def _context(authorities: tuple[str, ...], client_cert: str | None) -> ssl.SSLContext:
    try:
        # Any folder, also one that holds nothing, takes the place of the system's authorities.
        context = ssl.create_default_context(capath=next(iter(authorities), None))
        for file in authorities:
            option = "--ca-file, " + ", ".join(CA_VARIABLES)
            context.load_verify_locations(**{"capath" if Path(file).is_dir() else "cafile": file})
        if client_cert:
            file, option = client_cert, "--client-cert"
            # Without a password, OpenSSL would ask for that of an encrypted key on the terminal.
            context.load_cert_chain(client_cert, password="")
    except OSError as error:
        reason = "no PEM, or an encrypted one" if isinstance(error, ssl.SSLError) else str(error.strerror).lower()
        raise MockserverError(file, reason, "a file in PEM", f"see {option}") from None
    return context
