"""Memory changes nothing: requests that come again over one connection are answered as if nobody remembered any."""

from __future__ import annotations

import http.client
import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.edge.front import Front, open_front
from mockserver.edge.server import Server
from mockserver.http.message import Request
from mockserver.mock.exchange import Outcome
from mockserver.mock.settings import Settings

numbers = itertools.count()

NOW = 1_780_000_000.0
SETTINGS = Settings(logs="faker:count=300", now="2026-05-28")
TARGETS = (
    "/t/{tenant}/api/logs",
    "/t/{tenant}/api/logs?page_size=1",
    "/t/{tenant}/api/logs?page_size=1&page=2",
    "/t/{tenant}/api/logs?page=x",
    "/t/{tenant}/api/logs?page_size=300",
    "/t/{tenant}/api/logs?logKey=Interaction.Create",
    "/t/{tenant}/api/logs/unknown",
    "/t/{tenant}/nothing",
    "http://{tenant}.localhost/api/logs?page_size=1",
    "/openapi.json",
)
GOOD = "Authorization: Bearer dev-token"
FIELDS = (
    "If-None-Match: *",
    "Accept-Encoding: gzip",
    'Prefer: fault="status:code=503,after=1,times=1"',
    "Prefer: delay=0.001",
    'Prefer: fault="dribble:seconds=0"',
    "Connection: keep-alive",
    "Connection: close",
    "Origin: http://localhost",
)
BODIES = (
    ("", b""),
    ("Content-Length: 0\r\n", b""),
    ("Content-Length: 3\r\n", b"one"),
    ("Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", b"3\r\none\r\n2\r\ntw\r\n0\r\n\r\n"),
)
# Of the connection or the moment.
OWN = ("connection", "date", "server", "transfer-encoding", "keep-alive")


class Asked(NamedTuple):
    """A request but for its tenant and its body."""

    method: str
    target: str
    fields: tuple[str, ...]

    def text(self, tenant: str, framing: str) -> str:
        """Its head."""
        line = f"{self.method} {self.target.format(tenant=tenant)} HTTP/1.1"
        return "\r\n".join([line, "Host: 127.0.0.1", *self.fields, framing])


REQUESTS = st.builds(
    Asked,
    st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST"]),
    st.sampled_from(TARGETS),
    st.builds(
        lambda authorization, others: (authorization, *others),
        st.sampled_from([GOOD, GOOD, GOOD, "Authorization: Bearer forbidden-token", "X-None: 1"]),
        st.lists(st.sampled_from(FIELDS), max_size=2, unique_by=lambda field: field.partition(":")[0]),
    ),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[Asked, tuple[str, bytes]]]:
    """Some of few requests, each again and again."""
    requests = st.sampled_from(draw(st.lists(REQUESTS, min_size=1, max_size=2)))
    bodies = st.sampled_from(draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=2)))
    return draw(st.lists(st.tuples(requests, bodies), min_size=1, max_size=10))


@dataclass
class Pair:
    """A server that keeps replies and one that does not."""

    remembers: Server
    forgets: Server


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    keeping, fresh = (open_front(SETTINGS, clock=lambda: NOW) for _ in range(2))

    class Forgetful(Front):
        """A front whose outcomes may never be kept."""

        def answer(self, request: Request) -> Outcome | None:
            outcome = fresh.answer(request)
            return None if outcome is None else outcome._replace(validity=None)

    with Server(keeping) as remembers, Server(Forgetful(fresh.mock, fresh.clock, fresh.reload)) as forgets:
        yield Pair(remembers, forgets)


def connected(server: Server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=30)


def asked(connection: socket.socket, method: str, data: bytes) -> tuple[Any, bool]:
    """What came back, and whether the connection is over."""
    connection.sendall(data)
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    body = response.read()
    headers = sorted((name.lower(), value) for name, value in response.getheaders() if name.lower() not in OWN)
    return (response.status, headers, body), response.will_close


@given(conversations())
def test_what_comes_again_is_answered_as_it_was_before(
    pair: Pair, conversation: list[tuple[Asked, tuple[str, bytes]]]
) -> None:
    tenant = f"c{next(numbers)}"
    with ExitStack() as stack:
        kept = None
        for request, (framing, body) in conversation:
            sent = request.text(tenant, framing + "\r\n").encode() + body
            kept = kept or stack.enter_context(connected(pair.remembers))
            found, over = asked(kept, request.method, sent)
            with connected(pair.forgets) as fresh:
                expected, _ = asked(fresh, request.method, sent)
            assert found == expected
            kept = None if over else kept
