"""Nobody has the server to themselves: work comes in small steps, and what a client does not read is not composed."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from mockserver.contract.jsontext import decode, encode
from mockserver.edge.app import create_app
from mockserver.edge.command import Command, Steps
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server
from mockserver.edge.wsgi import CARRIES, asker
from mockserver.http.message import Reply, Request
from mockserver.http.reader import Reader
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from tests.support.echo import Echo, alive, ask
from tests.support.wire import request

TOKEN = ("Authorization", "Bearer dev-token")
ADDED = {"key": "Unknown", "payload": {"key": "Unknown", "result": "Success"}}
NOW = 1_780_000_000.0


def logs_request(size: int) -> bytes:
    """The bytes that ask for one page of logs."""
    return f"GET /api/logs?page_size={size} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-token\r\n\r\n".encode()


def connected(server: Server, data: bytes) -> socket.socket:
    """A client with a small buffer that has sent some bytes and reads nothing yet."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect((server.host, server.port))
    client.sendall(data)
    return client


def control(app: Any, method: str, path: str, body: object = None) -> Reply | Command:
    """What the server gets from Flask for one request to the control API."""
    content = b"" if body is None else encode(body)
    head = f"{method} /__admin{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    incoming = Reader(16_384).feed(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    return asker(app, "http", "localhost:1")(incoming[0], ("127.0.0.1", 1))


def steps_of(command: Reply | Command) -> tuple[int, Reply]:
    """How many steps a command takes, and its reply."""
    assert isinstance(command, Command)
    count = 1
    while not isinstance(reply := command.advance(), Reply):
        count += 1
    return count, reply


def test_five_thousand_logs_are_added_in_steps_of_at_most_fifty() -> None:
    app = create_app(Settings(logs="faker:count=10"))
    count, reply = steps_of(control(app, "POST", "/logs", [ADDED] * 5000))
    assert count >= 5000 / 50
    assert (reply.status, len(decode(reply.content()))) == (201, 5000)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/requests", None, 200),
        ("POST", "/requests/count", {"query": {"page": "9"}}, 200),
        ("POST", "/requests/verify", {"query": {"page_size": "1"}, "times": 300}, 200),
        ("POST", "/requests/verify", {"query": {"page_size": "1"}, "times": 1}, 406),
    ],
)
def test_a_long_journal_is_read_one_request_a_step(method: str, path: str, body: object, status: int) -> None:
    app = create_app(Settings(logs="faker:count=10"))
    mock: Mock = app.extensions["mockserver"]
    for _ in range(300):
        mock.exchange(Request("GET", "/api/logs?page_size=1"), NOW)
    count, reply = steps_of(control(app, method, path, body))
    assert count >= 300
    assert reply.status == status
    if method == "GET":
        assert len(decode(reply.content())["requests"]) == 300


def test_others_are_answered_between_two_steps_of_a_command() -> None:
    """The command goes on until another client was answered, and would never end if that one had to wait for it."""
    is_running, answered = threading.Event(), threading.Event()

    def steps() -> Steps:
        while not answered.is_set():
            is_running.set()
            yield 0
        return {"done": True}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[CARRIES](Command(steps()))
        start_response("200 OK", [])
        return [b""]

    def reply_to(request: Request) -> Reply | None:
        return Reply(200) if request.path == "/other" else None

    with (
        Server(Echo(reply_to, app)) as server,
        closing(connected(server, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")) as client,
    ):
        assert is_running.wait(30)
        assert ask(server, "/other")[0].status == 200
        answered.set()
        assert client.recv(1000).endswith(b'{"done":true}')


def test_a_client_that_leaves_ends_its_command() -> None:
    is_running, is_over = threading.Event(), threading.Event()

    def steps() -> Steps:
        try:
            while True:
                is_running.set()
                yield 0
        finally:
            is_over.set()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[CARRIES](Command(steps()))
        start_response("200 OK", [])
        return [b""]

    with Server(Echo(app=app)) as server:
        client = connected(server, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert is_running.wait(30)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert is_over.wait(30)


def chunks(reader: Any) -> Iterator[bytes]:
    """The chunks of a body, as they were sent."""
    while size := int(reader.readline(), 16):
        yield reader.read(size)
        assert reader.readline() == b"\r\n"


@contextmanager
def slow_page(server: Server, size: int) -> Iterator[tuple[bytes, Any]]:
    """The head of a long page, and the reader of its body: the server composes no more than what is read."""
    with closing(connected(server, logs_request(size))) as client, client.makefile("rb", 1024) as reader:
        yield b"".join(iter(reader.readline, b"\r\n")), reader


def test_a_long_page_read_slowly_shows_one_state_of_the_logs() -> None:
    """Logs are added and removed between its pieces, and new ones grow: none is on it twice, none is out of order."""
    clock = [NOW]
    app = create_app(Settings(logs="faker:count=25000", growth=5.0, now="2026-05-28"), clock=lambda: clock[0])
    tenant = app.extensions["mockserver"].tenants.get("default")
    with Server(app) as server:

        def change() -> None:
            clock[0] += 10
            tenant.add_logs([ADDED] * 3, clock[0])

        server.call(change)
        with slow_page(server, 20_000) as (head, reader):
            pieces = []
            for number, chunk in enumerate(chunks(reader)):
                pieces.append(chunk)
                server.call(tenant.store.clear if number % 20 == 19 else change)
        later = request(server.port, "/api/logs?page_size=1", [TOKEN]).header("total-number")
    logs = decode(b"".join(pieces))
    assert len({log["id"] for log in logs}) == len(logs) == 20_000
    moments = [log["createdAt"] for log in logs]
    assert moments == sorted(moments, reverse=True)
    total = re.search(rb"Total-Number: (\d+)", head)
    assert total is not None
    assert int(total[1]) == 25_000 + 3 + 50
    assert later is not None
    assert int(later) > int(total[1])
    # Others have their turn after each piece.
    assert max(len(decode(b"[" + chunk.strip(b"[,]") + b"]")) for chunk in pieces) <= 256


def test_clients_that_ask_for_a_million_logs_and_read_none_cost_little_and_are_cut() -> None:
    """At most 1 MB each waits in the server; others are answered meanwhile; then nobody is left."""
    app = create_app(Settings(logs="faker:count=1000000000"))
    with Server(app, patience=Patience(reply=0.5)) as server, ExitStack() as stack:
        serving = server._serving
        assert serving is not None
        for _ in range(20):
            stack.enter_context(closing(connected(server, logs_request(1_000_000)))).recv(1)
        unread = server.call(lambda: [c._transport.get_write_buffer_size() for c in serving.connections])
        assert max(unread) < 1_000_000
        assert request(server.port, "/api/logs", [TOKEN]).status == 200
        clock = threading.Event()
        assert any(not serving.connections or clock.wait(0.01) for _ in range(3000))
        assert request(server.port, "/api/logs", [TOKEN]).status == 200


@pytest.mark.parametrize("beginning", [b"", b"GET /"], ids=["that say nothing", "in the middle of a request"])
def test_five_hundred_clients_are_held_and_others_are_answered(beginning: bytes) -> None:
    with Server(Echo()) as server, ExitStack() as stack:
        for _ in range(500):
            client = stack.enter_context(closing(socket.create_connection((server.host, server.port))))
            client.sendall(beginning)
        assert all(alive(server) for _ in range(20))
        serving = server._serving
        assert serving is not None
        assert len(serving.connections) >= 500
