"""One connection's incoming bytes: whole heads and whole bodies, within limits of size and time."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.contract.document import contract
from mockserver.http.head import BODY_LIMIT, Head, Malformed, body_length, can_begin

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_CHUNK_LINE_LIMIT = 1024
# Chunks read between two rests: each may be of one byte.
_BREATH = 64


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a client may take: ``idle`` between requests, ``request`` to send a whole one, ``reply`` to take
    a piece of the answer, ``linger`` to stop talking after a refusal. 75 s outlasts the idle pools of most clients."""

    idle: float = 75.0
    request: float = 20.0
    reply: float = 30.0
    linger: float = 1.0


PATIENT = Patience()


class Wire:
    """Reads requests off one socket (gevent's or any other with the same methods).

    Raises Malformed for what is not HTTP, too large (above the fact ``header-limit``, above BODY_LIMIT) or too slow,
    OSError when the connection breaks. ``rest`` is called wherever much can be read without waiting for the client: one
    that sends faster than it is served would otherwise keep an event loop to itself.
    """

    def __init__(self, sock: socket.socket, patience: Patience, rest: Callable[[], object] = lambda: None) -> None:
        self._socket = sock
        self._patience = patience
        self._rest = rest
        self._limit: int = contract().fact("header-limit")
        self._buffer = b""
        self._deadline = 0.0

    def head(self) -> bytes | None:
        """The text of the next head; None when the client has nothing more to ask: it closed, or was idle too long."""
        if self._buffer:
            self._rest()
        started = time.monotonic()
        self._deadline = started + self._patience.idle
        while (end := self._end_of_head()) < 0:
            self._check_beginning()
            try:
                ended = not self._receive()
            except TimeoutError:
                if not self._buffer:
                    return None
                raise Malformed(408) from None
            if ended and self._buffer:
                raise Malformed(400)
            if ended:
                return None
            self._deadline = min(self._deadline, time.monotonic() + self._patience.request)
        if end + 4 > self._limit:
            raise Malformed(431)
        data, self._buffer = self._buffer[: end + 4], self._buffer[end + 4 :]
        return data

    def body(self, head: Head) -> bytes:
        """The whole body that belongs to ``head``."""
        length = body_length(head) if head.framed else 0
        if length == 0:
            return b""
        self._deadline = time.monotonic() + self._patience.request
        if not self._buffer and head.has("expect", "100-continue"):
            self._socket.sendall(_CONTINUE)
        try:
            return self._chunks() if length is None else self._exactly(length)
        except TimeoutError:
            raise Malformed(408) from None

    def _end_of_head(self) -> int:
        if self._buffer.startswith(b"\r\n"):
            # RFC 9112, 2.2: a server should ignore empty lines before the request line.
            self._buffer = self._buffer.lstrip(b"\r\n")
        return self._buffer.find(b"\r\n\r\n")

    def _check_beginning(self) -> None:
        if self._buffer and not can_begin(self._buffer):
            raise Malformed(400)
        if len(self._buffer) > self._limit:
            raise Malformed(431)

    def _receive(self) -> bool:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._socket.settimeout(remaining)
        data = self._socket.recv(65536)
        self._buffer += data
        return bool(data)

    def _exactly(self, length: int) -> bytes:
        parts = [self._buffer]
        missing = length - len(self._buffer)
        while missing > 0:
            self._buffer = b""
            if not self._receive():
                raise Malformed(400)
            parts.append(self._buffer)
            missing -= len(self._buffer)
        whole = b"".join(parts)
        self._buffer = whole[length:]
        return whole[:length]

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _CHUNK_LINE_LIMIT or not self._receive():
                raise Malformed(400)
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _chunks(self) -> bytes:
        whole = bytearray()
        count = 0
        while size := self._chunk_size():
            if len(whole) + size > BODY_LIMIT:
                raise Malformed(413)
            whole += self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise Malformed(400)
            count += 1
            if count % _BREATH == 0:
                self._rest()
        self._trailers()
        return bytes(whole)

    def _chunk_size(self) -> int:
        size, _, _ = self._line().partition(b";")
        if not _CHUNK_SIZE.fullmatch(size):
            raise Malformed(400)
        return int(size, 16)

    def _trailers(self) -> None:
        left = self._limit
        while line := self._line():
            left -= len(line) + 2
            if left < 0:
                raise Malformed(431)
