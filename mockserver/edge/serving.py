"""What the connections of one running server share, and how long it serves.

*Together.* To write to a client that sleeps wakes it. Between two processes of one machine that takes some 20 us of the
writer's time, a fifth of what a page takes that was never asked for. A client with many connections, a browser or a
pool, sleeps again before the next reply is composed. So replies to clients that wait for nothing else are held back to
the end of the loop's turn and written together: the first of them wakes the client, the others find it awake.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import contract
from mockserver.edge.connection import ClientConnection
from mockserver.edge.front import Front, ReplyCache, inner_path
from mockserver.edge.listening import Acceptor, Patience
from mockserver.edge.sending import set_time
from mockserver.http.head import Head, request_of

if TYPE_CHECKING:
    from mockserver.edge.command import Command
    from mockserver.edge.delivery import Delivery
    from mockserver.http.message import Reply
    from mockserver.http.reader import Incoming, Passing
    from mockserver.mock.journal import Entry

Note = Callable[["Entry", int], None]
Beside = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
Ask = Callable[["Incoming", tuple[str, int]], "Reply | Command"]

# So many replies are held back at most: the first of them waits for the work of fifteen others, some 1.5 ms.
_TOGETHER = 16
# With so few connections there is little to share, and another turn of the loop takes 5 us.
_FEW = 2
# So much of one client is read in one turn: with the shortest chunks, it is parsed within 15 ms.
_READ = 16 * 1024


class Serving:
    """What the connections of one running server share."""

    def __init__(
        self,
        front: Front,
        listener: socket.socket,
        patience: Patience,
        note: Note,
        tls: ssl.SSLContext | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.loop = loop
        self.note = note
        self.patience = patience
        self.scheme = "https" if tls else "http"
        # What a request without Host was sent to.
        self.authority = "{}:{}".format(*listener.getsockname()[:2])
        self.head_limit: int = contract().fact("header-limit")
        self.counts_as_node = front.mock.profile.text_errors
        self.answer = front.answer
        self.cache = ReplyCache(front)
        self.connections: set[ClientConnection] = set()
        self._holding: list[Delivery] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.buffer = bytearray(_READ)
        self.view = memoryview(self.buffer)
        self._front = front
        self._flask: asyncio.Future[Ask] | None = None
        self._acceptor = Acceptor(loop, listener, lambda: ClientConnection(self), tls, patience)

    async def flask(self) -> Ask:
        """The function that asks Flask, which is imported in a thread beside the loop; a failure is not remembered."""
        if self._flask is None or (self._flask.done() and self._flask.exception() is not None):
            self._flask = self.loop.run_in_executor(None, self._load_flask)
        return await asyncio.shield(self._flask)

    def _load_flask(self) -> Ask:
        from mockserver.edge.wsgi import asker

        return asker(self._front.app, self.scheme, self.authority)

    def passing(self, head: Head, transport: asyncio.Transport) -> Passing | None:
        """Where the body of a request goes that is not read whole: what is forwarded, and meets no fault."""
        forwarding = self._front.forwarding
        if forwarding is None:
            return None
        request = request_of(head, self.scheme, self.authority)
        return forwarding.passing(request, inner_path(request.path), transport, head.expects)

    def write_together(self, delivery: Delivery, data: bytes) -> None:
        """Write a whole reply at the end of this turn at the latest, together with those to other clients.

        While replies are sent that take time, it is written at once: the end of a turn may be the next piece of each.
        """
        delivery.hold(data)
        self._holding.append(delivery)
        if self._tasks or len(self.connections) <= _FEW or len(self._holding) == _TOGETHER:
            self.release()
        elif len(self._holding) == 1:
            self.loop.call_soon(self.release)

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """The task of a reply that takes time."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def release(self) -> None:
        """Write every reply that is held back."""
        holding, self._holding = self._holding, []
        for delivery in holding:
            delivery.release()

    def done(self, entry: Entry, size: int, began: float) -> None:
        """Enter an exchange that has ended in the journal and in the log; ``size`` is that of the body."""
        set_time(entry, began)
        self.note(entry, size)

    def forget(self, connection: ClientConnection) -> None:
        """Let go of a connection that has ended."""
        self.connections.discard(connection)
        self._acceptor.left()

    async def run(
        self, stop: asyncio.Event, ready: Callable[[], None], loaded: Callable[[], object] | None, beside: Beside
    ) -> None:
        """Serve until ``stop``, and run ``beside`` meanwhile; then end every connection, whatever it is at.

        ``loaded`` is called once Flask is imported. Without it, the first request that needs Flask has it imported:
        whoever serves in a thread then waits for the reply, and parses no Python meanwhile.
        """
        self._acceptor.start()
        other = self.loop.create_task(beside(stop))
        # It listens for signals before anybody is told that the server is there.
        await asyncio.sleep(0)
        ready()
        if loaded is not None:
            loading = self.loop.create_task(self.flask())
            loading.add_done_callback(lambda _: loaded())
        await stop.wait()
        other.cancel()
        await self._acceptor.stop()
        for connection in tuple(self.connections):
            connection.abort()
        if self._front.forwarding is not None:
            self._front.forwarding.upstream.close()
        # Every connection is told of its end before this returns.
        await asyncio.wait((other,))
        if loaded is not None:
            await asyncio.wait((loading,))
