"""Replies that are held back to the end of a turn: who waits, until when, and that nothing overtakes them."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.edge import serving
from mockserver.edge.certificate import AUTHORITY, SERVER, own_certificate, tls_context
from mockserver.edge.delivery import Delivery
from mockserver.edge.front import open_front
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.echo import echo

Log = list[object]


class Client:
    """A client in the place of a transport and a connection: it notes what happens to it."""

    def __init__(self, name: str, log: Log) -> None:
        self.name, self.log = name, log
        self.delivery = Delivery(cast("asyncio.Transport", self), asyncio.get_running_loop())

    def write(self, data: bytes) -> None:
        self.log.append((self.name, data))

    def close(self) -> None:
        self.log.append((self.name, "closed"))

    def abort(self) -> None:
        self.log.append((self.name, "aborted"))


def shared(listener: socket.socket, log: Log, count: int) -> tuple[serving.Serving, list[Client]]:
    """What so many clients of a server share, and these clients."""
    loop = asyncio.get_running_loop()
    served = serving.Serving(cast("Any", echo), listener, Patience(), lambda entry, size: None, None, loop)
    clients = [Client(f"client {number}", log) for number in range(count)]
    served.connections.update(cast("Any", clients))
    return served, clients


def told(act: Callable[[serving.Serving, list[Client], Log], Any], count: int = 3) -> Log:
    """What so many clients are told while a coroutine acts."""
    log: Log = []

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            await act(*shared(listener, log, count), log)

    asyncio.run(run())
    return log


def writes(numbers: range) -> Log:
    return [(f"client {number}", b"a") for number in numbers]


def test_replies_of_one_turn_are_written_at_its_end_in_their_order() -> None:
    async def act(served: serving.Serving, clients: list[Client], log: Log) -> None:
        for _ in range(2):
            for client in clients:
                served.write_together(client.delivery, b"a")
            log.append("the turn ends")
            await asyncio.sleep(0)

    turn = ["the turn ends", *writes(range(3))]
    assert told(act) == turn * 2


def test_the_sixteenth_reply_of_a_turn_writes_all_of_them() -> None:
    async def act(served: serving.Serving, clients: list[Client], log: Log) -> None:
        for client in clients[:16]:
            served.write_together(client.delivery, b"a")
        log.append("sixteen")
        for client in clients[16:]:
            served.write_together(client.delivery, b"a")
        log.append("the turn ends")
        await asyncio.sleep(0)

    assert told(act, 18) == [*writes(range(16)), "sixteen", "the turn ends", *writes(range(16, 18))]


def test_with_two_connections_each_reply_is_written_at_once() -> None:
    async def act(served: serving.Serving, clients: list[Client], log: Log) -> None:
        for client in clients:
            served.write_together(client.delivery, b"a")
        log.append("the turn ends")
        await asyncio.sleep(0)

    assert told(act, 2) == [*writes(range(2)), "the turn ends"]


def test_while_a_reply_takes_time_the_others_are_written_at_once() -> None:
    """The end of the turn may be a piece of each stream away."""

    async def act(served: serving.Serving, clients: list[Client], log: Log) -> None:
        going = asyncio.Event()

        async def work() -> None:
            await going.wait()

        task = served.begin(work())
        served.write_together(clients[0].delivery, b"a")
        log.append("it has ended")
        going.set()
        await task
        await asyncio.sleep(0)
        served.write_together(clients[1].delivery, b"a")
        log.append("the turn ends")
        await asyncio.sleep(0)

    assert told(act) == [*writes(range(1)), "it has ended", "the turn ends", *writes(range(1, 2))]


def test_nothing_overtakes_what_is_held_back() -> None:
    async def act(served: serving.Serving, clients: list[Client], log: Log) -> None:
        first, second, third = (client.delivery for client in clients)
        for delivery in (first, second, third):
            served.write_together(delivery, b"a")
        first.write(b"b")
        served.write_together(second, b"c")
        third.close()
        log.append("the turn ends")
        await asyncio.sleep(0)

    first, second, third = (f"client {number}" for number in range(3))
    at_once = [(first, b"a"), (first, b"b"), (second, b"a"), (third, b"a"), (third, "closed")]
    assert told(act) == [*at_once, "the turn ends", (second, b"c")]


def test_a_reply_of_the_turn_in_which_the_server_stops_is_written() -> None:
    async def act(served: serving.Serving, clients: list[Client], log: Log) -> None:
        stop, ready = asyncio.Event(), asyncio.Event()

        async def beside(stop: asyncio.Event) -> None:
            await stop.wait()

        running = asyncio.create_task(served.run(stop, ready.set, None, beside))
        await ready.wait()
        stop.set()
        served.write_together(clients[0].delivery, b"a")
        await running

    log = told(act)
    assert log[0] == ("client 0", b"a")
    assert sorted(map(str, log[1:])) == [str((f"client {number}", "aborted")) for number in range(3)]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replies are held back whatever the number of connections."""
    monkeypatch.setattr(serving, "_FEW", 0)


HEAD = b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-token\r\n"
# Each kind takes another way to its reply; the pages differ in the number of logs.
KINDS = {
    **{f"page of {size}": (b"GET /api/logs?page_size=%d" % size, b"") for size in (1, 2, 3)},
    "no such log": (b"GET /api/logs/none", b""),
    "a head": (b"HEAD /api/logs", b""),
    "a fault": (b"GET /api/logs", b'Prefer: fault="status:code=503"\r\n'),
    "Flask": (b"GET /openapi.json", b""),
    "a wait": (b"GET /api/logs", b'Prefer: fault="latency:seconds=0.01"\r\n'),
}


def replies(client: socket.socket) -> list[tuple[int, int]]:
    """Status and length of each reply until the connection ends."""
    told = b"".join(iter(partial(client.recv, 65536), b""))
    found = re.findall(rb"HTTP/1\.1 (\d+) [^\r]*\r\n(?:[^\r]+\r\n)*?Content-Length: (\d+)\r\n", told)
    return [(int(status), int(length)) for status, length in found]


@given(st.lists(st.lists(st.sampled_from([*KINDS]), min_size=1, max_size=12), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_clients_that_pipeline_get_their_replies_in_order(told: list[list[str]]) -> None:
    """As each kind is answered alone, however many come at once, and whether the last one ends the connection."""
    with pytest.MonkeyPatch.context() as patch, Server(open_front(Settings(logs="seeded"))) as server:

        def asked(kinds: list[str]) -> list[tuple[int, int]]:
            with socket.create_connection((server.host, server.port), timeout=30) as client:
                client.sendall(b"".join(KINDS[kind][0] + HEAD + KINDS[kind][1] + b"\r\n" for kind in kinds))
                if "a wait" in kinds:  # who ends its side meanwhile is taken for gone
                    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                else:
                    client.shutdown(socket.SHUT_WR)
                return replies(client)[: len(kinds)]

        alone = {kind: asked([kind]) for kind in KINDS}
        patch.setattr(serving, "_FEW", 0)
        for kinds in told:
            assert asked(kinds) == [reply for kind in kinds for reply in alone[kind]]
        assert all(alone.values())


class Secure:
    """A client over TLS that says all it has to say in one piece."""

    def __init__(self, plain: socket.socket, trusting: ssl.SSLContext) -> None:
        self.plain, self.coming, self.going = plain, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trusting.wrap_bio(self.coming, self.going, server_hostname="localhost")
        self.done(self.tls.do_handshake)

    def done(self, step: Callable[[], bytes | None]) -> bytes | None:
        """What a step gives that may need more of the server."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.plain.sendall(self.going.read())
                self.coming.write(self.plain.recv(65536))

    def lengths(self, said: bytes, count: int) -> list[int]:
        """The lengths of so many replies to these bytes."""
        self.tls.write(said)
        self.plain.sendall(self.going.read())
        told, found = b"", list[int]()
        while len(found) < count:
            told += self.done(partial(self.tls.read, 65536)) or b""
            while (head := re.match(rb"HTTP/1.1 200 .*?Content-Length: (\d+)\r\n.*?\r\n\r\n", told, re.DOTALL)) and (
                len(told) >= head.end() + int(head[1])
            ):
                found.append(int(head[1]))
                told = told[head.end() + int(head[1]) :]
        return found


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secure]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = own_certificate()
    with (
        Server(open_front(Settings(logs="seeded")), tls=tls_context(made / SERVER, None)) as server,
        socket.create_connection((server.host, server.port), timeout=30) as plain,
    ):
        yield Secure(plain, ssl.create_default_context(cafile=made / AUTHORITY))


def page(size: int, length: int = 0) -> bytes:
    """A request for a page, of so many bytes."""
    text = b"GET /api/logs?page_size=%d" % size + HEAD + b"X: %b\r\n\r\n"
    return text % (b"x" * max(0, length - len(text % b"")))


@pytest.mark.usefixtures("always")
def test_a_reply_over_tls_is_not_overtaken_by_that_to_the_next_full_buffer(secure: Secure) -> None:
    """TLS tells of more bytes before the turn ends where they fill the buffer, and that reply may be a kept one."""
    one, two, three = (secure.lengths(page(size), 1)[0] for size in (1, 2, 3))
    assert [secure.lengths(page(2), 1) for _ in range(2)] == [[two], [two]]
    filling = page(3, 8 * 1024) + page(1, 8 * 1024)
    assert len(filling) == 16 * 1024
    assert secure.lengths(filling + page(2), 3) == [three, one, two]


@pytest.mark.usefixtures("always")
def test_a_client_that_asks_and_ends_tls_at_once_gets_its_reply(secure: Secure) -> None:
    """The request and the end come in one turn, and an end over TLS ends both sides."""
    secure.tls.write(page(2))
    with suppress(ssl.SSLWantReadError):
        secure.tls.unwrap()
    secure.plain.sendall(secure.going.read())
    assert len(b"".join(iter(partial(secure.plain.recv, 65536), b""))) > 770  # bytes of two logs
