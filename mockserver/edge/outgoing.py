"""Outgoing: one kept-alive connection to a deployment, directly or through an HTTP proxy, in the server's own loop.

*Both ways at once.* A deployment may answer before it has read the whole body of a request (413, 401), and then close.
So a task sends the body beside the reading of the answer. When the answer is whole first, the rest of the body is not
sent. asyncio reads no more of a connection once a write has failed, but the system keeps what came before the reset:
``connection_lost`` reads it.

*Bounds.* A turn reads so many bytes that their smallest chunks are parsed within 25 ms, and no more is read while four
times as much waits. A head is bounded in bytes, and interim answers in number. A deployment that neither takes nor
sends anything for ``_SILENT`` seconds is given up.

h11 reads the answer. The head of a request is written as it came, since h11 would refuse targets that are not ASCII:
h11 is told its method, and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

import h11

from mockserver.http.message import Headers, field_lines
from mockserver.judge.connection import LONGEST_HEAD, Unanswered, account, at_proxy, unopened
from mockserver.judge.route import Address

# Seconds until a connection stands, and without a byte in either direction.
_CONNECT, _SILENT = 10.0, 60.0
_READ = 16 * 1024
# RFC 9110, 15.2: any number of interim answers may come.
_MOST_INTERIM = 10
# Why no whole answer comes.
LOST = (OSError, h11.RemoteProtocolError)
Body = bytes | AsyncIterable[bytes]


class Outgoing(asyncio.BufferedProtocol):
    """One connection; ``lost`` hears of its end.

    Raises one of LOST where no whole answer comes (TimeoutError for silence), and what the body of a request raises.
    """

    def __init__(self, lost: Callable[[Outgoing], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._lost = lost
        self._buffer = bytearray(_READ)
        self._unread = 0
        self._active = 0.0
        self._is_asked = self._has_begun = False
        self._failure: BaseException | None = None
        self._upload: asyncio.Task[None] | None = None
        self._come, self._taken = asyncio.Event(), asyncio.Event()
        self._transport: asyncio.Transport
        self._taken.set()

    @classmethod
    async def to(cls, address: Address, lost: Callable[[Outgoing], object]) -> Outgoing:
        """A new connection to an origin, by its route."""
        loop, proxy, name = asyncio.get_running_loop(), address.route.through(address), address.connect_to
        context = address.route.context() if address.scheme == "https" else None
        place, make = proxy or address, partial(cls, lost)
        tls: dict[str, Any] = {"ssl": context, "server_hostname": name} if context and not proxy else {}
        async with asyncio.timeout(_CONNECT):
            try:
                _, line = await loop.create_connection(make, place.connect_to, place.port, **tls)
                if proxy and context:
                    await line._open_tunnel(address, proxy)
            except LOST as error:
                raise (at_proxy(proxy, error) if proxy else error) from None
            if proxy and context:
                transport = await loop.start_tls(line._transport, line, context, server_hostname=name)
                line.connection_made(cast("asyncio.Transport", transport))
        return line

    async def _open_tunnel(self, address: Address, proxy: Address) -> None:
        fields = field_lines((("Host", address.host_and_port), *account(proxy)))
        try:
            status, _ = await self.ask("CONNECT", f"CONNECT {address.host_and_port} HTTP/1.1\r\n{fields}\r\n".encode())
            if status // 100 != 2:
                raise unopened(status)
        except BaseException:
            self.close()
            raise
        self._is_asked = False

    # A request and its answer.

    async def ask(self, method: str, head: bytes, body: Body = b"") -> tuple[int, Headers]:
        """Send a request, and return the status and the headers of its answer; pieces of a body go as they are."""
        self._is_asked, self._has_begun, self._active = True, False, self._loop.time()
        for event in (h11.Request(method=method, target="/", headers=[("Host", "-")]), h11.EndOfMessage()):
            self._machine.send(event)
        if isinstance(body, bytes):
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._upload = self._loop.create_task(self._send(body))
            self._upload.add_done_callback(self._note_upload)
        for _ in range(_MOST_INTERIM + 1):
            answer = await self._event()
            if isinstance(answer, h11.Response):
                fields = answer.headers.raw_items()
                return answer.status_code, tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in fields)
        raise h11.RemoteProtocolError("too many interim answers")

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body of the answer, as it comes."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    def can_go_on(self) -> bool:
        """Whether another request may follow; it is ready for that then."""
        if self._failure is not None or (self._upload is not None and not self._upload.done()):
            return False
        try:
            # The end of an answer without a body was not read yet.
            if self._machine.their_state is h11.SEND_BODY:
                self._machine.next_event()
            self._machine.start_next_cycle()
        except h11.ProtocolError:
            return False
        self._unread, self._is_asked, self._upload = 0, False, None
        self._transport.resume_reading()
        return not self._machine.trailing_data[0]

    def close(self) -> None:
        """Drop the connection, and what was not sent."""
        if self._upload is not None:
            self._upload.cancel()
        self._transport.abort()

    async def end(self) -> None:
        """Drop the connection, and let go of the body of the request."""
        self.close()
        if self._upload is not None:
            await asyncio.wait([self._upload])

    async def _event(self) -> Any:
        while (event := self._machine.next_event()) is h11.NEED_DATA:
            await self._wait()
        return event

    async def _wait(self) -> None:
        """Wait until more has come; a body that is under way puts the end off."""
        if self._failure is not None:
            raise self._failure
        self._unread = 0
        self._come.clear()
        self._transport.resume_reading()
        while not self._come.is_set():
            try:
                async with asyncio.timeout_at(self._active + _SILENT):
                    await self._come.wait()
            except TimeoutError:
                if self._active + _SILENT <= self._loop.time():
                    raise

    async def _send(self, body: AsyncIterable[bytes]) -> None:
        async for piece in body:
            await self._taken.wait()
            if self._failure is not None:
                return
            self._active = self._loop.time()
            self._transport.write(piece)

    def _note_upload(self, upload: asyncio.Task[None]) -> None:
        if not upload.cancelled() and upload.exception() is not None:
            self._failure = upload.exception()
            self._come.set()

    # What the loop says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, also anew within a tunnel."""
        self._transport = cast("asyncio.Transport", transport)
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what came; what nobody asked for ends the connection."""
        if not self._is_asked:
            return self.close()
        self._active = self._loop.time()
        self._unread += nbytes
        self._take(bytes(self._buffer[:nbytes]))
        if self._unread >= 4 * _READ:
            self._transport.pause_reading()
        return None

    def _take(self, data: bytes) -> None:
        self._has_begun = True
        self._machine.receive_data(data)
        self._come.set()

    def eof_received(self) -> None:
        """The deployment says no more: an answer may end so."""
        if self._has_begun:
            self._machine.receive_data(b"")
        self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Read what came before a write failed, and tell that it is over."""
        transport = self._transport
        if error is not None and self._is_asked and transport.get_extra_info("sslcontext") is None:
            with suppress(OSError), transport.get_extra_info("socket").dup() as rest:
                while data := rest.recv(_READ):
                    self._take(data)
        self._end(error)
        self._lost(self)

    def _end(self, error: Exception | None) -> None:
        self._failure = self._failure or error or (ConnectionResetError() if self._has_begun else Unanswered())
        self._come.set()
        self._taken.set()

    def pause_writing(self) -> None:
        """Send no more: the deployment does not take what was written."""
        self._taken.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self._taken.set()
