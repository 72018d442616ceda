"""Connections to a deployment: which are kept, what is never taken for an answer, and the way through a proxy."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mockserver.edge import outgoing
from mockserver.judge.route import NetworkRoute
from tests.judge.test_route import ACCOUNT, files, secure  # noqa: F401  # a fixture
from tests.support.proxied import deployment, head_from, proxied
from tests.support.proxy import proxying
from tests.support.wire import Answer, raw, request, until

TOKEN = [("Authorization", "Bearer dev-token")]


class Lines:
    """A deployment that answers each request with the number of the connection it came on, ``answers`` times."""

    def __init__(self, answers: int = 9, behind: bytes = b"") -> None:
        self.heads: list[bytes] = []
        self.closed = threading.Event()
        self._answers = answers
        self._behind = behind
        self._count = 0

    def __call__(self, client: socket.socket) -> None:
        self._count += 1
        number = self._count
        for _ in range(self._answers):
            head = head_from(client)
            if not head:
                break
            self.heads.append(head)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d%b" % (number, self._behind))
        client.close()
        self.closed.set()


def bodies(port: int, *methods: str) -> str:
    return "".join(request(port, "/x", [], method).body.decode() for method in methods)


def test_a_connection_is_kept_for_what_may_be_sent_twice_and_another_request_has_a_new_one() -> None:
    with deployment(Lines()) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET", "OPTIONS", "GET", "POST", "DELETE", "GET") == "111233"


def test_an_answer_without_a_body_keeps_its_connection() -> None:
    with deployment(lines := Lines()) as url, proxied(url) as proxy:
        request(proxy.port, "/x", [], "OPTIONS")
        assert bodies(proxy.port, "GET") == "1"
    assert len(lines.heads) == 2


def test_a_connection_that_the_deployment_has_closed_is_not_used_again() -> None:
    with deployment(lines := Lines(answers=1)) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET") == "1"
        assert lines.closed.wait(10)
        assert bodies(proxy.port, "GET") == "2"


def test_a_kept_connection_that_ends_without_an_answer_is_tried_again_on_another() -> None:
    """The deployment closes it when the request is there already: nobody has answered it."""
    count = []

    def act(client: socket.socket) -> None:
        count.append(client)
        head_from(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % len(count))
        head_from(client)

    with deployment(act) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET", "GET") == "12"


def test_a_connection_is_let_go_when_nobody_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.edge.upstream._IDLE", 0.05)
    with deployment(lines := Lines()) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET") == "1"
        assert lines.closed.wait(10)
        assert bodies(proxy.port, "GET") == "2"


def test_a_kept_connection_that_is_used_again_is_not_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next answer takes longer than it would have been kept unused."""
    monkeypatch.setattr("mockserver.edge.upstream._IDLE", 0.1)

    def act(client: socket.socket) -> None:
        head_from(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
        head_from(client)
        client.settimeout(0.4)
        with suppress(TimeoutError):
            client.recv(1)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")

    with deployment(act) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET", "GET") == "12"


def test_bytes_that_nobody_asked_for_are_no_answer() -> None:
    """Else the next client would get them: a second answer behind the first, and one that comes later."""
    stray = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
    with deployment(Lines(behind=stray)) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET", "GET") == "12"
    late, sent = threading.Event(), threading.Event()

    def act(client: socket.socket) -> None:
        head_from(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
        if not sent.is_set():
            assert late.wait(10)
            client.sendall(stray)
            sent.set()
            client.recv(1)

    with deployment(act) as url, proxied(url) as proxy:
        assert bodies(proxy.port, "GET") == "1"
        late.set()
        assert sent.wait(10)
        assert bodies(proxy.port, "GET") == "1"


def test_chunks_have_no_other_length() -> None:
    """With both lengths in the head, the client would take the rest of the body for the next answer."""

    def act(client: socket.socket) -> None:
        head_from(client)
        client.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )

    with deployment(act) as url, proxied(url) as proxy:
        answer = request(proxy.port, "/x")
    assert (answer.body, answer.header("content-length")) == (b"abc", None)


def test_a_target_passes_as_it_came() -> None:
    with deployment(lines := Lines()) as url, proxied(url) as proxy:
        raw(proxy.port, b"GET //a/%2e%2E/\xff?b?=\xe9&c#d HTTP/1.1\r\nHost: localhost\r\n\r\n")
        raw(proxy.port, b"GET /t/acme HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert [head.split(b"\r\n")[0] for head in lines.heads] == [
        b"GET //a/%2e%2E/\xff?b?=\xe9&c#d HTTP/1.1",
        b"GET / HTTP/1.1",
    ]


def test_a_body_of_a_request_for_logs_has_a_length_again() -> None:
    def act(client: socket.socket) -> None:
        data = head_from(client)
        until(lambda: data.endswith(b"abc") or not client.setblocking(True))
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data)

    with deployment(act) as url, proxied(url) as proxy:
        chunked = (
            b"GET /api/logs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )
        sent = raw(proxy.port, chunked).body
    assert b"\r\nContent-Length: 3\r\n" in sent
    assert sent.endswith(b"abc")


def test_a_body_on_its_way_puts_the_end_of_patience_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_SILENT", 0.4)

    def act(client: socket.socket) -> None:
        head_from(client)
        left = 8
        while left and (piece := client.recv(1)):
            left -= len(piece)
        client.sendall(b"HTTP/1.1 204 Done\r\n\r\n")

    with (
        deployment(act) as url,
        proxied(url) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client,
    ):
        client.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            threading.Event().wait(0.1)
            client.sendall(b"x")
        assert client.recv(4096).startswith(b"HTTP/1.1 204 ")


def asked(url: str, route: NetworkRoute) -> Answer:
    with proxied(url, route) as proxy:
        return request(proxy.port, "/api/logs?page_size=1", TOKEN)


def test_a_deployment_is_reached_through_a_proxy_of_its_own(files: Path) -> None:  # noqa: F811  # the fixture
    with secure(files) as url, proxying() as proxy:
        account = proxy.url.replace("//", "//joe:open%20sesame@")
        answer = asked(url, NetworkRoute(account, str(files / "ca.pem")))
    assert answer.status == 401
    assert set(proxy.lines) == {f"CONNECT {url.removeprefix('https://')}"}
    assert proxy.accounts == [ACCOUNT]
    with deployment(lines := Lines()) as url, proxying() as proxy:
        account = proxy.url.replace("//", "//joe:open%20sesame@")
        assert asked(url, NetworkRoute(account)).body == b"1"
    assert (proxy.lines, proxy.accounts) == ([f"GET {url}/api/logs?page_size=1"], [ACCOUNT])
    assert b"proxy-authorization" not in lines.heads[0].lower()


@pytest.mark.parametrize(("status", "words"), [(407, "name and password belong into its URL"), (403, "status 403 at")])
def test_a_proxy_that_opens_no_tunnel_is_told(status: int, words: str) -> None:
    with proxying(refusal=status) as proxy:
        answer = asked("https://127.0.0.1:1", NetworkRoute(proxy.url))
    assert answer.status == 502
    assert words in answer.json()["message"]


def test_a_deployment_that_demands_a_certificate_gets_it(files: Path) -> None:  # noqa: F811  # the fixture
    with secure(files, demands=True) as url:
        assert asked(url, NetworkRoute("", str(files / "ca.pem"), str(files / "client.pem"))).status == 401
        assert asked(url, NetworkRoute("", str(files / "ca.pem"))).status == 502


def test_a_name_with_several_addresses_that_nobody_serves_is_told() -> None:
    answer = asked("http://localhost:1", NetworkRoute(""))
    assert answer.status == 502
    assert "refused connection" in answer.json()["message"] or "none of its addresses" in answer.json()["message"]
