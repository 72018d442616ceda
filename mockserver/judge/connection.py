"""Connections: where a target stands, and one kept-alive HTTP connection to it.

The connection sends each request exactly as given and follows no redirect.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from mockserver import __version__
from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import Answer

USER_AGENT = f"mockserver-check/{__version__}"
# A larger answer is not read to its end; a page of 100 logs is about a fiftieth of this.
LARGEST = 16 * 1024 * 1024
PIECE = 64 * 1024
# No honest gzip has more members, and each costs a copy of the bytes after it.
MEMBERS = 100

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """An HTTP origin and a path on it, without a query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The address as a URL."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host, and port unless it is the scheme's default: the value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the address is on this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def connect_to(self) -> str:
        """The host to connect to. Names below localhost are this machine, even if its resolver does not know them."""
        return "127.0.0.1" if self.host.endswith(".localhost") else self.host

    def refuse_plain(self, insecure_http: bool) -> None:
        """Raise MockserverError if a token would cross a network in the clear."""
        if self.scheme == "http" and not self.loopback and not insecure_http:
            raise MockserverError(
                self.url, "plain http beyond this machine", "https", "--insecure-http sends the token in the clear"
            )


def address(text: str) -> Address:
    """The address of a URL; raises MockserverError for a text that is not the URL of an HTTP server."""
    # The text before an @ is a password, and no message may repeat it.
    found = "one with a name or password" if "@" in text else repr(text)
    no_url = MockserverError("target", found, "a URL such as http://localhost:3001 or https://my-tenant.logto.app")
    try:
        parts = urlsplit(text)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise no_url from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise no_url
    if "@" in parts.netloc or not re.fullmatch(r"[\x21-\x7e]*", parts.path):
        raise no_url
    return Address(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path)


def logs_address(base: str) -> Address:
    """The address of the operation below a base URL; the base may already end with the operation's path."""
    given = address(base)
    return replace(given, path=given.path.rstrip("/").removesuffix(LIST_PATH) + LIST_PATH)


class _Unreadable(http.client.HTTPException):
    """A body that is not read; the message says why."""


class Connection:
    """A connection to one origin.

    ``timeout``, in seconds, limits connecting, each read, and an answer as a whole. A body of more than ``largest``
    bytes is not read to its end.
    """

    def __init__(self, address: Address, timeout: float, now: Callable[[], float], largest: int = LARGEST) -> None:
        self._address = address
        self._timeout = timeout
        self._now = now
        self._largest = largest
        self._connection: http.client.HTTPConnection | None = None

    def send(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None = None) -> Answer:
        """The answer; one with status 0 says why no whole answer came."""
        begun, reused = self._now(), self._connection is not None
        try:
            return self._exchange(method, target, headers, body, begun)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            # A server may close an idle connection at any time. The request was not processed, so it is sent again.
            if reused and isinstance(error, (ConnectionResetError, BrokenPipeError)):
                return self.send(method, target, headers, body)
            return Answer(0, seconds=self._now() - begun, lost=_how(error))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _exchange(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None, begun: float
    ) -> Answer:
        connection = self._connection = self._connection or self._connect()
        if connection.sock is not None:
            connection.sock.settimeout(self._timeout)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in [("Host", self._address.authority), ("User-Agent", USER_AGENT), *headers]:
            connection.putheader(name, value.encode())
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.response_class = partial(_Response, left=lambda: begun + self._timeout - self._now())  # type: ignore[assignment]  # it is called, not subclassed
        connection.endheaders(body)
        response = connection.getresponse()
        content = self._read(response)
        if response.will_close:
            self.close()
        return Answer(response.status, tuple(response.getheaders()), _plain(content, response), self._now() - begun)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        pieces, length = [], 0
        while piece := response.read1(PIECE):
            pieces.append(piece)
            length += len(piece)
            if length > self._largest:
                raise _Unreadable("a body too large to judge")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        response.close()
        return b"".join(pieces)

    def _connect(self) -> http.client.HTTPConnection:
        https = self._address.scheme == "https"
        connection = http.client.HTTPSConnection if https else http.client.HTTPConnection
        return connection(self._address.connect_to, self._address.port, timeout=self._timeout)


class _Bounded(io.RawIOBase):
    """A socket that is readable until a deadline: a line may take many reads, and one limit holds for all of them."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        # http.client closes a connection that ends after an answer before its body is read; this keeps the socket open.
        self._file = sock.makefile("rb", buffering=0)
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # what BufferedReader hands over
        left = self._left()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose head and body are read within one time limit."""

    def __init__(self, sock: socket.socket, left: Callable[[], float], method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self.fp = io.BufferedReader(_Bounded(sock, left))

    def begin(self) -> None:
        """Read the head, after all interim ones, such as 103 (RFC 9110, 15.2)."""
        super().begin()
        while 101 < self.status < 200:
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first head
            super().begin()


def _plain(content: bytes, response: http.client.HTTPResponse) -> bytes:
    if (response.getheader("content-encoding") or "").lower() not in ("gzip", "x-gzip"):
        return content
    plain, rest, members = b"", content, 0
    try:
        # RFC 1952, 2.2: a file is one member or several.
        while rest and len(plain) < LARGEST and members < MEMBERS:
            members += 1
            member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            plain += member.decompress(rest, LARGEST - len(plain))
            rest = member.unused_data
    except zlib.error as error:
        raise _Unreadable("a body that is not the gzip it says it is") from error
    return plain


# Why no whole answer came, by the first class that an error has.
_LOSSES = (
    (TimeoutError, "no whole answer in time"),
    (socket.gaierror, "no address for that host"),
    (ConnectionRefusedError, "a refused connection"),
    (http.client.RemoteDisconnected, "a connection closed without an answer"),
    (ConnectionError, "a reset connection"),
    (http.client.IncompleteRead, "a body shorter than its Content-Length"),
    ((http.client.BadStatusLine, http.client.LineTooLong), "bytes that are no HTTP"),
)


def _how(error: Exception) -> str:
    """Why no whole answer came, in words that repeat nothing of what was sent."""
    if isinstance(error, ssl.SSLError):
        return f"a TLS failure ({error.reason or 'unknown'})"
    if isinstance(error, _Unreadable):
        return str(error)
    losses = (loss for kind, loss in _LOSSES if isinstance(error, kind))
    return next(losses, f"a failing connection ({type(error).__name__})")
