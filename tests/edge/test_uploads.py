"""Bodies on their way to a real deployment behind the mock: in pieces, answered early, or broken off."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import socket
import threading
from contextlib import closing, suppress

import pytest

from mockserver.edge import forwarding
from tests.support.proxied import deployment, head_from, proxied, saying


def rest_from(client, data=b"", end=None):
    """What has come, and what comes up to ``end``; without one, to the end of the connection."""
    pieces = itertools.chain([data], iter(lambda: client.recv(4096), b""))
    return next(whole for whole in itertools.accumulate(pieces) if whole.endswith(end)) if end else b"".join(pieces)


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
        seen.append(rest_from(client, head_from(client), b"0\r\n\r\n"))
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
        rest_from(client, head_from(client), b"abc")
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
            while True:
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
        rest_from(client)
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
