"""A connection of the server by itself: its transport and its clock are the test's."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.edge.connection import ClientConnection
from mockserver.edge.delivery import Delivery
from mockserver.edge.listening import Patience
from mockserver.edge.serving import Serving
from mockserver.http.head import Head
from mockserver.http.message import Reply
from tests.support.echo import Echo

IDLE = Patience().idle


class Unread(asyncio.Transport):
    """A connection whose client reads nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.is_reset, self.reads = False, True
        self.written: list[object] = []

    def write(self, data: object) -> None:
        self.written.append(data)

    def write_eof(self) -> None: ...
    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def is_closing(self) -> bool:
        return self.is_reset

    def abort(self) -> None:
        self.is_reset = True


def connected(transport: Unread, clock: Any = None) -> ClientConnection:
    """A connection to a server that answers each request with an empty 200; within a loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        front, loop = Echo(lambda asked: Reply(200)), asyncio.get_running_loop()
        serving = Serving(front, listener, Patience(), lambda entry, size: None, None, loop)
    serving.loop = clock or loop
    client = ClientConnection(serving)
    client.connection_made(transport)
    return client


def given(client: ClientConnection, data: bytes) -> None:
    """Hand bytes to a connection as the loop does."""
    client.get_buffer(-1)[: len(data)] = data
    client.buffer_updated(len(data))


def fed(*pieces: bytes, stops: bool = False) -> Unread:
    """A connection that has received these pieces; ``stops``: behind each, its client reads nothing for a moment."""

    async def feed() -> Unread:
        client = connected(transport := Unread())
        for piece in pieces:
            given(client, piece)
            if stops:
                client.pause_writing()
                client.resume_writing()
            for _ in range(3):
                await asyncio.sleep(0)
        client.connection_lost(None)
        return transport

    return asyncio.run(feed())


@pytest.mark.parametrize(("more", "is_reset"), [(0, False), (1, True)])
def test_a_refused_client_may_send_a_mebibyte_before_it_is_reset(more: int, is_reset: bool) -> None:
    """A reset takes the refusal from a client that is still sending its body."""
    assert fed(b"\0", *[bytes(16 * 1024)] * 64, bytes(more)).is_reset is is_reset


def test_a_refused_client_is_read_on_whatever_came_before() -> None:
    """Reading pauses while requests wait; who is then refused may still be sending."""
    transport = fed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 20 + b"\0")
    assert (len(transport.written), transport.reads) == (21, True)


def test_a_body_is_asked_for_once() -> None:
    """Also where a client that has asked for much stops to read meanwhile."""
    before = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 20
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
    written = fed(before + head, stops=True).written
    assert [written.count(b"HTTP/1.1 100 Continue\r\n\r\n"), len(written)] == [1, 21]


class Clock:
    """A loop with one timer, whose time is what the test says."""

    def __init__(self) -> None:
        self.now, self.due, self.ring = 0.0, 0.0, lambda: None

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, ring: Callable[[], None]) -> SimpleNamespace:
        self.due, self.ring = self.now + seconds, ring
        return SimpleNamespace(when=lambda: self.due, cancel=lambda: None)


def test_a_client_has_its_whole_time_for_the_next_request() -> None:
    """The timer may ring before; the last request counts."""

    async def ends() -> list[tuple[float, bool]]:
        client = connected(transport := Unread(), clock := Clock())
        clock.now = 0.5
        given(client, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        found = []
        for _ in range(2):
            clock.now = clock.due
            clock.ring()
            found.append((clock.now, transport.is_reset))
        return found

    assert asyncio.run(ends()) == [(IDLE, False), (IDLE + 0.5, True)]


class LastByte(Unread):
    """A connection that has sent all but one byte, and sends that when it was asked twice how much waits.

    It tells its protocol to pause as those of asyncio do.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waiting = [1, 1, 0]
        self.is_paused = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.is_paused = high is not None and self.waiting[0] > high

    def get_write_buffer_size(self) -> int:
        assert not self.is_reset
        return self.waiting.pop(0)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return SimpleNamespace(setsockopt=lambda *option: None)


def test_a_reset_waits_for_the_last_byte_and_has_a_deadline() -> None:
    """A connection that is paused has one."""

    async def send() -> LastByte:
        transport = LastByte()
        delivery = Delivery(transport, asyncio.get_running_loop())
        await delivery.obey(Reply(200).sent(end="reset"), Head("GET", "/", "1.1", ()))
        return transport

    transport = asyncio.run(send())
    assert (transport.waiting, transport.is_paused, transport.is_reset) == ([], True, True)
