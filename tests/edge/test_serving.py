"""The server serves faults, journal, control API and tokens, and never a reply that is no longer right."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.rule import read_rule
from mockserver.http.head import BODY_LIMIT
from mockserver.http.message import Headers
from mockserver.mock.settings import Settings
from tests.faults.test_ways_in import TABLE
from tests.support.seen import see
from tests.support.wire import Answer, raw, request

BEARER = ("Authorization", "Bearer dev-token")
JSON = ("Content-Type", "application/json")
NOW = 1_780_000_000.0
names = (f"e{number}" for number in itertools.count())


@dataclass
class Edge:
    """A server whose clock tests may set, and a tenant of one test."""

    server: Server
    clock: list[float]
    tenant: str

    def ask(self, path: str = "/api/logs?page_size=4", *headers: tuple[str, str], method: str = "GET") -> Answer:
        """Ask over a connection that is kept: what closes it is not remembered."""
        pairs = [("Host", "127.0.0.1"), *(headers or [BEARER])]
        lines = [f"{method} /t/{self.tenant}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in pairs), "", ""]
        return raw(self.server.port, "\r\n".join(lines).encode(), method)

    def control(self, method: str, path: str, body: object = None) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = [JSON, ("Content-Length", str(len(sent))), ("Host", "127.0.0.1")]
        return request(self.server.port, f"/t/{self.tenant}/__admin{path}", headers, method, body=sent)

    def journal(self) -> list[dict[str, object]]:
        entries: list[dict[str, object]] = self.control("GET", "/requests").json()["requests"]
        return entries


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Server, list[float]]]:
    clock = [NOW]
    settings = Settings(logs="faker:count=300", growth=0.01, now="2026-05-28")
    with Server(create_app(settings, clock=lambda: clock[0])) as server:
        yield server, clock


@pytest.fixture
def edge(served: tuple[Server, list[float]]) -> Edge:
    served[1][0] = NOW
    return Edge(*served, next(names))


@pytest.mark.parametrize("kind", TABLE)
def test_every_kind_of_fault_is_seen_by_a_client(edge: Edge, kind: str) -> None:
    text, expected = TABLE[kind]
    edge.control("POST", "/faults", {"rule": text})
    seen = see(edge.server.port, f"/t/{edge.tenant}/api/logs")
    assert expected(seen), seen
    assert edge.journal()[-1]["faults"] == [read_rule(text).text]


def test_a_repeated_request_gets_the_same_answer_and_entries_of_its_own(edge: Edge) -> None:
    answers = [edge.ask() for _ in range(4)]
    assert len({answer.body for answer in answers}) == 1
    assert {answer.status for answer in answers} == {200}
    assert all(answer.header("access-control-allow-origin") == "*" for answer in answers)
    assert [entry["id"] for entry in edge.journal()] == [1, 2, 3, 4]
    assert all(isinstance(entry["milliseconds"], float) for entry in edge.journal())


def test_a_body_that_is_too_large_is_refused_and_the_server_goes_on(edge: Edge) -> None:
    head = f"POST /t/{edge.tenant}/__admin/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    assert raw(edge.server.port, f"{head}Content-Length: {BODY_LIMIT + 1}\r\n\r\n".encode(), "POST").status == 413
    assert edge.ask().status == 200


@pytest.mark.parametrize("hosts", ["", "Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n"])
def test_a_request_without_host_or_with_two_is_refused(edge: Edge, hosts: str) -> None:
    target = f"/t/{edge.tenant}/api/logs HTTP"
    assert raw(edge.server.port, f"GET {target}/1.0\r\nAuthorization: Bearer dev-token\r\n\r\n".encode()).status == 200
    answer = raw(edge.server.port, f"GET {target}/1.1\r\n{hosts}Authorization: Bearer dev-token\r\n\r\n".encode())
    assert (answer.status, answer.header("access-control-allow-origin")) == (400, "*")
    assert len(edge.journal()) == 1


def test_who_was_kept_waiting_once_may_end_its_side_later(edge: Edge) -> None:
    """A client that leaves while it waits on purpose is let go; the next reply is sent whole."""
    asked = "GET /t/{}/api/logs?page_size={} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-token\r\n{}\r\n"
    with socket.create_connection(("127.0.0.1", edge.server.port), timeout=10) as connection:
        connection.sendall(asked.format(edge.tenant, 1, 'Prefer: fault="latency:seconds=0.01"\r\n').encode())
        told = connection.recv(65536)
        connection.sendall(asked.format(edge.tenant, 20_000, "Connection: close\r\n").encode())
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            told += piece
    assert told.count(b"HTTP/1.1 200 OK") == 2
    assert told.endswith((b"]", b"0\r\n\r\n"))


def test_half_a_body_is_refused_and_does_nothing(edge: Edge) -> None:
    head = f"POST /t/{edge.tenant}/__admin/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", edge.server.port), timeout=30) as connection:
        connection.sendall(f'{head}Content-Length: 30\r\n\r\n{{"rule": "empty"}}'.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert edge.control("GET", "/faults").json()["armed"] == []


def _twice(edge: Edge, *headers: tuple[str, str]) -> Answer:
    """The answer that is remembered by now."""
    edge.ask("/api/logs?page_size=4", *headers)
    edge.ask("/api/logs?page_size=4", *headers)
    return edge.ask("/api/logs?page_size=4", *headers)


def _add(edge: Edge) -> None:
    edge.control("POST", "/logs", {"key": "Unknown", "payload": {"key": "Unknown", "result": "Success"}})


def _grow(edge: Edge) -> None:
    edge.clock[0] += 1000


CHANGES: dict[str, Callable[[Edge], None]] = {"a log is added": _add, "logs have grown": _grow}


@pytest.mark.parametrize("change", CHANGES)
def test_no_reply_is_remembered_beyond_what_it_was_made_of(edge: Edge, change: str) -> None:
    before = _twice(edge)
    CHANGES[change](edge)
    after = edge.ask()
    assert after.body != before.body
    assert after.header("etag") != before.header("etag")


def test_armed_faults_count_and_strike_remembered_requests_exactly(edge: Edge) -> None:
    _twice(edge)
    edge.control("POST", "/faults", {"rule": "status:code=503,times=3,skip=1"})
    assert [edge.ask().status for _ in range(6)] == [200, 503, 503, 503, 200, 200]
    assert edge.control("GET", "/faults").json()["armed"][0] | {"text": ""} == {
        "id": "1", "text": "", "kind": "status", "fields": {"code": 503, "times": 3, "skip": 1},
        "matched": 6, "fired": 3,
    }  # fmt: skip
    edge.control("DELETE", "/faults")
    assert edge.ask().status == 200


def test_a_token_that_expires_is_refused_though_its_reply_is_remembered(edge: Edge) -> None:
    form = b"grant_type=client_credentials&client_id=mock-app&client_secret=mock-secret&scope=all"
    form += b"&resource=https://default.logto.app/api"
    headers = [("Host", "127.0.0.1"), ("Content-Type", "application/x-www-form-urlencoded")]
    headers.append(("Content-Length", str(len(form))))
    token = request(edge.server.port, f"/t/{edge.tenant}/oidc/token", headers, "POST", body=form).json()["access_token"]
    bearer = ("Authorization", f"Bearer {token}")
    assert _twice(edge, bearer).status == 200
    edge.clock[0] += 3601
    assert edge.ask("/api/logs?page_size=4", bearer).status == 401


def test_headers_that_change_an_answer_are_told_apart(edge: Edge) -> None:
    tag = _twice(edge).header("etag") or ""
    assert _twice(edge, BEARER, ("If-None-Match", tag)).status == 304
    assert _twice(edge, BEARER, ("Accept-Encoding", "gzip")).header("content-encoding") == "gzip"
    assert _twice(edge, ("Authorization", "Bearer forbidden-token")).status == 403
    assert _twice(edge, BEARER, ("Prefer", "code=418")).status == 418
    assert _twice(edge).status == 200


def test_another_tenant_of_that_name_begins_with_a_journal_of_its_own(edge: Edge) -> None:
    _twice(edge)
    edge.control("POST", "/reset")
    edge.ask()
    assert len(edge.journal()) == 1


def test_heads_have_lengths_and_no_bodies(edge: Edge) -> None:
    body = edge.ask().body
    for _ in range(3):
        head = edge.ask(method="HEAD")
        assert (head.status, head.body, head.header("content-length")) == (200, b"", str(len(body)))


@pytest.mark.parametrize("prefer", [(), (("Prefer", "delay=0.001"),), (("Prefer", 'fault="dribble:seconds=0"'),)])
def test_a_head_of_a_stream_tells_no_length_and_leaves_the_connection_clean(edge: Edge, prefer: Headers) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in (BEARER, *prefer))
    target = f"/t/{edge.tenant}/api/logs?page_size=300 HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}"
    with socket.create_connection(("127.0.0.1", edge.server.port), timeout=30) as connection:
        connection.sendall(f"HEAD {target}\r\nGET {target}Connection: close\r\n\r\n".encode())
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, rest = answers.partition(b"\r\n\r\n")
    assert b"content-length" not in head.lower()
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_stream_that_is_cut_at_its_beginning_does_not_end(edge: Edge, encoding: str) -> None:
    edge.control("POST", "/faults", {"rule": "truncate:fraction=0"})
    with pytest.raises(http.client.IncompleteRead):
        edge.ask("/api/logs?page_size=300", BEARER, ("Accept-Encoding", encoding))


def test_long_bodies_come_whole(edge: Edge) -> None:
    assert len(edge.ask("/api/logs?page_size=1000").json()) == 300


def test_preflights_documents_and_odd_methods_are_answered(edge: Edge) -> None:
    asks = ("Access-Control-Request-Method", "GET")
    assert edge.ask("/api/logs", ("Origin", "https://app.example.com"), asks, method="OPTIONS").status == 204
    assert request(edge.server.port, "/openapi.json").json()["openapi"].startswith("3.")
    assert edge.ask(method="POST").status == 405
    assert edge.ask("/api/l%c3%b6gs").status == 404


def test_clients_that_give_up_on_a_hang_leave_nothing_behind(edge: Edge) -> None:
    edge.control("POST", "/faults", {"rule": "hang:seconds=60,times=1"})
    with socket.create_connection(("127.0.0.1", edge.server.port)) as client:
        client.sendall(f"GET /t/{edge.tenant}/api/logs HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        client.settimeout(0.03)
        with pytest.raises(TimeoutError):
            client.recv(1)

    def is_over(_: int) -> bool:
        threading.Event().wait(0.01)
        return edge.journal()[0]["milliseconds"] is not None

    assert any(map(is_over, range(200)))
    assert edge.ask().status == 200


def test_a_stopped_server_leaves_no_thread_and_frees_its_port() -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        with Server(create_app(Settings(logs="seeded"))) as server:
            port, url = server.port, server.url
            assert url == f"http://127.0.0.1:{port}"
            assert request(port, "/api/logs", [BEARER]).status == 200
        with pytest.raises(ConnectionRefusedError):
            request(port, "/api/logs")
    # What other tests left behind may end meanwhile.
    assert set(threading.enumerate()) <= before
