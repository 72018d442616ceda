"""The one function that obeys a reply: waits, writes, dribbles, cuts, closes, resets."""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.http.cors import CORS
from mockserver.http.message import PLAIN, Reply, Sending, Stream

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# A body longer than this goes in pieces with a turn for the other clients between.
PIECE = 256 * 1024
# The headers that open each reply, as text for the end of a head.
_OPEN = "".join(f"{name}: {value}\r\n" for name, value in CORS).encode()
# SO_LINGER on, for 0 seconds: what is unsent is dropped and the peer gets RST (RFC 9293, 3.9.1, ABORT).
_ABORT = struct.pack("ii", 1, 0)


class Left(ConnectionAbortedError):
    """The connection was left on purpose; pywsgi is silent about it, other servers close it and may log that."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "left on purpose")


def send(reply: Reply, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The WSGI answer for ``reply``; raises Left where it says that the connection ends.

    Content-Length is set for bodies of bytes, unless the reply has its own; HEAD, 1xx, 204 and 304 get no body. Under a
    server other than the house's there is no socket: a reset becomes a close, raw bytes are not sent before the close,
    and a wait holds that server's thread.
    """
    if reply.sending is not PLAIN and reply.sending != PLAIN:
        return _disturbed(reply, reply.sending, environ, start_response)
    body = reply.body
    start_response(status_line(reply.status), headers_of(reply))
    if environ["REQUEST_METHOD"] == "HEAD" or is_bodiless(reply.status):
        return ()
    if isinstance(body, bytes) and len(body) <= PIECE:
        return (body,)
    return _in_turns(_pieces(body), environ.get("mockserver.sleep", time.sleep))


class Whole(NamedTuple):
    """A plain reply as the bytes of HTTP/1.1, but for its moment: the head without its last line, and the body."""

    head: bytes
    body: bytes

    def at(self, now: float) -> tuple[bytes, bytes, bytes]:
        """All of it, one piece behind the other, sent at ``now`` (seconds since 1970)."""
        return self.head, _date(int(now)), self.body


def whole(reply: Reply, method: str) -> Whole:
    """The bytes of a reply of bytes, open to browsers, that is sent plainly and keeps the connection."""
    body = b"" if method == "HEAD" or is_bodiless(reply.status) else reply.content()
    return Whole(head_of(reply) + _OPEN, body)


def send_all(connection: socket.socket, pieces: Sequence[bytes]) -> None:
    """Sends all, mostly at once, without a copy that holds the pieces together."""
    sent = connection.sendmsg(pieces)
    if sent < sum(map(len, pieces)):
        connection.sendall(memoryview(b"".join(pieces))[sent:])


def head_of(reply: Reply) -> bytes:
    """The status line and the headers, each with its line end; raises ValueError for one that holds such itself."""
    lines = [f"HTTP/1.1 {status_line(reply.status)}", *map(": ".join, headers_of(reply)), ""]
    whole = "".join(lines)
    if "\n" in whole or "\r" in whole:
        raise ValueError("a header with a line end in it")
    return "\r\n".join(lines).encode("latin-1")


@lru_cache(1)
def _date(second: int) -> bytes:
    """The last line of a head, RFC 9110, 6.6.1, and the empty line behind it."""
    return f"Date: {formatdate(second, usegmt=True)}\r\n\r\n".encode()


@lru_cache(1024)
def status_line(status: int) -> str:
    """A WSGI status such as ``404 Not Found``; a status that no standard names is called ``Unknown``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def is_bodiless(status: int) -> bool:
    """Whether replies of that status have no body."""
    # RFC 9110, 6.4.1: no content in 1xx, 204 and 304.
    return status < 200 or status in (204, 304)


def headers_of(reply: Reply) -> list[tuple[str, str]]:
    """Its headers, with the length of a body of bytes unless the reply tells one itself."""
    status, headers, body, _ = reply
    if not isinstance(body, bytes) or is_bodiless(status) or reply.header("content-length") is not None:
        return list(headers)
    return [*headers, ("Content-Length", f"{len(body)}")]


def _pieces(body: bytes | Stream) -> Iterator[bytes]:
    if isinstance(body, bytes):
        return (body[at : at + PIECE] for at in range(0, len(body), PIECE))
    return iter(body)


def _in_turns(pieces: Iterator[bytes], sleep: Callable[[float], Any]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        sleep(0)


def _disturbed(
    reply: Reply, sending: Sending, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    sleep: Callable[[float], Any] = environ.get("mockserver.sleep", time.sleep)
    connection: socket.socket | None = environ.get("mockserver.socket")
    if sending.wait:
        sleep(sending.wait)
    if sending.cut != -1:
        write = start_response(status_line(reply.status), headers_of(reply))
        # An empty piece makes the server write the head, for there may be nothing after it.
        write(b"")
        for seconds, piece in paced(reply, environ["REQUEST_METHOD"]):
            sleep(seconds)
            write(piece)
    if sending.raw is not None and connection is not None:
        connection.sendall(sending.raw)
    if sending.end == "reset" and connection is not None:
        reset_at_close(connection)
    if sending.end != "keep":
        raise Left
    return ()


def reset_at_close(connection: socket.socket) -> None:
    """Have the peer see a reset once the connection is closed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)


def _chunked(body: bytes | Stream, chunks: int) -> Iterator[bytes]:
    if not isinstance(body, bytes) or chunks == 1:
        return _pieces(body)
    size = max(1, -(-len(body) // chunks))
    return (body[at : at + size] for at in range(0, len(body), size))


def paced(reply: Reply, method: str) -> Iterator[tuple[float, bytes]]:
    """The pieces of a body as the reply says, each with the seconds to wait before it.

    The first ``chunks`` pieces come after their shares of the time; of fewer the last comes when it is over.
    """
    if method == "HEAD" or is_bodiless(reply.status):
        return
    left = reply.sending.cut
    for seconds, piece in _timed(_chunked(reply.body, reply.sending.chunks), reply.sending):
        if left is not None:
            piece = piece[:left]
            left -= len(piece)
        yield seconds, piece
        if left == 0:
            return


def _timed(pieces: Iterator[bytes], sending: Sending) -> Iterator[tuple[float, bytes]]:
    if not sending.over:
        yield from ((0, piece) for piece in pieces)
        return
    share, number = sending.over / sending.chunks, 1
    piece = next(pieces, None)
    while piece is not None:
        following = next(pieces, None)
        is_last = following is None and number < sending.chunks
        yield share * (sending.chunks - number + 1) if is_last else share if number <= sending.chunks else 0, piece
        piece, number = following, number + 1
