"""What only the second engine has: how it begins and ends, and how it reaches connections that granian keeps."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.edge.app import create_app
from mockserver.edge.descriptors import connection_to, shown
from mockserver.edge.fast import FastServer
from mockserver.edge.listening import listen, url_of
from mockserver.http.head import BODY_LIMIT
from mockserver.mock.settings import Settings
from tests.support.wire import raw, request

SERVE = [sys.executable, "-m", "mockserver", "serve", "--engine", "granian", "--port", "0", "--logs", "seeded"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_by_granian_and_ends_when_told(number: signal.Signals) -> None:
    with subprocess.Popen(SERVE, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" at ")[2]
        port = int(url.rpartition(":")[2].partition("/")[0])
        assert request(port, "/api/logs?page_size=1", [("Authorization", "Bearer dev-token")]).status == 200
        process.send_signal(number)
        assert process.wait(30) == 0
        assert process.communicate()[1] == ""


def test_serving_ends_plainly_where_standard_output_was_closed_before_it_began() -> None:
    program = (
        "import os, signal, sys; sys.stdout = None\n"
        "from mockserver.edge.app import create_app; from mockserver.edge.fast import FastServer\n"
        "FastServer(create_app()).serve_forever(lambda: os.kill(os.getpid(), signal.SIGTERM))"
    )
    process = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, timeout=60)
    assert (process.returncode, process.stderr) == (0, b"")


@pytest.mark.parametrize("rule", ["hang:seconds=600", "latency:seconds=600", "dribble:seconds=600"])
def test_a_client_that_is_not_served_yet_does_not_hold_up_the_end(rule: str) -> None:
    app = create_app(Settings(logs="seeded", faults=(rule,), auth="off"))
    journal = app.extensions["mockserver"].tenants.get("default").journal
    server = FastServer(app).start()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /api/logs HTTP/1.1\r\nHost: a\r\n\r\n")
        while not journal.last:
            assert server.url
        ending = threading.Thread(target=server.stop, daemon=True)
        ending.start()
        ending.join(60)
        assert not ending.is_alive()


def test_a_body_that_turns_out_too_large_is_refused() -> None:
    head = b"POST /__admin/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n" % (BODY_LIMIT + 1) + b" " * BODY_LIMIT + b" \r\n"
    with FastServer(create_app(Settings(logs="seeded"))) as server:
        assert raw(server.port, head + chunk, "POST").status == 413


def test_a_port_in_use_is_told_before_anything_is_served() -> None:
    app = create_app(Settings(logs="seeded"))
    with listen("127.0.0.1", 0) as taken, pytest.raises(MockserverError, match="address already in use"):
        FastServer(app, "127.0.0.1", taken.getsockname()[1])


def test_without_granian_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "granian.server.embed", None)
    with pytest.raises(MockserverError, match=r"pip install 'mockserver\[fast\]'"):
        FastServer(create_app(Settings(logs="seeded")))


def test_an_app_without_a_front_is_refused() -> None:
    from flask import Flask

    with pytest.raises(TypeError, match="create_app"):
        FastServer(Flask("other"))


def test_a_server_that_never_started_stops() -> None:
    FastServer(create_app(Settings(logs="seeded"))).stop()


def test_a_port_that_was_taken_since_it_was_asked_for_is_told() -> None:
    """To whoever starts it in a thread and to whoever serves in the main one."""
    server = FastServer(create_app(Settings(logs="seeded")))
    with socket.create_server((server.host, server.port)):
        with pytest.raises(MockserverError, match=r"in use[^\n]*, expected a port"):
            server.start()
        with pytest.raises(MockserverError, match="in use"):
            server.serve_forever()
    server.stop()


def test_what_is_no_http_is_refused_and_harms_nobody() -> None:
    with FastServer(create_app(Settings(logs="seeded"))) as server:
        assert raw(server.port, b"GET /api/logs?\xff HTTP/1.1\r\nHost: a\r\n\r\n").status == 400
        assert raw(server.port, b"GET http://other.example.com/api/logs HTTP/1.1\r\nHost: a\r\n\r\n").status == 401
        assert raw(server.port, b"GET /api/l\x00gs HTTP/1.1\r\nHost: a\r\n\r\n").status == 400


def test_a_connection_is_found_by_its_ends() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as client:
        listener.setblocking(True)
        served, _ = listener.accept()
        with served:
            found = connection_to(shown(client.getsockname()), listener.getsockname()[1])
            assert found is not None
            with found:
                found.sendall(b"by the other handle")
            assert client.recv(100) == b"by the other handle"
            assert connection_to("127.0.0.1:1", listener.getsockname()[1]) is None


def test_other_descriptors_are_passed_over(tmp_path: Path) -> None:
    """Files, sockets of other families, sockets that lead nowhere."""
    pair = socket.socketpair()
    with (tmp_path / "file").open("w"), pair[0], pair[1], socket.socket() as unbound:
        assert unbound.fileno() > 0
        assert connection_to("127.0.0.1:1", 1) is None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("::", "http://[::1]:80"),
    ],
)
def test_urls_reach_this_machine(host: str, url: str) -> None:
    assert url_of(host, 80) == url


def test_addresses_are_shown_as_granian_shows_them() -> None:
    assert shown(("::1", 80, 0, 0)) == "[::1]:80"
    assert shown(("192.0.2.1", 80)) == "192.0.2.1:80"


def test_a_connection_that_is_gone_is_not_looked_for_again() -> None:
    """The client of a fault left before its turn: nothing is written, nothing raised."""
    import asyncio
    from types import SimpleNamespace

    from mockserver.edge import rsgi
    from mockserver.http.message import Reply

    scope = SimpleNamespace(client="192.0.2.1:1", server="127.0.0.1:1")
    asyncio.run(rsgi._end(Reply(200).sent(end="close"), "GET", scope, None))
