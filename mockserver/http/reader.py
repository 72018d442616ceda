"""The reader of requests: takes bytes as they come, in pieces of any size, and gives whole requests.

*Why by hand.* No library reads as this house must. ``httptools`` drops the body of a request that offers an upgrade, as
stock JDK clients do, and parses it as the next request; ``h11`` takes forty times as long for a head and is more
lenient; both decode or join what a real deployment tells apart. They stay as oracles in the tests.

*How it works.* Reading is a coroutine turned inside out: ``_requests`` is a generator that says ``yield`` wherever it
needs more bytes, so that it reads like the grammar of RFC 9112 and holds its place by itself. ``feed`` hands it a piece
and returns the requests that this piece completed. Nothing here waits, and nothing knows of a socket or a clock.

*What is bounded.* A head by ``limit``, a line of a chunk by 1,024 bytes, a body by ``BODY_LIMIT``, the trailers by
``limit``. What breaks a bound or the grammar ends the reading for good: ``refusal`` is the status to answer with, after
the requests before it. Bytes behind it are never looked at, for nobody can tell where the next request would begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import NamedTuple

from mockserver.http.head import BODY_LIMIT, Head, Malformed, can_begin, read_head

_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
# RFC 9112, 7.1.1 and 7.1.2: extensions and trailers are text; a bare CR or LF in them is read as a line end by some.
_CHUNK_TEXT = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_CHUNK_LINE_LIMIT = 1024
# Node counts target, names and values alone. A field of one character takes five bytes of a head.
_BYTES_PER_COUNTED = 5

_Bytes = Generator[None, bytes, bytes]
# Takes the pieces of a body that passes through, and an empty one at its end.
Passing = Callable[[bytes], object]


class Incoming(NamedTuple):
    """One whole request, or one whose body goes to ``passing``; ``text`` is its head as it came."""

    head: Head
    body: bytes
    text: bytes
    passing: Passing | None = None


class Reader:
    """Reads the requests of one connection.

    ``limit`` bounds a head in bytes; with ``as_node`` only target, names and values count, and they stay below it.
    ``passing`` says of a head where its body goes as it comes, of any size; such a request is given before its body.
    """

    def __init__(
        self, limit: int, *, as_node: bool = False, passing: Callable[[Head], Passing | None] = lambda head: None
    ) -> None:
        self._limit = limit
        self._as_node = as_node
        self._passing_of = passing
        self.passing: Passing | None = None
        self._buffer = b""
        self._whole: list[Incoming] = []
        self.refusal: int | None = None
        self.is_partial = False
        self.awaited: Head | None = None
        self._steps = self._requests()
        next(self._steps)

    def feed(self, data: bytes) -> list[Incoming]:
        """Take some bytes and return the requests that they complete.

        Afterwards ``refusal`` is the status that ends the connection, or None; ``is_partial`` says whether a request
        has begun and is not whole; ``awaited`` is its head where nothing of its body has come; ``passing`` is where the
        rest of a body goes.
        """
        self._whole = []
        if self.refusal is None:
            try:
                self._steps.send(data)
            except Malformed as malformed:
                self.refusal, self.is_partial = malformed.status, False
        return self._whole

    def _requests(self) -> Generator[None, bytes, None]:
        while True:
            text = yield from self._head()
            head = read_head(text)
            if self._as_node and head.size >= self._limit:
                raise Malformed(431)
            pieces: list[bytes] = []
            self.passing = self._passing_of(head) if head.length != 0 else None
            if self.passing is not None:
                self._whole.append(Incoming(head, b"", text, self.passing))
                yield from self._body(head, self.passing, None)
                self.passing(b"")
            elif head.length != 0:
                self.awaited = None if self._buffer else head
                yield from self._body(head, pieces.append, BODY_LIMIT)
            self.is_partial = False
            if self.passing is None:
                self._whole.append(Incoming(head, b"".join(pieces), text))
            self.passing = None

    def _head(self) -> _Bytes:
        limit = self._limit * _BYTES_PER_COUNTED if self._as_node else self._limit
        checked = 0
        if not self._buffer:
            self._buffer = yield
        while True:
            # RFC 9112, 2.2: a server should ignore empty lines before the request line.
            if self._buffer.startswith(b"\r\n"):
                self._buffer = self._buffer.lstrip(b"\r\n")
            end = self._buffer.find(b"\r\n\r\n", max(0, checked - 3)) + 4
            if end > limit:
                raise Malformed(431)
            if end >= 4:
                text, self._buffer = self._buffer[:end], self._buffer[end:]
                self.is_partial = True
                return text
            if self._buffer and not can_begin(self._buffer, checked):
                raise Malformed(400)
            line_ended = b"\n" in self._buffer
            if len(self._buffer) > (limit if line_ended else self._limit):
                raise Malformed(431)
            self.is_partial = bool(self._buffer)
            checked = len(self._buffer)
            self._buffer += yield

    def _body(self, head: Head, add: Callable[[bytes], object], most: int | None) -> Generator[None, bytes, None]:
        """Give ``add`` the pieces of a body of at most so many bytes."""
        if head.length is None:
            yield from self._chunks(add, most)
        elif most is not None and head.length > most:
            raise Malformed(413)
        else:
            yield from self._exactly(head.length, add)

    def _exactly(self, length: int, add: Callable[[bytes], object]) -> Generator[None, bytes, None]:
        while True:
            piece, self._buffer = self._buffer[:length], self._buffer[length:]
            if piece:
                add(piece)
            length -= len(piece)
            if not length:
                return
            self._buffer = yield
            self.awaited = None

    def _line(self) -> _Bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _CHUNK_LINE_LIMIT or b"\n" in self._buffer:
                raise Malformed(400)
            data = yield
            self.awaited = None
            self._buffer += data
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        if not _CHUNK_TEXT.fullmatch(line):
            raise Malformed(400)
        return line

    def _chunks(self, add: Callable[[bytes], object], most: int | None) -> Generator[None, bytes, None]:
        total = 0
        while size := (yield from self._chunk_size()):
            total += size
            if most is not None and total > most:
                raise Malformed(413)
            yield from self._exactly(size, add)
            ending: list[bytes] = []
            yield from self._exactly(2, ending.append)
            if b"".join(ending) != b"\r\n":
                raise Malformed(400)
        left = self._limit
        while line := (yield from self._line()):
            left -= len(line) + 2
            if left < 0:
                raise Malformed(431)

    def _chunk_size(self) -> Generator[None, bytes, int]:
        size, _, _ = (yield from self._line()).partition(b";")
        if not _CHUNK_SIZE.fullmatch(size):
            raise Malformed(400)
        return int(size, 16)
