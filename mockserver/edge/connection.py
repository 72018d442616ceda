"""One connection of the server: its requests in order, one reply at a time.

*The states.* Bytes go to the reader, whole requests to a queue. A reply that is bytes is written at once. A reply that
takes time (a wait, a dribble, a stream, a command, Flask before it is imported) is a task, and the queue waits for it.
A refusal is written behind the replies before it; what the client sends after it is read and dropped for a moment,
since a reset would take the refusal from a client that is still talking.

*Fairness.* After eight requests of one client, and after each piece of a body, the others have their turn.

*Bounds.* One timer holds the one deadline that counts at the moment: the next request (``idle``), the rest of a request
(``request``), a reply that nobody reads (``reply``), talk after a refusal (``linger``). asyncio's own transport asks for
a pause when 64 kB wait to be sent; nothing more is composed until they are gone. While requests wait, no more are read.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import math
import socket
import struct
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from mockserver.edge.command import Command
from mockserver.edge.sending import PIECE, Rendered, date_line, head_of, is_sent, opened, paced, set_time
from mockserver.http.cors import CORS
from mockserver.http.head import Head, request_of
from mockserver.http.message import PLAIN, Reply, Stream
from mockserver.http.reader import Incoming, Reader
from mockserver.mock.journal import Entry

if TYPE_CHECKING:
    from mockserver.edge.server import Serving

_log = logging.getLogger("mockserver")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE = b"Connection: close\r\n"
# How much is read of a client that goes on talking after a refusal.
_DRAINED = 1024 * 1024
# Requests of one client that are answered before the others have a turn.
_TURN = 8
# SO_LINGER on, for 0 seconds: what is unsent is dropped and the peer gets RST (RFC 9293, 3.9.1, ABORT).
_ABORT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a client may take.

    ``idle`` between requests, ``request`` to send a whole one, ``reply`` to take a piece of the answer, ``linger`` to
    stop talking after a refusal. 75 s outlast the idle pools of most clients.
    """

    idle: float = 75.0
    request: float = 20.0
    reply: float = 30.0
    linger: float = 1.0


def refusal_of(status: int) -> bytes:
    """The bytes of an empty reply that closes the connection."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Connection: close", "Content-Length: 0"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in CORS), "", ""]).encode("latin-1")


class Connection(asyncio.Protocol):
    """One client; ``serving`` is what the connections of a server share."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._loop = serving.loop
        self._reader = Reader(serving.head_limit, as_node=serving.counts_as_node)
        self._queue: deque[Incoming] = deque()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = math.inf
        self._flushed: asyncio.Future[None] | None = None
        self._is_waiting = self._is_paused = self._is_shut = self._has_ended = False
        self._dropped = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self.peer: tuple[str, int] = (transport.get_extra_info("peername") or ("", 0))[:2]
        self._serving.connections.add(self)
        self._due_in(self._serving.patience.idle)

    def connection_lost(self, error: Exception | None) -> None:
        """Stop all work for this client."""
        self._is_shut = True
        self._serving.forget(self)
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    # The deadline.

    def _due_in(self, seconds: float) -> None:
        """Move the deadline. A timer that rings before the deadline is set anew then, which costs less than each time."""
        self._deadline = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() <= self._deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds == math.inf else self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        left = self._deadline - self._loop.time()
        if left > 0:
            self._due_in(left)
        elif self._reader.is_partial and not (self._is_shut or self._is_paused or self._task):
            self._refuse(408)
        else:
            self._transport.abort()

    # What comes in.

    def data_received(self, data: bytes) -> None:
        """Read requests and answer them; equal bytes that were answered lately get the same reply at once."""
        if self._is_shut:
            self._dropped += len(data)
            if self._dropped > _DRAINED:
                self._transport.abort()
            return
        is_free = not (self._queue or self._task or self._is_paused or self._reader.is_partial)
        if is_free and self._recall(data):
            return
        was_partial = self._reader.is_partial
        self._queue.extend(self._reader.feed(data))
        if self._reader.awaited is not None:
            self._due_in(self._serving.patience.request)
            if self._reader.awaited.expects and not (self._queue or self._task):
                self._transport.write(_CONTINUE)
        elif self._reader.is_partial and not was_partial:
            self._due_in(self._serving.patience.request)
        self._answer_queue()

    def eof_received(self) -> bool:
        """The client has said all it will say: half a request is refused, whole ones are still answered."""
        self._has_ended = True
        if self._is_waiting and not self._queue:
            self._transport.abort()
        elif self._reader.is_partial and not self._is_shut:
            self._reader.refusal = 400
            self._answer_queue()
        return bool(self._queue or self._task or self._is_shut or self._is_paused)

    # What goes out.

    def _recall(self, data: bytes) -> bool:
        began = time.perf_counter()
        recalled = self._serving.cache.recall(data)
        if recalled is None:
            return False
        self._transport.write(recalled[0].at(time.time()))
        self._deadline = self._loop.time() + self._serving.patience.idle
        set_time(recalled[1], began)
        return True

    def _answer_queue(self) -> None:
        """Answer what waits, a few requests at a time."""
        for _ in range(_TURN):
            if not self._queue or self._task or self._is_paused or self._is_shut:
                break
            self._answer(self._queue.popleft())
        if self._is_shut or self._task or self._is_paused:
            self._hold_back()
        elif self._queue:
            self._hold_back()
            self._loop.call_soon(self._answer_queue)
        elif self._reader.refusal is not None:
            self._refuse(self._reader.refusal)
        elif self._has_ended:
            self._transport.close()
        else:
            self._transport.resume_reading()
            if not self._reader.is_partial:
                self._due_in(self._serving.patience.idle)

    def _hold_back(self) -> None:
        """Read no more while requests wait; a client whose reply is under way is still heard when it leaves."""
        if self._queue and not self._is_shut:
            self._transport.pause_reading()

    def _answer(self, incoming: Incoming) -> None:
        head, serving = incoming.head, self._serving
        if head.length == 0 and self._recall(incoming.text):  # it did not come alone
            return
        began = time.perf_counter()
        self._deadline = math.inf
        try:
            outcome = serving.answer(request_of(head, serving.scheme, serving.authority))
            if outcome is None:
                self._begin(self._ask_flask(incoming))
            elif outcome.validity is None or head.closing:
                self._send(opened(outcome.reply), head, outcome.entry, began)
            else:
                rendered = Rendered(outcome.reply, head.method)
                if head.length == 0:
                    serving.cache.keep(incoming.text, outcome.validity, rendered)
                self._transport.write(rendered.at(time.time()))
                set_time(outcome.entry, began)
        except Exception as error:
            self._tell_defect(error, is_begun=False)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = self._loop.create_task(self._work(work))

    async def _work(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._tell_defect(error, is_begun=False)
        finally:
            self._task = None
            if not self._is_shut:
                self._answer_queue()

    async def _ask_flask(self, incoming: Incoming) -> None:
        """Have Flask answer, and carry out the command that it may return."""
        result = (await self._serving.flask())(incoming, self.peer)
        if isinstance(result, Command):
            result = await self._carry_out(result)
        await self._obey(result, incoming.head, False)

    async def _carry_out(self, command: Command) -> Reply:
        steps = command.steps()
        try:
            while True:
                next(steps)
                await asyncio.sleep(0)
        except StopIteration as end:
            return command.finished(end.value)

    def _send(self, reply: Reply, head: Head, entry: Entry | None, began: float) -> None:
        """Send a reply: at once where it is plain bytes, else as a task."""
        body = reply.body
        if reply.sending is PLAIN and isinstance(body, bytes) and len(body) <= PIECE:
            self._write_whole(reply, head, body)
            set_time(entry, began)
        else:
            self._begin(self._obey_in_time(reply, head, entry, began))

    async def _obey_in_time(self, reply: Reply, head: Head, entry: Entry | None, began: float) -> None:
        try:
            await self._obey(reply, head, True)
        finally:
            set_time(entry, began)

    def _write_whole(self, reply: Reply, head: Head, body: bytes) -> None:
        self._transport.write(b"".join((self._head(reply, head), body if is_sent(reply, head.method) else b"")))
        if head.closing:
            self._close()

    def _head(self, reply: Reply, head: Head, more: bytes = b"") -> bytes:
        close = _CLOSE if head.closing and head.version == "1.1" else b""
        return b"".join((head_of(reply), more, close, date_line(int(time.time()))))

    async def _obey(self, reply: Reply, head: Head, may_disturb: bool) -> None:
        """Wait, write, dribble, cut, close, reset, as the reply says."""
        sending = reply.sending if may_disturb else PLAIN
        if sending.wait:
            await self._wait(sending.wait)
        if sending.cut != -1:
            await self._write_body(reply, head)
        if sending.raw is not None:
            self._transport.write(sending.raw)
        if sending.end == "reset":
            await self._reset()
        elif sending.end == "close" or head.closing:
            self._close()

    async def _write_body(self, reply: Reply, head: Head) -> None:
        """The head with the first piece, then the other pieces, in chunks where nobody knows the length."""
        has_body = is_sent(reply, head.method)
        is_chunked = has_body and isinstance(reply.body, Stream) and reply.header("content-length") is None
        if is_chunked and head.version == "1.0":
            is_chunked = False  # the end of the connection ends the body, and the client has asked for it
        unsent = self._head(reply, head, b"Transfer-Encoding: chunked\r\n" if is_chunked else b"")
        try:
            for seconds, piece in paced(reply) if has_body else ():
                if seconds:
                    self._transport.write(unsent)
                    unsent = b""
                    await self._wait(seconds)
                # A chunk without a byte would end the body, and encoders give such pieces.
                framed = b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked and piece else piece
                self._transport.write(unsent + framed)
                unsent = b""
                await self._turn()
            end = b"0\r\n\r\n" if is_chunked and reply.sending.end == "keep" else b""
            self._transport.write(unsent + end)
        except Exception as error:
            self._tell_defect(error, is_begun=not unsent)

    async def _wait(self, seconds: float) -> None:
        self._is_waiting = True
        await asyncio.sleep(seconds)
        self._is_waiting = False

    async def _turn(self) -> None:
        """Leave the others their turn, and wait until the client has taken what was written."""
        await asyncio.sleep(0)
        if self._is_paused:
            self._flushed = self._loop.create_future()
            await self._flushed

    def pause_writing(self) -> None:
        """Stop composing: the client does not take what was written."""
        self._is_paused = True
        self._due_in(self._serving.patience.reply)

    def resume_writing(self) -> None:
        """Go on."""
        self._is_paused = False
        self._deadline = math.inf
        if self._flushed is not None and not self._flushed.done():
            self._flushed.set_result(None)
        if self._task is None:
            self._answer_queue()

    def _close(self) -> None:
        self._is_shut = True
        self._transport.close()

    async def _reset(self) -> None:
        """Send what was written, then have the peer see a reset."""
        self._is_shut = True
        self._transport.set_write_buffer_limits(0)
        while self._transport.get_write_buffer_size():
            await asyncio.sleep(0.001)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self._transport.abort()

    def _refuse(self, status: int) -> None:
        self._is_shut = True
        self._queue.clear()
        self._transport.write(refusal_of(status))
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._transport.resume_reading()
        self._due_in(self._serving.patience.linger)

    def _tell_defect(self, error: Exception, *, is_begun: bool) -> None:
        """End the connection with a 500, or in the middle where the reply has begun, and log one line."""
        if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ECONNRESET):
            return
        _log.error("a defect of the mock, please report it: %r", error, exc_info=_log.isEnabledFor(logging.DEBUG))
        if is_begun:
            self._close()
        else:
            self._refuse(500)
