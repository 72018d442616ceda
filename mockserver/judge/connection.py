"""Connections: where a target stands, and one kept-alive HTTP connection to it.

The connection sends each request exactly as given and follows no redirect.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import h11

from mockserver import __version__
from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import UNREAD_ENCODINGS, Answer

USER_AGENT = f"mockserver-check/{__version__}"
# A larger answer is not read to its end; a page of 100 logs is about a fiftieth of this.
LARGEST = 16 * 1024 * 1024
PIECE = 64 * 1024
LONGEST_HEAD = 64 * 1024
_LINES = re.compile(rb"(?:[^\r\n]+\r\n)+\r\n")
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


class _Unreadable(Exception):
    """An answer that is not read; the message says why."""


class _Unanswered(ConnectionResetError):
    """A connection that ends before the first byte of an answer."""


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
        self._sock: socket.socket | None = None
        self._machine = h11.Connection(h11.CLIENT)

    def send(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None = None) -> Answer:
        """The answer; one with status 0 says why no whole answer came."""
        begun, reused = self._now(), self._sock is not None
        try:
            return self._exchange(method, target, headers, body, begun)
        except (OSError, h11.RemoteProtocolError, _Unreadable) as error:
            self.close()
            # A server may close an idle connection at any time. The request was not processed, so it is sent again.
            if reused and isinstance(error, (ConnectionResetError, BrokenPipeError)):
                return self.send(method, target, headers, body)
            return Answer(0, seconds=self._now() - begun, lost=_how(error))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._sock is not None:
            self._sock.close()
        self._sock = None

    def _exchange(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None, begun: float
    ) -> Answer:
        sock = self._sock = self._sock or self._connect()
        named = [("Host", self._address.authority), ("User-Agent", USER_AGENT), *headers]
        named += [] if body is None else [("Content-Length", str(len(body)))]
        encoded = [(name.encode(), value.strip().encode()) for name, value in named]
        request = h11.Request(method=method.encode(), target=target.encode(), headers=encoded)
        parts = [request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
        sock.settimeout(self._timeout)
        sock.sendall(b"".join(self._machine.send(part) or b"" for part in parts))
        response, content = self._read(sock, begun)
        self._next_cycle()
        received = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw_items()
        )
        answer = Answer(response.status_code, received, content, self._now() - begun)
        return replace(answer, body=_plain(answer))

    def _read(self, sock: socket.socket, begun: float) -> tuple[h11.Response, bytes]:
        head, body, response = bytearray(), bytearray(), None
        while not isinstance(event := self._machine.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                data = _received(sock, begun + self._timeout - self._now())
                if not data and not head:
                    raise _Unanswered
                head += b"" if response else data
                self._machine.receive_data(data)
            elif isinstance(event, h11.Response):
                response = event
                _refuse_leniency(bytes(head), response)
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > self._largest:
                    raise _Unreadable("a body too large to judge")
            elif isinstance(event, h11.ConnectionClosed):
                raise _Unanswered
        if response is None or (self._machine.trailing_data[0] and self._machine.their_state is h11.DONE):
            raise _Unreadable("bytes after the end of an answer")
        return response, bytes(body)

    def _next_cycle(self) -> None:
        if self._machine.our_state is h11.DONE and self._machine.their_state is h11.DONE:
            self._machine.start_next_cycle()
        else:
            self.close()

    def _connect(self) -> socket.socket:
        sock = socket.create_connection((self._address.connect_to, self._address.port), self._timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        if self._address.scheme == "http":
            return sock
        try:
            return ssl.create_default_context().wrap_socket(sock, server_hostname=self._address.connect_to)
        except (OSError, ValueError):
            sock.close()
            raise


def _received(sock: socket.socket, left: float) -> bytes:
    """What comes next, within one limit for the whole answer."""
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)
    return sock.recv(PIECE)


def _refuse_leniency(head: bytes, response: h11.Response) -> None:
    """Raise for what h11 reads and other clients refuse."""
    if not _LINES.match(head):
        raise _Unreadable("a head whose lines do not end with CR LF")
    names = {name for name, _ in response.headers}
    if {b"content-length", b"transfer-encoding"} <= names:
        raise _Unreadable("a head with both Content-Length and Transfer-Encoding")


def _plain(answer: Answer) -> bytes:
    """The body without its gzip; another encoding is not read, but no body may only claim it."""
    encoding, body = (answer.header("content-encoding") or "").lower(), answer.body
    if encoding not in ("gzip", "x-gzip"):
        if encoding in UNREAD_ENCODINGS and body[:1] in (b"[", b"{"):
            raise _Unreadable(f"a body that is not the {encoding} it says it is")
        return body
    plain, rest, members = b"", body, 0
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
    (_Unanswered, "a connection closed without an answer"),
    (ConnectionError, "a reset connection"),
)
# The beginnings of h11's messages.
_GRAMMAR = (
    ("peer closed connection", "a body shorter than its Content-Length"),
    ("peer unexpectedly closed", "an answer that breaks off"),
    ("illegal status line", "bytes that are no HTTP"),
    ("illegal request line", "bytes that are no HTTP"),
    ("illegal chunk", "a body whose chunks break off"),
)


def _how(error: Exception) -> str:
    """Why no whole answer came, in words that repeat nothing of what was sent."""
    if isinstance(error, ssl.SSLError):
        return f"a TLS failure ({error.reason or 'unknown'})"
    if isinstance(error, _Unreadable):
        return str(error)
    if isinstance(error, h11.RemoteProtocolError):
        begins = (words for start, words in _GRAMMAR if str(error).startswith(start))
        return next(begins, "a head that breaks the grammar of HTTP")
    losses = (loss for kind, loss in _LOSSES if isinstance(error, kind))
    return next(losses, f"a failing connection ({type(error).__name__})")
