"""Clients that mean harm, or are broken: they cost one connection for a bounded time, and nobody else anything."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from logging.handlers import QueueHandler
from queue import SimpleQueue

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.contract.jsontext import decode
from mockserver.edge import connection, serving
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server
from mockserver.http.message import Reply, Request
from mockserver.http.reader import Incoming, Reader
from tests.support.echo import Echo, alive, echo, exchange

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
INVITING = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
INVITED = b"HTTP/1.1 100 Continue\r\n\r\n"
# Whole requests, beginnings of them, and what breaks them: together they reach every state of a connection.
FRAGMENTS = [
    GET, LAST, INVITING, b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /stream HTTP/1.0\r\n\r\n",
    b"HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /reset-within HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /dribble HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /garbage HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"3;a=b\r\nabc\r\n", b"0\r\n", b"\r\n",
    b"0\r\n\r\n", b"GET / HTTP/1.1\r\n", b"Host: a\r\n", b"Content-Length: 3\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"abc", b"\n", b"\0", b"\xff", b": ", b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: ]\r\n\r\n",
]  # fmt: skip
ABORTING = struct.pack("ii", 1, 0)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def received(client: socket.socket) -> bytes:
    """All that a client gets until the server closes or resets."""
    answer = b""
    with suppress(ConnectionResetError):
        while piece := client.recv(65536):
            answer += piece
    return answer


def reset(client: socket.socket) -> None:
    """Leave with a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTING)
    client.close()


def is_left_alone(server: Server) -> bool:
    """Whether the server has let go of every client."""
    serving, clock = server._serving, threading.Event()
    assert serving is not None
    return any(not serving.connections or clock.wait(0.01) for _ in range(2000))


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=20), max_size=6).map(b"".join), max_size=4),
    st.sampled_from(["half close", "close", "reset"]),
)
@example([GET + b"GET /", b" HTTP/1.1\r\nHost: a\r\n\r\n"], "half close")
@example([LAST + GET], "reset")
def test_no_bytes_in_any_pieces_stop_the_server_or_leave_a_line_in_its_log(pieces: list[bytes], end: str) -> None:
    """Neither the mock nor asyncio has anything to report, however the client leaves."""
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = QueueHandler(lines)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with Server(echo, patience=Patience(request=0.05, linger=0.01)) as running:
            client = socket.create_connection((running.host, running.port), timeout=30)
            # It may be refused, or get the reset that it asked for, before it has sent all.
            with suppress(ConnectionError):
                for piece in pieces:
                    client.sendall(piece)
                if end == "half close":
                    with suppress(OSError):  # there is nobody to tell any more
                        client.shutdown(socket.SHUT_WR)
                    assert b"HTTP/1.1 5" not in received(client)
            reset(client) if end == "reset" else client.close()
            assert alive(running)
            assert is_left_alone(running)
    finally:
        root.removeHandler(handler)
    assert lines.empty()


@pytest.mark.parametrize("first", [GET, b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"], ids=["at once", "as a task"])
def test_half_a_request_behind_a_whole_one_is_refused_in_time(first: bytes) -> None:
    """The reply to the first does not take the deadline from the second."""
    with Server(echo, patience=Patience(request=0.05)) as running:
        answer = exchange(running, first + b"GET /")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in answer


def test_half_a_request_does_not_end_the_reply_that_it_waits_for() -> None:
    """The time for a request is counted from the moment when the server waits for the rest of it."""
    front = Echo(lambda request: Reply(200, (), b"late").sent(wait=0.2))
    with Server(front, patience=Patience(request=0.01)) as running:
        answer = exchange(running, GET + b"GET /")
    assert b"\r\n\r\nlate" in answer
    assert b"HTTP/1.1 408 Request Timeout\r\n" in answer


@pytest.mark.parametrize(
    ("data", "shuts"), [(LAST, False), (LAST + b"GET / HT", False), (GET, True)],
    ids=["asks for a close", "asks for a close and for more", "has said all"],
)  # fmt: skip
def test_a_client_that_reads_nothing_is_cut_though_its_reply_was_handed_over(data: bytes, shuts: bool) -> None:
    front = Echo(lambda request: Reply(200, (), b"x" * 60_000))
    running = Server(front, patience=Patience(reply=0.05, idle=1000, linger=1000))
    # The buffers of the system are so small that most of the reply stays in the server's own.
    running._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with running, closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect((running.host, running.port))
        client.sendall(data)
        if shuts:
            client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b"H"
        assert is_left_alone(running)


def test_a_body_behind_a_reply_that_takes_time_is_asked_for_once(server: Server) -> None:
    raw = b"GET /dribble HTTP/1.1\r\nHost: a\r\n\r\n" + INVITING
    with socket.create_connection((server.host, server.port), timeout=30) as client:
        client.sendall(raw)
        answer = b""
        while not answer.endswith(INVITED):
            answer += client.recv(1000)
        client.sendall(b"a")
        client.sendall(b"bc")
        answer += received(client)
    assert answer.count(INVITED) == 1
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert decode(answer.rpartition(b"\r\n\r\n")[2])["body"] == "abc"


def test_a_client_of_http_1_0_is_never_sent_an_interim_100(server: Server) -> None:
    """RFC 9110, 10.1.1: a server ignores that expectation in an HTTP/1.0 request."""
    with socket.create_connection((server.host, server.port), timeout=30) as client:
        client.sendall(INVITING.replace(b"/1.1", b"/1.0"))
        client.sendall(b"abc")
        assert INVITED not in received(client)


@pytest.mark.parametrize("few", [0, 2])
def test_work_stops_when_a_client_leaves_with_requests_unanswered(
    few: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where other replies are held back to the end of the turn."""
    monkeypatch.setattr(serving, "_FEW", few)
    paths: list[str] = []
    is_asked = threading.Event()

    def reply_to(request: Request) -> Reply | None:
        reset(client)
        paths.append(request.path)
        is_asked.set()
        return Reply(200, (), b"x")

    with Server(Echo(reply_to)) as running:
        client = socket.create_connection((running.host, running.port), timeout=30)
        client.sendall(GET * 100)
        assert is_asked.wait(30)
        assert is_left_alone(running)
    assert paths == ["/"]
    assert [record.getMessage() for record in caplog.records] == []


def test_little_of_a_client_is_read_in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of one byte are the most work for a reader: 256 kB of them would hold the loop for a second."""
    sizes: list[int] = []

    class Measured(Reader):
        def feed(self, data: bytes) -> list[Incoming]:
            sizes.append(len(data))
            return super().feed(data)

    monkeypatch.setattr(connection, "Reader", Measured)
    body = b"1\r\na\r\n" * 30_000 + b"0\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Server(echo) as running:
        answer = exchange(running, head + body)
    assert decode(answer.partition(b"\r\n\r\n")[2])["body"] == "a" * 30_000
    assert sum(sizes) == len(head + body)
    assert max(sizes) <= 16 * 1024


def test_requests_behind_a_reply_that_closes_are_dropped(server: Server) -> None:
    answer = exchange(server, b"GET /truncate HTTP/1.1\r\nHost: a\r\n\r\n" + GET, shut=True)
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_client_that_reads_its_reply_in_part_and_then_nothing_is_cut_too() -> None:
    """Reading on gives time to a reply that is still composed, and none to a connection that ends."""
    front = Echo(lambda request: Reply(200).sent(raw=b"x" * 300_000, cut=-1, end="close"))
    running = Server(front, patience=Patience(reply=0.3, idle=1000))
    running._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with running, closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect((running.host, running.port))
        client.sendall(GET)
        left = 287_000
        while left > 0:
            left -= len(client.recv(min(left, 65536)))
        assert is_left_alone(running)


def test_a_client_that_was_reset_before_its_refusal_leaves_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    is_asked = threading.Event()

    def reply_to(request: Request) -> Reply:
        reset(client)
        is_asked.set()
        return Reply(200).sent(wait=0.001, cut=-1)

    with Server(Echo(reply_to)) as running:
        client = socket.create_connection((running.host, running.port), timeout=30)
        client.sendall(GET + b"\0")
        assert is_asked.wait(30)
        assert is_left_alone(running)
    assert [record.getMessage() for record in caplog.records] == []


def test_a_client_that_talks_on_after_a_refusal_is_heard_for_a_megabyte() -> None:
    with (
        Server(echo, patience=Patience(linger=1000)) as running,
        closing(socket.create_connection((running.host, running.port), timeout=30)) as client,
    ):
        with suppress(ConnectionError):
            client.sendall(b"\0" * 8_000_000)
        assert is_left_alone(running)


def test_a_reply_may_take_longer_than_any_client_may() -> None:
    front = Echo(lambda request: Reply(200, (), b"late").sent(wait=0.1))
    with Server(front, patience=Patience(idle=0.02, request=0.02, reply=0.02, linger=0.02)) as running:
        assert exchange(running, GET).endswith(b"\r\n\r\nlate")


def test_many_replies_to_a_client_that_reads_slowly_all_arrive() -> None:
    """They wait while it has not read those before; the server composes none of them early."""
    composed = 0

    def reply_to(request: Request) -> Reply:
        nonlocal composed
        composed += 1
        return Reply(200, (), b"x" * 60_000)

    running = Server(Echo(reply_to))
    running._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with running, closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(30)
        client.connect((running.host, running.port))
        client.sendall(GET * 20 + LAST)
        assert client.recv(1) == b"H"
        assert alive(running)
        assert composed < 10
        answer = received(client)
    assert answer.count(b"TTP/1.1 200 OK\r\n") == 21
