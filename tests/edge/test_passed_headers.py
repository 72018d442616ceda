"""Exactly which headers pass between a client and the deployment behind the mock, and what a failure says in full."""

from __future__ import annotations

import re
from collections.abc import Callable
from socket import socket

import pytest

from mockserver.edge.upstream import UpstreamFailure
from mockserver.http.cors import CORS
from tests.support.proxied import deployment, head_from, proxied, saying
from tests.support.wire import request

# RFC 9110, 7.6.1, and older ones: they concern one connection.
HOPS = ("Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Upgrade")


def recorded(seen: list[bytes], answer: bytes) -> Callable[[socket], None]:
    def act(client: socket) -> None:
        seen.append(head_from(client))
        client.sendall(answer)

    return act


def test_of_a_request_all_passes_but_what_concerns_one_connection_or_the_mock() -> None:
    seen: list[bytes] = []
    ours = [(name, "x") for name in (*HOPS, "Mock-Tenant")]
    theirs = [("Connection", "close, X-Hop"), ("X-Hop", "1"), ("Prefer", "wait=1"), ("Trailers", "2"), ("X-TE", "3")]
    with deployment(recorded(seen, b"HTTP/1.1 204 No Content\r\n\r\n")) as url, proxied(url) as proxy:
        assert request(proxy.port, "/x", [*ours, *theirs, ("Expect", "other")]).status == 204
    names = [line.partition(b":")[0].decode().lower() for line in seen[0].split(b"\r\n")[1:] if line]
    assert sorted(names) == sorted(["host", "prefer", "trailers", "x-te", "via"])


def test_of_an_answer_all_passes_but_what_concerns_one_connection_or_the_mock_says_itself() -> None:
    head = "".join(f"{name}: x\r\n" for name in (*HOPS, "Connection", "Date", "Access-Control-Allow-Credentials"))
    head += "".join(f"{name}: of the deployment\r\n" for name, _ in CORS)
    head += "X-Date: 1\r\nAccess-Control-Allow-Headers: 2\r\nTransfer-Encoding: chunked\r\n"
    answer = f"HTTP/1.1 200 OK\r\n{head}\r\n2\r\nhi\r\n0\r\n\r\n".encode()
    with deployment(saying(answer)) as url, proxied(url) as proxy:
        came = request(proxy.port, "/x")
    assert came.body == b"hi"
    own = {name.lower() for name, _ in CORS} | {"date", "transfer-encoding", "connection"}
    assert {name.lower() for name, _ in came.headers} == {"x-date", "access-control-allow-headers"} | own
    assert not [value for _, value in came.headers if value in ("x", "of the deployment")]


@pytest.mark.parametrize("name", ["Link", "Location", "Content-Location"])
def test_a_link_to_the_deployment_leads_to_the_mock_and_any_other_stays(name: str) -> None:
    def act(client: socket) -> None:
        head_from(client)
        links = (f"{name}: <{url}{more}>" for more in ("/x", "", "9/x", ".example.com/x"))
        lines = ("HTTP/1.1 204 No Content", *links, f"X-{name}: {url}/x", "", "")
        client.sendall("\r\n".join(lines).encode())

    with deployment(act) as url, proxied(url) as proxy:
        came = request(proxy.port, "/x")
        here = f"http://127.0.0.1:{proxy.port}"
        assert came.all(name.lower()) == [f"<{here}/x>", f"<{here}>", f"<{url}9/x>", f"<{url}.example.com/x>"]
        assert came.header(f"x-{name.lower()}") == f"{url}/x"


def test_a_failure_is_an_error_of_the_api_in_json() -> None:
    reply = UpstreamFailure(502, "failed", "It broke.").reply
    assert (reply.status, reply.content()) == (502, b'{"code":"upstream.failed","message":"It broke."}')
    assert str(UpstreamFailure(502, "failed", "It broke.")) == "It broke."


@pytest.mark.parametrize(
    ("method", "connections"), [("GET", 1), ("HEAD", 1), ("OPTIONS", 1), ("POST", 2), ("PATCH", 2), ("TRACE", 2)]
)
def test_what_may_be_sent_twice_takes_a_kept_connection_and_each_names_the_mock(method: str, connections: int) -> None:
    came: list[bytes] = []
    opened: list[socket] = []

    def act(client: socket) -> None:
        opened.append(client)
        while head := head_from(client):
            came.append(head)
            client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with deployment(act) as url, proxied(url) as proxy:
        for _ in range(2):
            assert request(proxy.port, "/x", [], method).status == 204
    assert (len(came), len(opened)) == (2, connections)
    (via,) = {line for head in came for line in head.split(b"\r\n") if line.lower().startswith(b"via:")}
    assert re.fullmatch(rb"(?i)via: 1\.1 mockserver-[0-9a-f]{8}", via)
