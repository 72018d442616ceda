"""A reply as bytes: its head, its body in pieces, and when each piece is due. Nothing here touches a socket."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from mockserver.http.cors import CORS
from mockserver.http.message import Reply, Sending, Stream, field_lines, headers_of, is_bodiless
from mockserver.mock.journal import Entry

# A longer body is sent in pieces, and other clients have a turn between them.
PIECE = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_OPEN = "".join(f"{name}: {value}\r\n" for name, value in CORS).encode()


@lru_cache(1)
def date_line(second: int) -> bytes:
    """The Date field (RFC 9110, 6.6.1) of a moment in seconds since 1970, and the empty line that ends a head."""
    return f"Date: {formatdate(second, usegmt=True)}\r\n\r\n".encode()


@lru_cache(maxsize=1024)
def status_line(status: int) -> str:
    """A status with its name, such as ``404 Not Found``; one that no standard names is called ``Unknown``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def is_sent(reply: Reply, method: str) -> bool:
    """Whether the body of a reply goes over the wire."""
    return method != "HEAD" and not is_bodiless(reply.status)


def head_of(reply: Reply, fields: str = "") -> bytes:
    """The status line and the fields, each with its line end; raises ValueError for one that holds such itself.

    ``fields`` are the lines of its headers, with its length, where they are made already.
    """
    fields = fields or field_lines(headers_of(reply))
    if not fields.count("\r") == fields.count("\n") == len(headers_of(reply)):
        raise ValueError("a header with a line end in it")
    return f"HTTP/1.1 {status_line(reply.status)}\r\n{fields}".encode("latin-1")


def refusal_of(status: int) -> bytes:
    """The bytes of an empty reply that closes the connection."""
    return head_of(Reply(status, (("Connection", "close"), ("Content-Length", "0")))) + _OPEN + b"\r\n"


class Rendered:
    """A plain reply as the bytes of HTTP/1.1, open to browsers, for a connection that is kept.

    ``fields`` are the lines of its head where they are made already. ``size`` is the number of bytes of its body.
    """

    __slots__ = ("_body", "_bytes", "_head", "_second", "size")

    def __init__(self, reply: Reply, method: str, fields: str = "") -> None:
        self._head = head_of(reply, fields) + _OPEN
        self._body = reply.content() if is_sent(reply, method) else b""
        self.size = len(self._body)
        self._second, self._bytes = -1, b""

    def at(self, now: float) -> bytes:
        """All of it as sent at ``now`` (seconds since 1970); put together once a second."""
        if int(now) != self._second:
            self._second = int(now)
            self._bytes = b"".join((self._head, date_line(self._second), self._body))
        return self._bytes


def paced(reply: Reply) -> Iterator[tuple[float, bytes]]:
    """The pieces of a body as the reply says, each with the seconds to wait before it.

    The first ``chunks`` pieces come after their shares of the time; of fewer, the last comes when the time is over.
    """
    left = reply.sending.cut
    for seconds, piece in _timed(_pieces(reply.body, reply.sending.chunks), reply.sending):
        if left is not None:
            piece = piece[:left]
            left -= len(piece)
        yield seconds, piece
        if left == 0:
            return


def _pieces(body: bytes | Stream, chunks: int) -> Iterable[bytes]:
    if not isinstance(body, bytes):
        return body
    size = PIECE if chunks == 1 else max(1, -(-len(body) // chunks))
    return (body[at : at + size] for at in range(0, len(body), size))


def _timed(pieces: Iterable[bytes], sending: Sending) -> Iterator[tuple[float, bytes]]:
    if not sending.over:
        yield from ((0.0, piece) for piece in pieces)
        return
    share, number, rest = sending.over / sending.chunks, 1, iter(pieces)
    piece = next(rest, None)
    while piece is not None:
        following = next(rest, None)
        is_last = following is None and number < sending.chunks
        yield share * (sending.chunks - number + 1) if is_last else share if number <= sending.chunks else 0.0, piece
        piece, number = following, number + 1


def set_time(entry: Entry | None, began: float) -> None:
    """Enter in the journal how long an exchange took that began at ``began`` (``perf_counter`` seconds)."""
    if entry is not None:
        entry.milliseconds = (time.perf_counter() - began) * 1000
