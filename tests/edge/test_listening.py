"""Listening: which addresses are taken, and what becomes of clients when descriptors run out."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.edge import listening
from mockserver.edge.server import Server
from tests.support.echo import alive, echo


def has_ipv6() -> bool:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False  # pragma: no cover  # some containers have none


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="without IPv6")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def test_a_port_in_use_is_named_with_what_to_do(server):
    with pytest.raises(MockserverError, match=rf"127.0.0.1:{server.port}.*in use.*--port"):
        Server(echo, port=server.port)


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b", "x" * 64, "\udcff", ""])
def test_a_host_that_is_none_is_named(host):
    with pytest.raises(MockserverError, match="host"):
        Server(echo, host=host)


@pytest.mark.parametrize(("host", "asked"), [("[::1]", "::1"), ("under_score_", "under_score_")])
def test_a_host_is_looked_up_without_its_brackets(monkeypatch, host, asked):
    names = []

    def nobody(name, port, **options):
        names.append((name, port))
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(MockserverError, match="no host name"):
        listening.listen(host, 0)
    assert names == [(asked, 0)]


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("", "host: found an empty text, expected an address to listen on; 0.0.0.0 is every address of this machine"),
        ("x" * 64, f"{'x' * 64}:0: found no host name, expected an address to listen on; "),
        ("192.0.2.1", "192.0.2.1:0: found cannot assign requested address, expected an address to listen on; "),
    ],
)
def test_a_host_that_is_none_is_told_in_full(host, told):
    with pytest.raises(MockserverError) as caught:
        Server(echo, host=host)
    remedy = "choose another with --port (0 picks a free one) or --host"
    assert str(caught.value) == told + (remedy if told.endswith("; ") else "")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:{}"),
        ("0.0.0.0", "http://127.0.0.1:{}"),
        pytest.param("::1", "http://[::1]:{}", marks=needs_ipv6),
        pytest.param("[::1]", "http://[::1]:{}", marks=needs_ipv6),
    ],
)
def test_the_url_reaches_the_server(host, url):
    with closing(closing_server(host)) as made:
        assert made.url == url.format(made.port)


def closing_server(host: str) -> Any:
    made = Server(echo, host)
    made.close = made.stop
    return made


@pytest.mark.parametrize(("limit", "most"), [(1024, 960), (64, 32), (1, 1), (None, None)])
def test_connections_stay_below_the_descriptors(monkeypatch, limit, most):
    resource = pytest.importorskip("resource", reason="the system has no limits")
    limit = resource.RLIM_INFINITY if limit is None else limit
    # The second is how far the first may be raised.
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limit, 4096))
    assert listening.most_connections() == most


def test_a_system_without_limits_has_no_most(monkeypatch):
    """Windows has no module of limits."""
    monkeypatch.setitem(sys.modules, "resource", None)
    assert listening.most_connections() is None


def test_clients_beyond_the_descriptors_wait_and_are_told_of_once(monkeypatch, caplog):
    monkeypatch.setattr(listening, "most_connections", lambda: 2)
    with Server(echo) as running:
        address = (running.host, running.port)
        first, second = socket.create_connection(address), socket.create_connection(address)
        for client in (first, second):
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(1)
        waiting = [socket.create_connection(address, timeout=0.05) for _ in range(3)]
        waiting[0].sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(TimeoutError):
            waiting[0].recv(1)
        waiting[0].settimeout(30)
        first.close()
        assert waiting[0].recv(1) == b"H"
        second.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert second.recv(65536)
        for client in (second, *waiting):
            client.close()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "2 connections are open" in told[0]
    assert "ulimit -n" in told[0]


class Accepted(asyncio.Protocol):
    """A connection that tells that it stands, and ends."""

    def __init__(self, came: asyncio.Future[None]) -> None:
        self.came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
        self.came.set_result(None)


def test_a_port_that_is_closed_lets_go_of_the_number_of_its_descriptor():
    """The system gives the number to the next socket, which the loop has to watch for itself."""

    async def accept_one() -> int:
        loop, listener = asyncio.get_running_loop(), listening.listen("127.0.0.1", 0)
        number, came = listener.fileno(), loop.create_future()
        acceptor = listening.Acceptor(loop, listener, partial(Accepted, came), None, listening.Patience())
        acceptor.start()
        with socket.create_connection(listener.getsockname()):
            await asyncio.wait_for(came, 30)
        await acceptor.stop()
        return number

    async def accept_two() -> tuple[int, int]:
        return await accept_one(), await accept_one()

    first, second = asyncio.run(accept_two())
    assert first == second


def test_a_process_without_descriptors_stops_accepting_and_goes_on_when_there_are_some(monkeypatch, caplog):
    class Exhausted:
        """A listener that has no descriptor for its first client."""

        def __init__(self, listener: socket.socket) -> None:
            self.listener, self.failed = listener, False

        def __getattr__(self, name: str) -> Any:
            return getattr(self.listener, name)

        def accept(self) -> Any:
            if not self.failed:
                self.failed = True
                raise OSError(24, "Too many open files")
            return self.listener.accept()

    monkeypatch.setattr(listening, "_PAUSE", 0.001)
    made = Server(echo)
    made._listener = Exhausted(made._listener)
    with made as running:
        assert alive(running)
    assert ["no client can be accepted: too many open files" in r.getMessage() for r in caplog.records] == [True]


def test_a_port_is_left_alone_for_a_moment_when_no_descriptor_is_left(caplog):
    """A loop that still watched it would do nothing else."""
    done: list[Any] = []

    class Loop:
        def add_reader(self, port: Any, accept: Any) -> None:
            done.append(accept)

        def remove_reader(self, port: Any) -> None:
            done.append("left alone")

        def call_later(self, seconds: float, again: Any) -> None:
            done.append((seconds, again))

    class Exhausted:
        def fileno(self) -> int:
            return 5

        def accept(self) -> Any:
            raise OSError(24, "Too many open files")

    acceptor = listening.Acceptor(Loop(), Exhausted(), lambda: None, None, listening.Patience())
    acceptor.start()
    done[0]()
    assert done[1:] == ["left alone", (listening._PAUSE, acceptor.start)]
    done[0]()
    assert len(caplog.records) == 1


def test_a_thousand_clients_may_wait_to_be_accepted(monkeypatch):
    asked = []
    real = socket.create_server
    monkeypatch.setattr(socket, "create_server", lambda *place, **how: asked.append(how) or real(*place, **how))
    listening.listen("127.0.0.1", 0).close()
    assert [(how["backlog"], how["family"]) for how in asked] == [(1024, socket.AF_INET)]


def test_the_thread_of_a_server_has_its_name_and_does_not_keep_the_program_from_its_end(server):
    daemons = [each.daemon for each in threading.enumerate() if each.name == "mockserver"]
    assert daemons
    assert all(daemons)
