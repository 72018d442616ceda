"""One connection of the server: its requests in order, one reply at a time.

*The states.* Bytes go to the reader, whole requests to a queue. A reply that is bytes is written within the turn (see
``serving``). A reply that takes time (a wait, a dribble, a stream, a command, Flask before it is imported) is a task,
and the queue waits for it. A refusal is written behind the replies before it; what the client sends after it is read
and dropped for a moment, since a reset would take the refusal from a client that is still talking.

*Fairness.* After 16 kB that are read of one client, after eight of its requests, and after each piece of a body, the
others have their turn.

*Bounds.* One timer holds the one deadline that counts at the moment: the next request (``idle``), the rest of a request
(``request``), a reply that nobody reads (``reply``), talk after a refusal (``linger``). Nothing more is composed while
64 kB wait to be sent, and nothing more is read while requests wait.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from mockserver.edge.command import Command
from mockserver.edge.delivery import Delivery
from mockserver.edge.sending import CONTINUE, PIECE, Rendered, refusal_of
from mockserver.edge.terminal import UNREAD, is_polling, unrecorded
from mockserver.http.cors import opened
from mockserver.http.head import Head, request_of
from mockserver.http.message import PLAIN, Reply, Request
from mockserver.http.reader import Incoming, Reader
from mockserver.mock.exchange import Outcome
from mockserver.mock.journal import Entry

if TYPE_CHECKING:
    from mockserver.edge.serving import Serving

_log = logging.getLogger("mockserver")
# How much is read of a client that goes on talking after a refusal.
_DRAINED = 1024 * 1024
# Requests of one client that are answered before the others have a turn.
_TURN = 8


class ClientConnection(asyncio.BufferedProtocol):
    """One client; ``serving`` is what the connections of a server share."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._loop = serving.loop
        limit, as_node = serving.head_limit, serving.counts_as_node
        self._reader = Reader(limit, as_node=as_node, passing=lambda head: serving.passing(head, self._transport))
        self._queue: deque[Incoming] = deque()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = math.inf
        self._has_ended = self._is_new = False  # new: a request has begun that has no deadline yet
        self._invited: Head | None = None  # its body was asked for by a 100
        self._dropped = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._delivery = Delivery(self._transport, self._loop)
        self._peer: tuple[str, int] = (transport.get_extra_info("peername") or ("", 0))[:2]
        self._serving.connections.add(self)
        self._due_in(self._serving.patience.idle)

    def connection_lost(self, error: Exception | None) -> None:
        """Stop all work for this client."""
        self._delivery.is_over = True
        self._serving.forget(self)
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    # The deadline.

    def _due_in(self, seconds: float) -> None:
        """Move the deadline. A timer that rings before it is set anew then, which costs less than each time."""
        self._deadline = self._loop.time() + seconds
        if self._timer is not None:
            if self._timer.when() <= self._deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        left, delivery = self._deadline - self._loop.time(), self._delivery
        if left > 0:
            if left < math.inf:
                self._due_in(left)
        elif self._reader.is_partial and not (delivery.is_over or delivery.is_paused or self._task):
            self._refuse(408)
        else:
            self._transport.abort()

    # What comes in.

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: all connections share it, since ``buffer_updated`` takes them out at once."""
        return self._serving.view  # asyncio's TLS fills slices of it, which would be copies of a bytearray

    def buffer_updated(self, nbytes: int) -> None:
        """Read requests and answer them; equal bytes that were answered lately get the same reply at once."""
        data = bytes(self._serving.view[:nbytes])
        if self._delivery.is_over:
            self._dropped += nbytes
            if self._dropped > _DRAINED:
                self._transport.abort()
            return
        was_partial = self._reader.is_partial
        is_free = not (self._queue or self._task or self._delivery.is_paused or was_partial)
        if is_free and self._recall(data):
            return
        requests = self._reader.feed(data)
        self._queue.extend(requests)
        if requests or not was_partial:
            self._is_new = self._reader.is_partial
        self._answer_queue(data if is_free else b"")

    def eof_received(self) -> bool:
        """The client has said all it will say: half a request is refused, whole ones are still answered."""
        self._delivery.release()
        self._has_ended = True
        if (self._delivery.is_waiting and not self._queue) or self._reader.passing is not None:
            self._transport.abort()
        elif self._reader.is_partial and not self._delivery.is_over:
            self._reader.refusal = 400
            self._answer_queue()
        if self._queue or self._task or self._delivery.is_over or self._delivery.is_paused:
            return self._serving.scheme == "http"  # TLS does not end one side alone
        self._due_in(self._serving.patience.reply)
        return False

    # What goes out.

    def _recall(self, data: bytes) -> bool:
        began = time.perf_counter()
        recalled = self._serving.cache.recall(data)
        if recalled is None:
            return False
        self._delivery.write(recalled[0].at(time.time()))
        self._deadline = self._loop.time() + self._serving.patience.idle
        self._serving.done(recalled[1], recalled[0].size, began)
        return True

    def _answer_queue(self, missed: bytes = b"") -> None:
        """Answer what waits, a few requests at a time; ``missed`` are bytes that no kept reply answers."""
        delivery, transport = self._delivery, self._transport
        for _ in range(_TURN):
            if not self._queue or self._task or delivery.is_paused or delivery.is_over or transport.is_closing():
                break
            self._answer(self._queue.popleft(), missed)
        if transport.is_closing():
            # What was written may wait for a client that reads nothing.
            self._due_in(self._serving.patience.reply)
            return
        if self._queue:
            # No more is read while requests wait. Without a queue, a client is still heard when it leaves.
            transport.pause_reading()
        if self._task or delivery.is_paused or delivery.is_over:
            return
        if self._queue:
            self._loop.call_soon(self._answer_queue)
        elif self._reader.refusal is not None:
            self._refuse(self._reader.refusal)
        elif self._has_ended:
            delivery.close()
            self._due_in(self._serving.patience.reply)
        else:
            self._listen()

    def _listen(self) -> None:
        """Wait for the next request, or for the rest of one; ask for a body that waits for that (RFC 9110, 10.1.1)."""
        self._transport.resume_reading()
        if not self._reader.is_partial:
            self._due_in(self._serving.patience.idle)
        elif self._is_new:
            self._is_new = False
            self._due_in(self._serving.patience.request)
        awaited = self._reader.awaited
        if awaited is not None and awaited.expects and awaited is not self._invited:
            self._invited = awaited
            self._delivery.write(CONTINUE)

    def _answer(self, incoming: Incoming, missed: bytes) -> None:
        head, serving = incoming.head, self._serving
        if head.length == 0 and incoming.text != missed and self._recall(incoming.text):  # it did not come alone
            return None
        began = time.perf_counter()
        self._deadline = math.inf
        try:
            request = request_of(head, serving.scheme, serving.authority)
            outcome = serving.answer(request)
            if outcome is None:
                return self._begin(self._ask_flask, incoming, request, began)
            if not isinstance(outcome, Outcome):
                return self._begin(outcome.send, incoming, request, self._delivery, partial(serving.done, began=began))
            entry = outcome.entry or unrecorded(request, outcome.reply.status)
            if outcome.validity is None or head.closing:
                self._send(opened(outcome.reply), head, entry, began)
            else:
                rendered = Rendered(outcome.reply, head.method, entry.reply.fields)
                if head.length == 0:
                    serving.cache.keep(incoming.text, outcome.validity, rendered)
                self._hand_over(rendered.at(time.time()))
                serving.done(entry, rendered.size, began)
        except Exception as error:
            self._report_defect(error)

    def _send(self, reply: Reply, head: Head, entry: Entry, began: float) -> None:
        """Send a reply: within the turn where it is plain bytes, else as a task."""
        body = reply.body
        if reply.sending is PLAIN and isinstance(body, bytes) and len(body) <= PIECE:
            self._hand_over(self._delivery.whole(reply, body, head))
            if head.closing:
                self._delivery.close()
            self._serving.done(entry, self._delivery.sent, began)
        else:
            self._begin(self._obey, reply, head, entry, began)

    def _hand_over(self, data: bytes) -> None:
        """Write a whole reply: together with those to other clients, unless this one has asked for more."""
        if self._queue:
            self._delivery.write(data)
        else:
            self._serving.write_together(self._delivery, data)

    async def _obey(self, reply: Reply, head: Head, entry: Entry, began: float) -> None:
        try:
            await self._delivery.obey(reply, head)
        finally:
            self._serving.done(entry, self._delivery.sent, began)

    async def _ask_flask(self, incoming: Incoming, request: Request, began: float) -> None:
        """Have Flask answer, and carry out the command that it may return."""
        result = (await self._serving.flask())(incoming, self._peer)
        reply = await result.carried_out() if isinstance(result, Command) else result
        if is_polling(request):
            return await self._delivery.obey(reply, incoming.head)
        return await self._obey(reply, incoming.head, unrecorded(request, reply.status), began)

    def _begin(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        self._delivery.is_begun = False
        self._task = self._serving.begin(self._work(work, *arguments))

    async def _work(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        try:
            await work(*arguments)
        except Exception as error:
            self._report_defect(error)
        # Behind a cancellation there is nobody to answer.
        self._task = None
        self._answer_queue()

    def pause_writing(self) -> None:
        """Compose no more: the client does not take what was written."""
        self._delivery.is_paused = True
        self._due_in(self._serving.patience.reply)

    def resume_writing(self) -> None:
        """Go on; a connection that ends keeps its deadline."""
        if not (self._delivery.is_over or self._transport.is_closing()):
            self._deadline = math.inf
        self._delivery.resume()
        if self._task is None:
            self._answer_queue()

    def _refuse(self, status: int) -> None:
        self._delivery.is_over = True
        self._queue.clear()
        self._delivery.write(refusal_of(status))
        self._serving.note(unrecorded(UNREAD, status), 0)
        # A client that has reset the connection is not there to be told; TLS does not end one side alone.
        with suppress(OSError, NotImplementedError):
            self._transport.write_eof()
        self._transport.resume_reading()
        self._due_in(self._serving.patience.linger)

    def _report_defect(self, error: Exception) -> None:
        """Log one line, and end the connection with a 500, or in the middle where the reply has begun."""
        _log.error("a defect of the mock, please report it: %r", error, exc_info=_log.isEnabledFor(logging.DEBUG))
        if self._delivery.is_begun:
            self._delivery.close()
        else:
            self._refuse(500)
