"""What a reply says is what a client sees over a real socket."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from mockserver.contract.jsontext import decode
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server
from mockserver.http.message import Reply, Request, Stream
from tests.support.echo import Echo, alive, ask, echo, exchange


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def test_a_connection_is_kept_for_the_next_request(server):
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=30)) as client:
        ports = set()
        for _ in range(3):
            client.request("POST", "/", body=b"abc")
            assert decode(client.getresponse().read())["body"] == "abc"
            ports.add(client.sock.getsockname())
        assert len(ports) == 1


def test_a_client_that_wants_the_connection_closed_is_told_so(server):
    response, _ = ask(server, headers={"Connection": "close"})
    assert response.headers.get_all("connection") == ["close"]


def test_http_1_0_gets_its_answer_and_a_close(server):
    answer = exchange(server, b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"chunked" not in answer
    assert answer.endswith(b"\r\n\r\npiecepiecepiecepiece")


def test_no_reply_names_the_server(server):
    response, _ = ask(server)
    assert response.headers["server"] is None


def test_long_bodies_and_streams_arrive_whole(server):
    assert len(ask(server, "/long")[1]) == 600_000
    assert ask(server, "/stream")[1] == b"piece" * 4
    assert ask(server, "/dribble")[1] == b"abcd"


def test_head_has_the_length_and_no_body(server):
    raw = b"HEAD /long HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = exchange(server, raw)
    assert b"Content-Length: 600000" in answer
    assert len(answer) < 1000


def test_a_reset_is_a_real_one(server):
    with pytest.raises(ConnectionResetError):
        exchange(server, b"GET /reset HTTP/1.1\r\nHost: a\r\n\r\n")
    with pytest.raises(ConnectionResetError):
        exchange(server, b"GET /reset-within HTTP/1.1\r\nHost: a\r\n\r\n")


def test_a_reset_waits_for_what_was_written_and_not_for_a_client_that_reads_nothing():
    """Of a long reply all has left the server when the connection is reset; what the system still holds is lost."""
    running = Server(Echo(lambda request: Reply(200).sent(raw=b"x" * 500_000, cut=-1, end="reset")))
    running._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with running, closing(socket.create_connection((running.host, running.port), timeout=30)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        sizes: list[int] = []
        with pytest.raises(ConnectionResetError):
            sizes.extend(len(piece) for piece in iter(partial(client.recv, 4096), b""))
    assert sum(sizes) > 300_000


def test_an_empty_reply_is_a_close_without_a_byte(server):
    assert exchange(server, b"GET /empty HTTP/1.1\r\nHost: a\r\n\r\n") == b""


def test_a_truncated_reply_is_shorter_than_it_says(server):
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server, "/truncate")
    assert caught.value.partial == b"bo"
    assert exchange(server, b"GET /truncated-stream HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"2\r\nbo\r\n")


def test_garbage_is_no_http(server):
    assert exchange(server, b"GET /garbage HTTP/1.1\r\nHost: a\r\n\r\n") == b"\0\1\2"


def watched_stream() -> tuple[Echo, threading.Event, threading.Event]:
    """A front that streams without end, and the events of its beginning and end."""
    started, finished = threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        started.set()
        try:
            while True:
                yield b"x" * 65536
        finally:
            finished.set()

    return Echo(lambda request: Reply(200, (), Stream(pieces))), started, finished


def test_a_client_that_goes_away_ends_an_endless_stream():
    front, started, finished = watched_stream()
    with Server(front) as running:
        with socket.create_connection((running.host, running.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert started.wait(20)
        assert finished.wait(20)


def test_an_endless_stream_leaves_turns_for_others(server):
    with socket.create_connection((server.host, server.port)) as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1)
        assert alive(server)


def test_a_client_that_takes_nothing_is_left():
    front, _, finished = watched_stream()
    with (
        Server(front, patience=Patience(reply=0.02)) as running,
        socket.create_connection((running.host, running.port)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert finished.wait(20)


def test_a_defect_is_an_empty_500_and_one_log_line_without_its_traceback(server, caplog):
    with caplog.at_level(logging.ERROR, "mockserver"):
        response, body = ask(server, "/defect")
    assert (response.status, body) == (500, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert [record.getMessage().startswith("a defect of the mock") for record in caplog.records] == [True]
    assert not caplog.records[0].exc_info


def test_a_defect_after_the_head_ends_the_connection(caplog):
    def pieces() -> Iterator[bytes]:
        yield b"abc"
        raise ZeroDivisionError

    broken = Echo(lambda request: Reply(200, (("Content-Length", "9"),), Stream(pieces)))
    with Server(broken) as running, caplog.at_level(logging.CRITICAL, "mockserver"):
        assert exchange(running, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"\r\n\r\nabc")


def test_a_defect_before_the_head_of_a_stream_is_a_500(caplog):
    def pieces() -> Iterator[bytes]:
        raise ZeroDivisionError
        yield b""

    broken = Echo(lambda request: Reply(200, (), Stream(pieces)))
    with Server(broken) as running, caplog.at_level(logging.CRITICAL, "mockserver"):
        assert ask(running)[0].status == 500


def test_hanging_connections_cost_the_others_nothing(server):
    raw = b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n"
    clients = [socket.create_connection((server.host, server.port)) for _ in range(300)]
    try:
        for client in clients:
            client.sendall(raw)
        assert alive(server)
        started = time.perf_counter()
        assert all(alive(server) for _ in range(5))
        assert time.perf_counter() - started < 5
    finally:
        for client in clients:
            client.close()


def test_a_client_that_gives_up_on_a_hang_frees_its_connection(server):
    with Server(echo) as running:
        with socket.create_connection((running.host, running.port)) as client:
            client.sendall(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
            assert alive(running)
        connections = running._serving.connections
        waiting = threading.Event()
        assert any(len(connections) == 0 or waiting.wait(0.01) for _ in range(2000))


def test_a_request_that_comes_during_a_wait_is_answered_after_it():
    is_waiting = threading.Event()

    def reply_to(request: Request) -> Reply:
        is_waiting.set()
        return Reply(200, (), b"x").sent(wait=0.03)

    with Server(Echo(reply_to)) as running, socket.create_connection((running.host, running.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert is_waiting.wait(20)
        began = time.perf_counter()
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := client.recv(1000):
            answer += piece
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert time.perf_counter() - began >= 0.03


def test_a_client_that_takes_nothing_costs_no_memory_and_nobody_elses_turn():
    """Of an endless answer no more is composed than the client and the system take."""
    composed = 0

    def pieces() -> Iterator[bytes]:
        nonlocal composed
        while True:
            composed += 1
            yield b"x" * 65536

    front = Echo(lambda request: Reply(200, (), Stream(pieces) if request.path == "/endless" else b"x"))
    with Server(front) as running, socket.create_connection((running.host, running.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(1)
        before = -1
        while before != composed:
            before = composed
            assert all(alive(running) for _ in range(10))
        assert composed * 65536 < 10_000_000
