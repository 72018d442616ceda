"""A real deployment behind the mock that fails, is slow, or sends too much."""

from __future__ import annotations

import socket
import time
import tracemalloc
import zlib
from contextlib import closing

import pytest

from mockserver.edge import forwarding, outgoing
from mockserver.edge.server import Server
from mockserver.mock import forwarding as pure
from tests.support.proxied import deployment, proxied, proxy_front, saying
from tests.support.seen import see
from tests.support.wire import request

TOKEN = [("Authorization", "Bearer dev-token")]
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"


@pytest.mark.parametrize("path", ["/api/logs", "/api/users"])
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", 502),
        (b"not http\r\n\r\n", 502),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 502),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, 502),
        (b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example.com/\r\nContent-Length: 0\r\n\r\n", 302),
        (b'HTTP/1.1 500 Oh\r\nContent-Length: 16\r\n\r\n{"message":"oh"}', 500),
        (EARLY * 10 + b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (EARLY * 11 + b"HTTP/1.1 204 No Content\r\n\r\n", 502),
    ],
)
def test_a_failure_of_the_deployment_is_handed_on_or_becomes_one_clear_line(answer, status, path):
    with deployment(saying(answer)) as url, proxied(url) as proxy:
        came = request(proxy.port, path)
    assert came.status == status
    if status == 502:
        assert url in came.json()["message"]


@pytest.mark.parametrize("path", ["/api/logs", "/api/users"])
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1,",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n",
    ],
)
def test_a_body_that_breaks_off_breaks_off_here(answer, path):
    with deployment(saying(answer)) as url, proxied(url) as proxy:
        seen = see(proxy.port, path)
        unjudged = request(proxy.port, "/__admin/verdict").json()["unjudged"]
    assert [each["what"] for each in unjudged] == ["answers that did not come whole"] * (path == "/api/logs")
    assert seen.raw.rpartition(b"\r\n\r\n")[2].startswith(b"[1,") or b"[1," in seen.raw
    assert not seen.raw.endswith(b"0\r\n\r\n")
    assert seen.end == "closed"


def test_nobody_there_is_one_clear_line_and_so_is_one_who_is_too_slow(monkeypatch):
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with proxied(url) as proxy:
            monkeypatch.setattr(outgoing, "_SILENT", 0.05)
            assert request(proxy.port, "/api/logs").status == 504
    with proxied(url) as proxy:
        assert request(proxy.port, "/users").status == 502


def test_a_deployment_that_is_the_proxy_itself_is_a_loop():
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with Server(proxy_front(f"http://127.0.0.1:{port}"), port=port) as proxy:
        assert request(proxy.port, "/users").status == 508


def test_a_bomb_is_handed_on_in_bounded_memory_and_a_fault_on_it_is_refused(monkeypatch):
    monkeypatch.setattr(forwarding, "LARGEST_JUDGED", 1000)
    body = b"[" + b" " * 100_000 + b"]"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with deployment(saying(answer)) as url, proxied(url) as proxy:
        assert request(proxy.port, "/api/logs").body == body
        assert request(proxy.port, "/api/logs", [("Prefer", "delay=0.01")]).status == 502


def test_a_bomb_of_gzip_is_handed_on_as_it_is_and_not_blown_up():
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(32)), packer.flush()])
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    with deployment(saying(head % len(bomb) + bomb)) as url, proxied(url) as proxy:
        tracemalloc.start()
        came = request(proxy.port, "/api/logs")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        unjudged = request(proxy.port, "/__admin/verdict").json()["unjudged"]
    assert came.body == bomb
    assert [each["what"] for each in unjudged] == ["answers that take too long"]
    assert most < 8 << 20


def test_head_has_the_length_of_the_body_that_it_leaves_out(real, proxy):
    there, here = (request(port, "/api/logs", TOKEN, "HEAD") for port in (real.port, proxy.port))
    assert here.header("content-length") == there.header("content-length")
    assert request(proxy.port, "/openapi.json", []).status == 200


def test_hanging_clients_hold_nobody(proxy):
    """Each of them would hold a connection to the deployment, were they asked for there."""
    clients = [socket.create_connection(("127.0.0.1", proxy.port), timeout=10) for _ in range(50)]
    for client in clients:
        client.sendall(b'GET /api/logs HTTP/1.1\r\nHost: localhost\r\nPrefer: fault="hang:seconds=60"\r\n\r\n')
    began = time.monotonic()
    assert request(proxy.port, "/api/logs", TOKEN).status == 200
    assert time.monotonic() - began < 5
    for client in clients:
        client.close()


def test_a_fault_that_asks_without_end_is_stopped(proxy, monkeypatch):
    monkeypatch.setattr(pure, "_MOST_ASKED", 0)
    answer = request(proxy.port, "/api/logs", TOKEN)
    assert (answer.status, answer.json()["code"]) == (502, "upstream.too_many")


def test_the_end_of_a_connection_ends_an_answer_that_tells_no_length() -> None:
    with deployment(saying(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as url, proxied(url) as proxy:
        assert request(proxy.port, "/x").body == b"all of it"
