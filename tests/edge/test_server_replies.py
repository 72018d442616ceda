"""What a reply says is what a client sees over a real socket."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from mockserver.contract.jsontext import decode
from mockserver.edge.sending import send
from mockserver.edge.server import Server
from mockserver.edge.wire import Patience
from mockserver.http.message import Reply, Stream
from tests.support.echo import alive, ask, echo, exchange


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


def test_an_empty_reply_is_a_close_without_a_byte(server):
    assert exchange(server, b"GET /empty HTTP/1.1\r\nHost: a\r\n\r\n") == b""


def test_a_truncated_reply_is_shorter_than_it_says(server):
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server, "/truncate")
    assert caught.value.partial == b"bo"
    assert exchange(server, b"GET /truncated-stream HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"2\r\nbo\r\n")


def test_garbage_is_no_http(server):
    assert exchange(server, b"GET /garbage HTTP/1.1\r\nHost: a\r\n\r\n") == b"\0\1\2"


def watched_stream() -> tuple[Any, threading.Event, threading.Event]:
    """An application that streams without end, and the events of its beginning and end."""
    started, finished = threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        started.set()
        try:
            while True:
                yield b"x" * 65536
        finally:
            finished.set()

    def app(environ: Any, start_response: Any) -> Any:
        return send(Reply(200, (), Stream(pieces)), environ, start_response)

    return app, started, finished


def test_a_client_that_goes_away_ends_an_endless_stream():
    app, started, finished = watched_stream()
    with Server(app) as running:
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
    app, _, finished = watched_stream()
    with (
        Server(app, patience=Patience(reply=0.02)) as running,
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
    def broken(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "9")])
        yield b"abc"
        raise ZeroDivisionError

    with Server(broken) as running, caplog.at_level(logging.CRITICAL, "mockserver"):
        assert exchange(running, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"\r\n\r\nabc")


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


def test_a_client_that_gives_up_on_a_hang_frees_its_connection() -> None:
    """The reply would hang for 30 seconds; the application hears of the end at once."""
    ended = threading.Event()

    def app(environ: Any, start_response: Any) -> Any:
        try:
            return send(Reply(200).sent(wait=30.0), environ, start_response)
        except ConnectionResetError:
            ended.set()
            raise

    with Server(app) as running:
        with socket.create_connection((running.host, running.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ended.wait(20)


def test_a_request_that_comes_during_a_wait_is_answered_after_it() -> None:
    waited: list[float] = []

    def app(environ: Any, start_response: Any) -> Any:
        began = time.perf_counter()
        environ["mockserver.sleep"](0.03)
        waited.append(time.perf_counter() - began)
        return send(Reply(200, (), b"x"), environ, start_response)

    with Server(app) as running, socket.create_connection((running.host, running.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.01)
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := client.recv(1000):
            answer += piece
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert all(0.03 <= each < 5 for each in waited)
