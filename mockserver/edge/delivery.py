"""The one place that obeys a reply: holds back, waits, writes, dribbles, cuts, closes, resets."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator

from mockserver.edge.sending import date_line, head_of, is_sent, paced
from mockserver.http.head import Head
from mockserver.http.message import Reply, Stream

_CLOSE = b"Connection: close\r\n"
# SO_LINGER on, for 0 seconds: what is unsent is dropped and the peer gets RST (RFC 9293, 3.9.1, ABORT).
_ABORT = struct.pack("ii", 1, 0)


class Delivery:
    """Sends replies over one transport, one after the other.

    ``is_begun``: something of the present reply was written; ``is_waiting``: it waits on purpose; ``is_over``: the
    connection ends with it; ``sent``: so many bytes of its body were written.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._flushed: asyncio.Future[None] | None = None
        self._held = b""
        self.is_paused = self.is_begun = self.is_waiting = self.is_over = False
        self.sent = 0

    def whole(self, reply: Reply, body: bytes, head: Head) -> bytes:
        """All bytes of a reply whose body is ``body``; they count as sent."""
        content = body if is_sent(reply, head.method) else b""
        self.sent = len(content)
        return self._start(reply, head) + content

    def write(self, data: bytes) -> None:
        """Write bytes, behind those that are held back."""
        if self._held:
            self.release()
        self._transport.write(data)

    def hold(self, data: bytes) -> None:
        """Hold bytes back until ``release``, or until more is written."""
        if self._held:
            self.release()
        self._held = data

    def release(self) -> None:
        """Write what is held back."""
        held, self._held = self._held, b""
        if held:
            self._transport.write(held)

    async def obey(self, reply: Reply, head: Head, rest: AsyncIterator[bytes] | None = None) -> None:
        """Send a reply as it says; returns when all is written, or the connection is over.

        ``rest`` are the pieces of its body that come behind its own.
        """
        sending, self.is_begun, self.sent = reply.sending, False, 0
        if sending.wait:
            await self._wait(sending.wait)
        if sending.cut != -1:
            await self._write_body(reply, head, rest)
        if sending.raw is not None:
            self.write(sending.raw)
            self.sent += len(sending.raw)
        if sending.end == "reset":
            await self._reset()
        elif sending.end == "close" or head.closing:
            self.close()

    def close(self) -> None:
        """End the connection behind what was written."""
        self.is_over = True
        self.release()
        self._transport.close()

    def resume(self) -> None:
        """Go on."""
        self.is_paused = False
        if self._flushed is not None and not self._flushed.done():
            self._flushed.set_result(None)

    def _start(self, reply: Reply, head: Head, more: bytes = b"") -> bytes:
        close = _CLOSE if head.closing and head.version == "1.1" else b""
        return b"".join((head_of(reply), more, reply.sending.stray, close, date_line(int(time.time()))))

    async def _write_body(self, reply: Reply, head: Head, rest: AsyncIterator[bytes] | None) -> None:
        """Write the head with the first piece, then the other pieces, in chunks where nobody knows the length."""
        has_body = is_sent(reply, head.method)
        has_length = not isinstance(reply.body, Stream) or reply.header("content-length") is not None
        # HTTP/1.0 knows no chunks: the end of the connection ends the body.
        is_chunked = has_body and not has_length and head.version == "1.1"
        unsent = self._start(reply, head, b"Transfer-Encoding: chunked\r\n" if is_chunked else b"")
        for seconds, piece in paced(reply) if has_body else ():
            if seconds:
                self._write(unsent)
                unsent = b""
                await self._wait(seconds)
            await self._write_piece(unsent, piece, is_chunked)
            unsent = b""
        if rest is not None and has_body:
            async for piece in rest:
                await self._write_piece(unsent, piece, is_chunked)
                unsent = b""
        self._write(unsent + (b"0\r\n\r\n" if is_chunked and reply.sending.end == "keep" else b""))

    async def _write_piece(self, unsent: bytes, piece: bytes, is_chunked: bool) -> None:
        # A chunk without a byte would end the body, and encoders give such pieces.
        self._write(unsent + (b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked and piece else piece))
        self.sent += len(piece)
        await self._turn()

    def _write(self, data: bytes) -> None:
        self.is_begun = True
        self.write(data)

    async def _wait(self, seconds: float) -> None:
        self.is_waiting = True
        await asyncio.sleep(seconds)
        self.is_waiting = False

    async def _turn(self) -> None:
        """Leave other clients their turn, and wait until this one has taken what was written."""
        await asyncio.sleep(0)
        if self.is_paused:
            self._flushed = self._loop.create_future()
            await self._flushed

    async def _reset(self) -> None:
        """Send what was written, then have the peer see a reset."""
        self.is_over = True
        self._transport.set_write_buffer_limits(0)
        while self._transport.get_write_buffer_size():
            await asyncio.sleep(0.001)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self._transport.abort()
