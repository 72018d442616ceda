"""One connection to a deployment by itself, over a transport that the test holds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from mockserver.edge.outgoing import Outgoing
from mockserver.http.message import Headers
from mockserver.judge.connection import Unanswered


class Held(asyncio.Transport):
    """A transport that sends nothing; ``come`` is its socket, which may still hold what came before a write failed."""

    def __init__(self, come: socket.socket | None = None) -> None:
        super().__init__({"socket": come})
        self.written: list[object] = []
        self.reads, self.is_aborted = True, False

    def write(self, data: object) -> None:
        """Send nothing, and note what was to be sent."""
        self.written.append(data)

    def abort(self) -> None:
        """Note that the connection was dropped."""
        self.is_aborted = True

    def pause_reading(self) -> None:
        """Note that nothing more is read."""
        self.reads = False

    def resume_reading(self) -> None:
        """Note that more is read."""
        self.reads = True


def given(line: Outgoing, data: bytes) -> None:
    """Hand bytes to a connection as the loop does."""
    buffer = line.get_buffer(len(data))
    buffer[: len(data)] = data
    line.buffer_updated(len(data))


async def begun(line: Outgoing, transport: Held, body: AsyncIterator[bytes]) -> asyncio.Task[tuple[int, Headers]]:
    """A request on its way, once the first piece of its body, ``one``, is sent."""
    line.connection_made(transport)
    asking = asyncio.create_task(line.ask("POST", b"head", body))
    while b"one" not in transport.written:
        await asyncio.sleep(0)
    return asking


def test_an_answer_that_came_before_a_write_failed_is_read() -> None:
    async def asked() -> tuple[int, bytes]:
        line = Outgoing(lambda _: None)
        near, far = socket.socketpair()
        with near, far:
            far.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong")
            far.shutdown(socket.SHUT_WR)
            line.connection_made(Held(near))
            asking = asyncio.create_task(line.ask("POST", b"POST / HTTP/1.1\r\n\r\n"))
            await asyncio.sleep(0)
            line.connection_lost(BrokenPipeError())
            status, _ = await asking
            return status, b"".join([piece async for piece in line.pieces()])

    assert asyncio.run(asked()) == (413, b"long")


def test_the_rest_of_a_body_is_not_sent_once_the_connection_is_lost() -> None:
    async def written() -> list[object]:
        line, transport, goes_on = Outgoing(lambda _: None), Held(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"one"
            await goes_on.wait()
            yield b"two"

        asking = await begun(line, transport, body())
        line.connection_lost(None)
        goes_on.set()
        with pytest.raises(Unanswered):
            await asking
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others)
        await line.end()
        return transport.written

    assert asyncio.run(written()) == [b"head", b"one"]


def test_a_connection_that_is_ended_has_let_go_of_the_body_of_its_request() -> None:
    """Who ends it may read the rest of the body itself, or hand it to another connection."""

    async def let_go() -> bool:
        line, transport, is_over = Outgoing(lambda _: None), Held(), False

        async def body() -> AsyncIterator[bytes]:
            nonlocal is_over
            try:
                yield b"one"
                await asyncio.Event().wait()
            finally:
                is_over = True

        asking = await begun(line, transport, body())
        async with asyncio.timeout(10):
            await line.end()
        asking.cancel()
        return is_over

    assert asyncio.run(let_go())


def test_the_request_fails_at_once_where_its_body_does() -> None:
    async def asked() -> None:
        line = Outgoing(lambda _: None)

        async def body() -> AsyncIterator[bytes]:
            yield b"one"
            raise LookupError

        async with asyncio.timeout(10):
            await (await begun(line, Held(), body()))

    with pytest.raises(LookupError):
        asyncio.run(asked())


def test_the_end_of_what_a_deployment_says_ends_its_answer() -> None:
    """Also while it takes no more of the body, so that the connection itself stays."""

    async def answered() -> bytes:
        line = Outgoing(lambda _: None)
        line.connection_made(Held())
        asking = asyncio.create_task(line.ask("GET", b"head"))
        await asyncio.sleep(0)
        given(line, b"HTTP/1.1 200 OK\r\n\r\nall")
        await asking
        pieces = line.pieces()
        found = await anext(pieces)
        rest = asyncio.ensure_future(anext(pieces, b"."))
        await asyncio.sleep(0)
        line.eof_received()
        async with asyncio.timeout(10):
            return found + await rest

    assert asyncio.run(answered()) == b"all."


def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    async def aborted() -> bool:
        line, transport = Outgoing(lambda _: None), Held()
        line.connection_made(transport)
        given(line, b"H")
        return transport.is_aborted

    assert asyncio.run(aborted())


def test_a_connection_reads_again_once_the_answer_is_taken() -> None:
    """Only who reads hears that the deployment ends a connection which nobody uses."""

    async def reading() -> list[bool]:
        line, transport = Outgoing(lambda _: None), Held()
        line.connection_made(transport)
        asking = asyncio.create_task(line.ask("GET", b"head"))
        await asyncio.sleep(0)
        given(line, b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n")
        for _ in range(4):
            given(line, bytes(16384))
        found = [transport.reads]
        await asking
        assert sum([len(piece) async for piece in line.pieces()]) == 65536
        assert line.can_go_on()
        return [*found, transport.reads]

    assert asyncio.run(reading()) == [False, True]
