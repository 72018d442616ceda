"""Connections: one kept-alive HTTP connection to an origin, directly or through a proxy.

The connection sends each request exactly as given and follows no redirect. A proxy is asked for a tunnel to an https
origin (RFC 9110, 9.3.6), and with the whole URL for an http one (RFC 9112, 3.2.2).
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import h11

from mockserver import __version__
from mockserver.judge.answer import UNREAD_ENCODINGS, Answer
from mockserver.judge.route import CA_VARIABLES, Address

USER_AGENT = f"mockserver-check/{__version__}"
# A larger answer is not read to its end; a page of 100 logs is about a fiftieth of this.
LARGEST = 16 * 1024 * 1024
PIECE = 64 * 1024
LONGEST_HEAD = 64 * 1024
_LINES = re.compile(rb"(?:[^\r\n]+\r\n)+\r\n")
# No honest gzip has more members, and each costs a copy of the bytes after it.
MEMBERS = 100
# Only a proxy answers so.
_UNKNOWN = "status 407 (name and password belong into its URL: http://NAME:PASSWORD@HOST)"


class _Unreadable(OSError):
    """An answer that is not read; the message says why."""


class Unanswered(ConnectionResetError):
    """A connection that ends before the first byte of an answer."""


class Connection:
    """A connection to one origin.

    ``timeout``, in seconds, limits connecting, sending, and an answer as a whole. A body of more than ``largest``
    bytes is not read to its end.
    """

    def __init__(self, address: Address, timeout: float, now: Callable[[], float], largest: int = LARGEST) -> None:
        self._address = address
        self._proxy = address.route.through(address)
        self.timeout = timeout
        self._now = now
        self._largest = largest
        self._sock: socket.socket | None = None
        self._machine = h11.Connection(h11.CLIENT)
        self._begun = 0.0
        self._failure: OSError | None = None

    def send(self, *request: Any) -> Answer:
        """The answer to a request, which ``start`` takes; one with status 0 says why no whole answer came."""
        reused = self._sock is not None
        self.start(*request)
        answer = self.finish()
        # A server may close an idle connection at any time. The request was not processed, so it is sent again.
        return self.send(*request) if reused and answer.lost in _CLOSED else answer

    def start(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None = None) -> None:
        """Send a request, whose answer ``finish`` returns."""
        self._begun, self._failure = self._now(), None
        try:
            self._write(method, target, headers, body)
        except OSError as error:
            self._failure = error

    def finish(self) -> Answer:
        """The answer to the request that was sent."""
        try:
            if self._failure is not None:
                raise self._failure
            return self._answer()
        except (OSError, h11.RemoteProtocolError) as error:
            self.close()
            return Answer(0, seconds=self._now() - self._begun, lost=how_lost(error))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._sock is not None:
            self._sock.close()
        self._sock = None

    def _write(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None) -> None:
        if self._sock is None:
            self._connect()
        if self._proxy and self._address.scheme == "http":
            target, headers = f"http://{self._address.authority}{target}", [*headers, *account(self._proxy)]
        self._ask(method, target, headers, body)

    def _ask(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None = None) -> None:
        named = [("Host", self._address.authority), ("User-Agent", USER_AGENT), *headers]
        named += [] if body is None else [("Content-Length", str(len(body)))]
        encoded = [(name.encode(), value.strip().encode()) for name, value in named]
        request = h11.Request(method=method.encode(), target=target.encode(), headers=encoded)
        parts = [request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
        sock = cast(socket.socket, self._sock)
        sock.settimeout(self.timeout)
        sock.sendall(b"".join(self._machine.send(part) or b"" for part in parts))

    def _answer(self) -> Answer:
        response, content = self._read()
        if self._proxy and response.status_code == 407:
            raise at_proxy(self._proxy, _Unreadable(_UNKNOWN))
        self._next_cycle()
        received = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw_items()
        )
        answer = Answer(response.status_code, received, content, self._now() - self._begun)
        return replace(answer, body=_plain(answer))

    def _read(self) -> tuple[h11.Response, bytes]:
        head, body, response = bytearray(), bytearray(), None
        # After the head of an answer that opens a tunnel, h11 pauses.
        while not (isinstance(event := self._machine.next_event(), h11.EndOfMessage) or event is h11.PAUSED):
            if event is h11.NEED_DATA:
                data = self._received(self._begun + self.timeout - self._now())
                if not data and not head:
                    raise Unanswered
                head += b"" if response else data
                self._machine.receive_data(data)
            elif isinstance(event, h11.Response):
                response = event
                _refuse_leniency(bytes(head), response)
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > self._largest:
                    raise _Unreadable("a body too large to judge")
        if response is None or (self._machine.trailing_data[0] and self._machine.their_state is h11.DONE):
            raise _Unreadable("bytes after the end of an answer")
        return response, bytes(body)

    def _received(self, left: float) -> bytes:
        """What comes next, within one limit for the whole answer."""
        if left <= 0 or self._sock is None:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._sock.recv(PIECE)

    def _next_cycle(self) -> None:
        if self._machine.our_state is h11.DONE and self._machine.their_state is h11.DONE:
            self._machine.start_next_cycle()
        else:
            self.close()

    def _connect(self) -> None:
        proxy, place = self._proxy, self._proxy or self._address
        context = self._address.route.context() if self._address.scheme == "https" else None
        try:
            sock = self._sock = socket.create_connection((place.connect_to, place.port), self.timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
            if proxy and context:
                self._tunnel(proxy)
        except (OSError, h11.RemoteProtocolError) as error:
            raise (at_proxy(proxy, error) if proxy else error) from None
        if context:
            self._sock = context.wrap_socket(sock, server_hostname=self._address.connect_to)

    def _tunnel(self, proxy: Address) -> None:
        self._ask("CONNECT", self._address.host_and_port, account(proxy))
        response, _ = self._read()
        if response.status_code // 100 != 2:
            raise unopened(response.status_code)
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)


def unopened(status: int) -> OSError:
    """Why a proxy with this status has opened no tunnel."""
    return _Unreadable(_UNKNOWN if status == 407 else f"status {status}")


def at_proxy(proxy: Address, error: Exception) -> OSError:
    """The failure as one on the way to a proxy, or at it."""
    return _Unreadable(f"{how_lost(error)} at the proxy {proxy.authority}")


def account(proxy: Address) -> list[tuple[str, str]]:
    """The header that tells a proxy who asks; none if its URL names nobody."""
    basic = base64.b64encode(proxy.account.encode()).decode()
    return [("Proxy-Authorization", f"Basic {basic}")] if proxy.account else []


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
            if not member.eof and len(plain) < LARGEST:
                raise _Unreadable("a body whose gzip breaks off")
    except zlib.error as error:
        raise _Unreadable("a body that is not the gzip it says it is") from error
    return plain


# Why no whole answer came, by the first class that an error has.
_LOSSES = (
    (TimeoutError, "no whole answer in time"),
    (socket.gaierror, "no address for that host"),
    (ConnectionRefusedError, "a refused connection"),
    (Unanswered, "a connection closed without an answer"),
    (ConnectionError, "a reset connection"),
)
# How a connection ends that a server had left open.
_CLOSED = ("a connection closed without an answer", "a reset connection")
# The beginnings of h11's messages.
_GRAMMAR = (
    ("peer closed connection", "a body shorter than its Content-Length"),
    ("peer unexpectedly closed", "an answer that breaks off"),
    ("illegal status line", "bytes that are no HTTP"),
    ("illegal request line", "bytes that are no HTTP"),
    ("illegal chunk", "a body whose chunks break off"),
    ("Receive buffer too long", "a head that is too long"),
    ("too many", "too many interim answers"),
)


def how_lost(error: Exception) -> str:
    """Why no whole answer came, in words that repeat nothing of what was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"a TLS failure ({error.verify_message}; see --ca-file, {', '.join(CA_VARIABLES)})"
    if isinstance(error, ssl.SSLError):
        # Who demands a certificate sends an alert, or closes the connection before the request was sent.
        reason = error.reason or "closed"
        return f"a TLS failure ({reason}{'; see --client-cert' if 'ALERT' in reason or not error.reason else ''})"
    if isinstance(error, _Unreadable):
        return str(error)
    if isinstance(error, h11.RemoteProtocolError):
        begins = (words for start, words in _GRAMMAR if str(error).startswith(start))
        return next(begins, "a head that breaks the grammar of HTTP")
    if str(error).startswith("Multiple exceptions"):  # asyncio joins those of several addresses
        return "no connection to any of its addresses"
    losses = (loss for kind, loss in _LOSSES if isinstance(error, kind))
    return next(losses, f"a failing connection ({type(error).__name__})")
