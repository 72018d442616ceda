"""A connection of the server: what it answers itself, and what becomes of an error that nobody foresaw."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal, NamedTuple

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.front import open_front
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server
from mockserver.http.message import Reply, Request, Sending
from mockserver.mock.exchange import Mock, Outcome, Validity
from mockserver.mock.journal import NOTHING, Entry
from mockserver.mock.settings import Settings
from tests.support.echo import Echo
from tests.support.wire import raw, request, until

TOKEN = ("Authorization", "Bearer dev-token")


class Served(NamedTuple):
    mock: Mock
    port: int


@pytest.fixture
def served() -> Iterator[Served]:
    app = create_app(Settings(logs="seeded"))
    with Server(app) as server:
        yield Served(app.extensions["mockserver"], server.port)


@pytest.mark.parametrize("body", [b"", b"one"])
def test_a_body_that_comes_with_a_get_is_read_and_changes_nothing(served: Served, body: bytes) -> None:
    asked = (
        b"GET /api/logs?page_size=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev-token\r\n"
        b"Content-Length: %d\r\n\r\n%s"
    ) % (len(body), body)
    for _ in range(3):
        assert raw(served.port, asked).body == request(served.port, "/api/logs?page_size=2", [TOKEN]).body


def test_bodies_behind_equal_heads_are_read_each(served: Served) -> None:
    """What is left unread of a body would be taken for the next request."""
    head = b"GET /api/logs?page_size=1 HTTP/1.1\r\nHost: a\r\n"
    head += b"Authorization: Bearer dev-token\r\nTransfer-Encoding: chunked\r\n\r\n"
    bodies = [b"0\r\n\r\n"] * 3 + [b"3\r\none\r\n0\r\n\r\n"] * 2
    last = b"HEAD /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
        client.sendall(b"".join(head + body for body in bodies) + last)
        told = b"".join(iter(partial(client.recv, 65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"200"] * (len(bodies) + 1)


def test_equal_requests_that_come_together_each_have_an_entry_in_the_journal(served: Served) -> None:
    """Also those whose reply is remembered by then."""
    asked = b"GET /api/logs?page_size=3 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-token\r\n\r\n"
    last = b"GET /api/logs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
        client.sendall(asked * 6 + last)
        told = b"".join(iter(partial(client.recv, 65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"200"] * 6 + [b"401"]
    entries = list(served.mock.tenants.get("default").journal.entries())
    assert [entry.status for entry in entries] == [200] * 6 + [401]


def _fails(asked: Request, now: float) -> Outcome:
    raise ZeroDivisionError


def _breaks_a_line(asked: Request, now: float) -> Outcome:
    """A header with a line end in it, which no client may inject."""
    mock = create_app(Settings(logs="seeded")).extensions["mockserver"]
    tenant = mock.tenants.get("default")
    entry = tenant.journal.record(asked, asked.path, now, 200, ())
    return Outcome(
        Reply(200, (("A", "b\r\nc"),)), entry, Validity(tenant, tenant.setup, "", now, now, asked, "/", 200, NOTHING)
    )


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
@pytest.mark.parametrize("broken", [_fails, _breaks_a_line])
def test_a_defect_is_a_500_one_line_and_the_end_of_one_connection(
    served: Served,
    broken: Callable[[Request, float], Outcome],
    level: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who asks for more than that one line, by the level of the log, gets the traceback."""
    keeping = b"GET /api/logs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    caplog.set_level(level, "mockserver")
    with monkeypatch.context() as patch:
        patch.setattr(served.mock, "exchange", broken)
        assert raw(served.port, keeping).status == 500
    (record,) = (record for record in caplog.records if record.name == "mockserver")
    assert "a defect of the mock" in record.getMessage()
    assert bool(record.exc_info) is (level == logging.DEBUG)
    assert request(served.port, "/api/logs", [TOKEN]).status == 200


def test_a_refusal_is_noted_with_its_status_its_bytes_and_its_time() -> None:
    noted: list[tuple[int | None, int, bool]] = []
    front = open_front(Settings(logs="seeded"))

    def note(entry: Entry, size: int) -> None:
        noted.append((entry.status, size, entry.milliseconds is not None))

    with Server(front, note=note) as server:
        answer = request(server.port, "/api/logs")
        server.call(list)  # it is done with
    assert noted == [(401, len(answer.body), True)]


def test_a_client_that_has_read_what_was_written_is_not_cut_while_the_rest_waits() -> None:
    """The time for a reply that nobody reads has begun while much was unread, and ends where all is read."""
    slow = Reply(200, (), b"x" * 8_000_000, Sending(over=0.5, chunks=2))
    with Server(Echo(lambda asked: slow), patience=Patience(reply=0.2)) as server:
        assert len(request(server.port, "/").body) == 8_000_000


def test_a_kept_reply_does_not_overtake_one_that_takes_time(served: Served) -> None:
    asked = b"GET /api/logs?page_size=%d HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-token\r\n%b\r\n"
    page, journal = asked % (1, b""), served.mock.tenants.get("default").journal
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:

        def told(count: int) -> list[bytes]:
            """The sizes of the pages of so many replies."""
            told, found = b"", list[bytes]()
            while len(found) < count or not told.endswith(b"]"):
                told += client.recv(65536)
                found = re.findall(rb"page_size=(\d)&page=1>; rel=.first", told)
            return found

        for _ in range(3):
            client.sendall(page)
            assert told(1) == [b"1"]
        client.sendall(asked % (2, b'Prefer: fault="latency:seconds=0.1"\r\n'))
        until(lambda: journal.last == 4)
        client.sendall(page)
        assert told(2) == [b"2", b"1"]


@pytest.mark.parametrize(("profile", "status"), [("documented", 431), ("observed", 401)])
def test_line_ends_count_in_the_documented_profile_alone(
    profile: Literal["documented", "observed"], status: int
) -> None:
    asked = b"GET /api/logs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%b\r\n" % (b"a: b\r\n" * 4000)
    with Server(open_front(Settings(logs="seeded", profile=profile))) as server:
        assert raw(server.port, asked).status == status
