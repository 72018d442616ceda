"""A real deployment behind the mock: what passes, both ways, over real sockets."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from mockserver.contract.jsontext import encode
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.kinds import KINDS
from mockserver.mock.settings import Settings
from tests.faults.test_ways_in import TABLE
from tests.judge.test_traffic import log
from tests.support.proxied import deployment, head_from, proxied
from tests.support.seen import see
from tests.support.wire import request

TOKEN = [("Authorization", "Bearer dev-token")]


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


@pytest.mark.parametrize(("apart", "told"), [(0, None), (1, "pages-overlap")])
def test_logs_of_one_moment_that_swap_places_between_two_pages_are_no_break_on_the_way(apart, told):
    """A deployment without a tie-breaker shows one log on both pages. If their times differ, that is a break."""
    logs = [log(number, created=1_700_000_000_000 + apart * number) for number in range(40, 0, -1)]
    pages = {"page=1": logs[:20], "page=2": logs[19:39]}

    def act(client: socket.socket) -> None:
        while head := head_from(client):
            body = encode(pages[head.decode().partition("?")[2].partition(" ")[0]])
            kind = b"Content-Type: application/json\r\nContent-Length: %d" % len(body)
            client.sendall(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n%b" % (kind, body))

    with deployment(act) as url, proxied(url) as proxy:
        answers = [request(proxy.port, f"/api/logs?page={number}", TOKEN) for number in (1, 2, 1) * 3]
        assert control(proxy, "GET", "/verdict")["exit_code"] == (told is not None)
    assert [answer.json() for answer in answers] == [pages[f"page={number}"] for number in (1, 2, 1) * 3]
    assert answers[-1].header("contract-breaks") == told


def test_the_quirks_of_a_newer_deployment_survive_the_way_and_the_verdict_knows_them():
    profile = "observed-1.42"
    with Server(create_app(Settings(profile=profile))) as newer, proxied(newer.url, profile=profile) as proxy:
        # What a race may look like counts the third time.
        for _ in range(3):
            there, here = (request(port, "/api/logs?page_size=3", TOKEN) for port in (newer.port, proxy.port))
        verdict = control(proxy, "GET", "/verdict")
    assert here.body == there.body
    assert here.all("link") == [line.replace(f":{newer.port}/", f":{proxy.port}/") for line in there.all("link")]
    assert len(here.all("link")) == 3
    assert all("/logs?page_size=3&page=" in line and "/api/" not in line for line in here.all("link"))
    assert (verdict["exit_code"], verdict["counts"]["forbidden"], verdict["counts"]["known"]) == (0, 0, 1)


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
    shown = request(proxy.port, "/__admin/requests", [])
    assert b"/oidc/token" in shown.body
    assert b"very-secret-token" not in shown.body
    page, token = (entry["reply"] for entry in shown.json()["requests"][-2:])
    assert page["body"].startswith('{"code":"auth.unauthorized"')
    assert (token["body"], bool(token["headers"])) == ("", True)


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


def test_a_client_that_sends_no_more_gets_the_rest_of_its_answer():
    """It closes its side while the answer comes: it has said all, and still reads."""
    has_closed = threading.Event()

    def act(client):
        head_from(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        has_closed.wait(10)
        client.sendall(b"56789")

    with (
        deployment(act) as url,
        proxied(url) as server,
        socket.create_connection((server.host, server.port), timeout=10) as client,
        client.makefile("rb") as file,
    ):
        client.sendall(b"GET /api/users HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += file.readline()
        assert file.read(5) == b"01234"
        client.shutdown(socket.SHUT_WR)
        server.call(list)
        has_closed.set()
        assert file.read() == b"56789"
