"""Kept replies: bounded in number, and only for what comes again."""

from __future__ import annotations

import re
import socket
from functools import partial

import pytest

from mockserver.edge import front
from mockserver.edge.sending import Rendered
from mockserver.edge.server import Server
from mockserver.http.message import Request
from mockserver.mock.exchange import Outcome
from mockserver.mock.settings import Settings
from tests.support.cases import asked
from tests.support.wire import raw

PAGE = b"GET /api/logs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-token\r\n"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> front.ReplyCache:
    monkeypatch.setattr(front, "_MOST", 2)
    monkeypatch.setattr(front, "_MOST_SEEN", 3)
    return front.ReplyCache(front.open_front(Settings(logs="seeded")))


def _keep(memory: front.ReplyCache, key: int) -> None:
    answered = memory._front.answer(asked(""))
    assert answered is not None
    assert answered.validity is not None
    memory.keep(b"%d" % key, answered.validity, Rendered(answered.reply, "GET"))


def test_what_came_twice_is_recalled_with_an_entry_of_its_own(memory: front.ReplyCache) -> None:
    _keep(memory, 1)
    assert memory.recall(b"1") is None
    _keep(memory, 1)
    recalled = memory.recall(b"1")
    assert recalled is not None
    assert recalled[0].at(0).endswith(b"]")
    assert recalled[1].id == 3


def test_the_oldest_reply_makes_room_for_the_newest(memory: front.ReplyCache) -> None:
    for key in (1, 1, 2, 2, 3, 3):
        _keep(memory, key)
    assert [memory.recall(b"%d" % key) is not None for key in (1, 2, 3)] == [False, True, True]


def test_too_many_requests_that_came_once_are_forgotten(memory: front.ReplyCache) -> None:
    for key in (1, 2, 3, 4, 1):
        _keep(memory, key)
    assert memory.recall(b"1") is None


@pytest.mark.parametrize(("length", "composed"), [(b"", 2), (b"Content-Length: 3\r\n", 4)])
def test_a_page_that_was_asked_for_twice_is_not_composed_again(length: bytes, composed: int) -> None:
    """One that comes with a body is: its head may come alone, and is no whole request."""
    mock = front.open_front(Settings(logs="seeded"))
    seen: list[Request] = []

    def noted(request: Request) -> Outcome | None:
        seen.append(request)
        return front.Front.answer(mock, request)

    mock.answer = noted  # type: ignore[method-assign]  # the server calls it
    body = b"abc" if length else b""
    with Server(mock) as server, socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        for _ in range(3):
            assert raw(server.port, PAGE + length + b"\r\n" + body).status == 200
        client.sendall(PAGE + length + b"\r\n")
        for _ in range(3):
            server.call(list)  # a turn of its own each: it has read the head
        client.sendall(body + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        told = b"".join(iter(partial(client.recv, 65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"200", b"404"]
    assert sum(request.path == "/api/logs" for request in seen) == composed
