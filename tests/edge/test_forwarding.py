"""A real deployment behind the mock: what passes, both ways, over real sockets."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from mockserver.edge import forwarding
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.kinds import KINDS
from mockserver.mock.settings import Settings
from tests.faults.test_ways_in import TABLE
from tests.support.proxied import deployment, head_from, proxied, saying
from tests.support.seen import see
from tests.support.wire import request

TOKEN = [("Authorization", "Bearer dev-token")]


@pytest.fixture(scope="module")
def real() -> Iterator[Server]:
    with Server(create_app(Settings(profile="observed"))) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(real: Server) -> Iterator[Server]:
    with proxied(real.url, profile="observed") as server:
        yield server


def control(server: Server, method: str, path: str, body: object = None, tenant: str = "") -> dict:
    content = b"" if body is None else json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))] if content else []
    answer = request(server.port, f"{tenant}/__admin{path}", headers, method, body=content)
    return answer.json() if answer.body else {}


def test_an_answer_about_logs_is_the_deployments_and_its_quirks_are_too(real, proxy):
    """A Link of an observed deployment lacks /api, and leads to this server all the same."""
    there, here = (request(port, "/api/logs?page_size=3", TOKEN) for port in (real.port, proxy.port))
    assert here.body == there.body
    assert here.header("total-number") == there.header("total-number")
    assert here.links()["next"] == f"http://127.0.0.1:{proxy.port}/logs?page_size=3&page=2"
    assert here.header("etag") == there.header("etag")


def test_links_of_a_tenant_keep_its_prefix_and_its_faults_are_its_own(proxy):
    control(proxy, "DELETE", "/faults")
    control(proxy, "POST", "/faults", {"rule": "status:code=503"}, "/t/acme")
    assert request(proxy.port, "/t/acme/api/logs", TOKEN).status == 503
    assert request(proxy.port, "/api/logs", TOKEN).status == 200
    answer = request(proxy.port, "/t/other/api/logs?page_size=3", TOKEN)
    assert answer.links()["next"].startswith(f"http://127.0.0.1:{proxy.port}/t/other/logs?")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_stands_in_front_of_the_deployment(proxy, kind):
    rule, is_right = TABLE[kind]
    control(proxy, "DELETE", "/faults")
    control(proxy, "POST", "/faults", {"rule": rule})
    seen = see(proxy.port, "/api/logs")
    control(proxy, "DELETE", "/faults")
    assert is_right(seen)
    assert request(proxy.port, "/api/logs", TOKEN).status == 200


def test_a_fault_without_an_answer_does_not_reach_the_deployment(real, proxy):
    before = request(real.port, "/__admin/requests", []).json()
    assert request(proxy.port, "/api/logs?__code=503", TOKEN).status == 503
    assert len(request(real.port, "/__admin/requests", []).json()) == len(before)


def test_preferences_that_are_obeyed_stay_here_and_others_pass(real, proxy):
    answer = request(proxy.port, "/api/logs?page_size=2&__delay=0.01", [*TOKEN, ("Prefer", "return=minimal")])
    assert answer.header("preference-applied") is None
    delayed = request(proxy.port, "/api/logs?__delay=0.01&page_size=2", TOKEN)
    assert delayed.header("preference-applied") == "delay=0.01"
    assert "__delay" not in delayed.links()["next"]
    sent = request(real.port, "/__admin/requests", []).json()["requests"][-2:]
    assert sent[0]["query"] == "page_size=2&__delay=0.01"
    assert sent[1]["query"] == "page_size=2"


def test_a_wrong_preference_and_a_wrong_tenant_are_refused_here(proxy):
    assert request(proxy.port, "/api/logs?__fault=nonsense", TOKEN).status == 400
    assert request(proxy.port, "/t/NO/api/logs", TOKEN).status == 400


def test_the_journal_has_what_passed_without_a_credential(proxy):
    request(proxy.port, "/api/logs?page_size=1", [("Authorization", "Bearer very-secret-token")])
    request(proxy.port, "/oidc/token", [("Content-Length", "31")], "POST", body=b"client_secret=very-secret-token")
    shown = request(proxy.port, "/__admin/requests", []).body
    assert b"/oidc/token" in shown
    assert b"very-secret-token" not in shown


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET http://example.com/api/logs HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
        (b"GET http://127.0.0.1/api/logs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421),
        (b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 421),
        (b"GET /users HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
        (b"POST /users HTTP/1.1\r\nHost: example.com\r\nContent-Length: 2\r\n\r\n{}", 421),
        (b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421),
        (b"GET @example.com/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421),
        (b"GET /t/NO/users HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    ],
)
def test_it_is_no_open_proxy(proxy, data, status):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
        client.sendall(data)
        assert int(client.recv(4096).split(b" ")[1]) == status


def test_a_preflight_is_answered_here_for_every_method(proxy):
    asked = [("Origin", "http://localhost:5173"), ("Access-Control-Request-Method", "PATCH")]
    answer = request(proxy.port, "/api/users/1", asked, "OPTIONS")
    assert answer.status == 204
    assert "PATCH" in (answer.header("access-control-allow-methods") or "")


def test_headers_of_one_connection_stay_on_their_side():
    seen = []

    def act(client):
        seen.append(head_from(client))
        client.sendall(
            b"HTTP/1.1 200 OK\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\nX-Theirs: 2\r\n"
            b"Access-Control-Allow-Origin: https://admin.example.com\r\nLocation: %b/x\r\n"
            b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nhi" % url.encode()
        )

    headers = [
        ("Connection", "keep-alive, X-Hop"), ("X-Hop", "1"), ("TE", "trailers"), ("Proxy-Authorization", "Basic x"),
        ("Upgrade", "websocket"), ("Mock-Tenant", "acme"), ("X-End", "2"), ("Cookie", "c=3"),
    ]  # fmt: skip
    with deployment(act) as url, proxied(url) as proxy:
        answer = request(proxy.port, "/a%2Fb//c?x=%20", headers)
    sent = seen[0].decode().lower()
    assert sent.startswith("get /a%2fb//c?x=%20 http/1.1\r\n")
    assert f"host: {url.removeprefix('http://')}" in sent
    assert "x-end: 2" in sent
    assert "cookie: c=3" in sent
    assert "via: 1.1 mockserver-" in sent
    assert not any(name in sent for name in ("x-hop", "te:", "proxy-auth", "upgrade", "mock-tenant"))
    assert answer.body == b"hi"
    assert answer.header("x-theirs") == "2"
    assert answer.all("set-cookie") == ["a=1", "b=2"]
    assert answer.header("location") == f"http://127.0.0.1:{proxy.port}/x"
    assert answer.all("access-control-allow-origin") == ["*"]
    assert answer.header("x-mine") is answer.header("keep-alive") is None


def test_a_big_body_passes_in_pieces_both_ways():
    """Ten times what either side holds; the deployment answers with the bytes that it got."""
    size, held = 20 * 1024 * 1024, 4 * 1024 * 1024

    def act(client):
        data = head_from(client)
        head, _, body = data.partition(b"\r\n\r\n")
        assert b"100-continue" not in head.lower()
        digest, left = hashlib.sha256(body), size - len(body)
        while left and (piece := client.recv(65536)):
            digest.update(piece)
            left -= len(piece)
        client.sendall(b"HTTP/1.1 200 OK\r\nX-Digest: %b\r\n" % digest.hexdigest().encode())
        client.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(size // held):
            client.sendall(b"%x\r\n%b\r\n" % (held, bytes(held)))
        client.sendall(b"0\r\n\r\n")

    content = bytes(range(256)) * (size // 256)
    with (
        deployment(act) as url,
        proxied(url) as proxy,
        closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=60)) as client,
    ):
        client.putrequest("PUT", "/api/file")
        client.putheader("Content-Length", str(size))
        client.putheader("Expect", "100-continue")
        client.endheaders()
        client.send(content)
        response = client.getresponse()
        body = response.read()
        assert response.headers["x-digest"] == hashlib.sha256(content).hexdigest()
        assert len(body) == size
        client.request("GET", "/__admin/health")
        assert client.getresponse().status == 200


def test_a_chunked_upload_stays_chunked():
    seen = []

    def act(client):
        data = head_from(client)
        while not data.endswith(b"0\r\n\r\n"):
            data += client.recv(65536)
        seen.append(data)
        client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with (
        deployment(act) as url,
        proxied(url) as proxy,
        closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)) as client,
    ):
        client.request("POST", "/x", iter([b"one", b"two"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        assert client.getresponse().status == 204
    assert b"transfer-encoding: chunked" in seen[0].lower()
    assert b"one" in seen[0]


UPLOAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("stays", [True, False], ids=["reads-no-more", "closes-with-a-reset"])
def test_an_answer_before_the_whole_body_is_handed_on_and_the_next_request_is_answered(stays):
    """A deployment that refuses a body takes no more of it; many clients read no answer before they have sent all."""
    size, done = 20 * 1024 * 1024, threading.Event()

    def act(client):
        head_from(client)
        client.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        if stays:
            done.wait(30)

    with (
        deployment(act) as url,
        proxied(url) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as client,
    ):
        client.sendall(UPLOAD % size + bytes(size))
        answer = client.recv(4096)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert answer.endswith(b"no")
        client.sendall(b"GET /__admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        done.set()


def test_a_client_that_waits_for_it_is_asked_for_its_body():
    def act(client):
        data = head_from(client)
        while not data.endswith(b"abc"):
            data += client.recv(4096)
        client.sendall(b"HTTP/1.1 204 Done\r\n\r\n")

    with (
        deployment(act) as url,
        proxied(url) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client,
    ):
        client.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(4096).startswith(b"HTTP/1.1 204 ")


def test_a_client_waits_while_the_deployment_takes_nothing():
    """Nothing is held but what fits into the buffers of the system and some kB here."""
    size, full = 40 * 1024 * 1024, threading.Event()

    def act(client):
        data = head_from(client)
        assert full.wait(30)
        left = size - len(data.partition(b"\r\n\r\n")[2])
        while left and (piece := client.recv(1 << 20)):
            left -= len(piece)
        client.sendall(b"HTTP/1.1 204 Done\r\n\r\n")

    with (
        deployment(act) as url,
        proxied(url) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=0.3) as client,
    ):
        data = memoryview(UPLOAD % size + bytes(size))
        with suppress(TimeoutError):
            while data:
                data = data[client.send(data) :]
        assert len(data) > size // 4
        full.set()
        client.settimeout(30)
        client.sendall(data)
        assert client.recv(4096).startswith(b"HTTP/1.1 204 ")


def test_a_body_that_stalls_behind_its_answer_ends_the_connection(monkeypatch):
    monkeypatch.setattr(forwarding, "_STALLED", 0.05)
    with (
        deployment(saying(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")) as url,
        proxied(url) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client,
    ):
        client.sendall(UPLOAD % 6 + b"abc")
        assert client.recv(4096).startswith(b"HTTP/1.1 401 ")
        assert client.recv(4096) == b""


def test_a_body_that_nobody_asked_for_is_not_waited_for():
    """The client gets its answer instead of an interim 100; what it sends next would be taken for the body."""
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with proxied(url) as proxy, socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
        client.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"Connection: close" in answer
    assert b"100 Continue" not in answer


def test_an_upload_that_stalls_or_breaks_off_ends(monkeypatch):
    monkeypatch.setattr(forwarding, "_STALLED", 0.05)
    begun, ended = threading.Event(), threading.Event()

    def act(client):
        head_from(client)
        begun.set()
        while client.recv(4096):
            pass
        ended.set()

    with deployment(act) as url, proxied(url) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
            client.sendall(UPLOAD % 6 + b"abc")
            assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
        assert ended.wait(10)
        begun.clear()
        ended.clear()
        monkeypatch.setattr(forwarding, "_STALLED", 20.0)
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
            client.sendall(UPLOAD % 6 + b"abc")
            assert begun.wait(10)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(4096) == b""
        assert ended.wait(10)


def test_a_client_that_leaves_ends_what_the_deployment_does_for_it():
    begun, ended = threading.Event(), threading.Event()

    def act(client):
        head_from(client)
        begun.set()
        assert client.recv(1) == b""
        ended.set()

    with deployment(act) as url, proxied(url) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
            client.sendall(b"GET /api/logs HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert begun.wait(10)
        assert ended.wait(10)


def test_a_proxy_that_ends_lets_go_of_the_deployment():
    begun, ended = threading.Event(), threading.Event()

    def act(client):
        head_from(client)
        begun.set()
        client.recv(1)
        ended.set()

    with deployment(act) as url:
        with proxied(url) as proxy, socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
            client.sendall(b"GET /api/logs HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert begun.wait(10)
        assert ended.wait(10)
