"""The wire: one kept-alive HTTP connection that sends a request exactly as it stands, and follows nothing."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import zlib
from collections.abc import Callable
from functools import partial

from mockserver import __version__
from mockserver.judge.address import Address
from mockserver.judge.answer import Answer

USER_AGENT = f"mockserver-check/{__version__}"
# An answer larger than this is not read to its end; a page of 100 logs is about a fiftieth of it.
LARGEST = 16 * 1024 * 1024
PIECE = 64 * 1024
# More parts than this no gzip of an answer has: each costs a copy of what follows it.
MEMBERS = 100


class Connection:
    """A connection to one origin; ``timeout`` is in seconds, for connecting, each read and an answer as a whole; a body
    of more than ``largest`` bytes is left unread."""

    def __init__(self, address: Address, timeout: float, now: Callable[[], float], largest: int = LARGEST) -> None:
        self._address = address
        self._timeout = timeout
        self._now = now
        self._largest = largest
        self._connection: http.client.HTTPConnection | None = None
        self._used = False

    def send(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None = None) -> Answer:
        """The answer; one with status 0 says how none came."""
        begun = self._now()
        reused = self._used
        try:
            return self._exchange(method, target, headers, body, begun)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if reused:
                # A server may close an idle connection at any moment: that is no answer withheld.
                return self.send(method, target, headers, body)
            return self._none(error, begun)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return self._none(error, begun)

    def _none(self, error: Exception, begun: float) -> Answer:
        return Answer(0, seconds=self._now() - begun, lost=_how(error))

    def close(self) -> None:
        """Leave the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._used = None, False

    def _exchange(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None, begun: float
    ) -> Answer:
        connection = self._connection = self._connection or self._connect()
        self._used = True
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
        answered = tuple(response.getheaders())
        if response.will_close:
            self.close()
        return Answer(response.status, answered, _plain(content, response), self._now() - begun)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        pieces, length = [], 0
        while piece := response.read1(PIECE):
            pieces.append(piece)
            length += len(piece)
            if length > self._largest:
                raise http.client.HTTPException("a body too large to judge")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        response.close()
        return b"".join(pieces)

    def _connect(self) -> http.client.HTTPConnection:
        address = self._address
        if address.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(address.connect_to, address.port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(address.connect_to, address.port, timeout=self._timeout)


class _Bounded(io.RawIOBase):
    """What a socket brings until a moment: reading a line or a piece may take many reads, and all of them one time."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        # A connection that closes after an answer is closed before its body is read; this keeps the socket open.
        self._held = sock.makefile("rb", buffering=0)
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # what BufferedReader hands over
        left = self._left()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._held.readinto(buffer)

    def close(self) -> None:
        self._held.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose head and body are read within one time."""

    def __init__(self, sock: socket.socket, left: Callable[[], float], method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self.fp = io.BufferedReader(_Bounded(sock, left))

    def begin(self) -> None:
        """Read the head, past every one that only announces it (RFC 9110, 15.2), such as 103."""
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
        raise http.client.HTTPException("a body that is not the gzip it says it is") from error
    return plain


def _how(error: Exception) -> str:
    """How no answer came, in words that hold nothing of what was sent."""
    match error:
        case TimeoutError():
            return "no whole answer in time"
        case ssl.SSLError():
            return f"a TLS failure ({error.reason or 'unknown'})"
        case socket.gaierror():
            return "no address for that host"
        case ConnectionRefusedError():
            return "a refused connection"
        case http.client.RemoteDisconnected():
            return "a connection closed without an answer"
        case ConnectionResetError() | BrokenPipeError():
            return "a reset connection"
        case http.client.IncompleteRead():
            return "a body shorter than its Content-Length"
        case http.client.BadStatusLine() | http.client.LineTooLong():
            return "bytes that are no HTTP"
        case http.client.HTTPException() if error.args and str(error.args[0]).startswith("a body"):
            return str(error.args[0])
        case _:
            return f"a failing connection ({type(error).__name__})"
