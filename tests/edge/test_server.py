"""The server over real sockets: no bytes stop it, it starts and stops, and it gives the raw request."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.jsontext import decode
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server, _NativeThread, _result
from mockserver.edge.serving import Serving
from mockserver.http.message import Reply, Request
from tests.support.echo import Echo, alive, ask, echo, exchange
from tests.support.wire import until

LIMIT = contract().fact("header-limit")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def test_target_and_headers_arrive_as_sent(server):
    raw = b"GET /api/%6Cogs//a?\xff&%zz=+# HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\nConnection: close\r\n\r\n"
    seen = decode(exchange(server, raw).partition(b"\r\n\r\n")[2])
    assert seen["target"] == "/api/%6Cogs//a?\xff&%zz=+#"
    assert seen["headers"][:3] == [["host", "a"], ["x", "1"], ["x", "2"]]
    assert seen["origin"] == "http://a"


@pytest.mark.parametrize("target", ["*", "http://example.com/api/logs?page=1"])
def test_the_other_forms_of_a_target_reach_the_application(server, target):
    raw = f"OPTIONS {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    assert decode(exchange(server, raw).partition(b"\r\n\r\n")[2])["target"] == target.removeprefix(
        "http://example.com"
    )


def test_a_target_of_15000_bytes_is_served(server):
    assert ask(server, "/" + "a" * 15_000)[0].status == 200


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /api/logs\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * LIMIT + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413),
    ],
)
def test_what_no_application_shall_see_is_refused_empty_readable_by_browsers_and_closed(server, raw, status):
    head, _, body = exchange(server, raw).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nAccess-Control-Allow-Origin: *" in head
    assert b"\r\nConnection: close" in head
    assert body == b""
    assert alive(server)


def test_half_a_request_is_400(server):
    assert exchange(server, b"GET / HTTP/1.1\r\nHo", shut=True).startswith(b"HTTP/1.1 400 ")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
@example(b"\r\n\r\n")
def test_no_bytes_stop_the_server_or_get_a_500(server, data):
    answer = exchange(server, b"GET /" + data, shut=True)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert alive(server)


def test_an_idle_client_is_left():
    with Server(echo, patience=Patience(idle=0.02)) as running:
        assert exchange(running, b"") == b""


def test_a_slow_client_is_refused():
    with Server(echo, patience=Patience(request=0.02)) as running:
        assert exchange(running, b"GET /").startswith(b"HTTP/1.1 408 ")


def test_a_client_that_talks_on_after_a_refusal_is_left():
    with (
        Server(echo, patience=Patience(linger=0.01)) as running,
        socket.create_connection((running.host, running.port), timeout=30) as client,
    ):
        client.sendall(b"\0")
        assert client.recv(1000).startswith(b"HTTP/1.1 400 ")
        assert client.recv(1000) == b""


def started_and_stopped() -> float:
    """Seconds to start a server, give it an idle and a hanging client and an exchange, and stop it."""
    began = time.perf_counter()
    with Server(echo) as running:
        idle = socket.create_connection((running.host, running.port))
        hanging = socket.create_connection((running.host, running.port))
        hanging.sendall(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
        assert alive(running)
    idle.close()
    hanging.close()
    return time.perf_counter() - began


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="without /dev/fd")
def test_starting_and_stopping_is_quick_and_leaves_no_thread_and_no_descriptor():
    """The best of some: what else the machine does is not the server's."""
    started_and_stopped()
    gc.collect()
    threads, descriptors = threading.active_count(), len(os.listdir("/dev/fd"))
    assert min(started_and_stopped() for _ in range(5)) < 0.25
    # What other tests left behind may go meanwhile.
    assert threading.active_count() <= threads
    assert len(os.listdir("/dev/fd")) <= descriptors


def test_stopping_what_never_started_frees_the_port():
    first = Server(echo)
    first.stop()
    second = Server(echo, port=first.port)
    assert second.port == first.port
    second.stop()


def test_a_server_that_cannot_start_says_why(monkeypatch):
    """Such as for want of descriptors; whoever starts it does not wait for ever."""

    def exhausted() -> None:
        raise OSError(24, "Too many open files")

    made = Server(echo)
    with closing(made._listener), monkeypatch.context() as patch:
        patch.setattr(asyncio, "SelectorEventLoop", exhausted)
        with pytest.raises(OSError, match="Too many open files"):
            made.start()


def test_an_error_behind_the_start_is_not_taken_for_one_of_the_start(monkeypatch):
    """It is reported as that of any thread."""
    reported = []
    monkeypatch.setattr(threading, "excepthook", lambda report: reported.append(report.exc_type))

    async def broken(self: Any, stop: asyncio.Event, ready: Any, *_: Any) -> None:
        ready()
        raise ZeroDivisionError

    monkeypatch.setattr(Serving, "run", broken)
    made = Server(echo).start()
    with closing(made._listener):
        assert made._thread is not None
        made._thread.join()
    assert reported == [ZeroDivisionError]


def test_a_thread_of_the_system_runs_to_its_end_though_gevent_has_replaced_threads(monkeypatch):
    """Here the thread is a plain call, which ends before it is asked for its end."""
    asked = []

    def get_original(module: str, name: str) -> Any:
        asked.append((module, name))
        return lambda run, arguments: run(*arguments)

    monkeypatch.setitem(sys.modules, "gevent.monkey", SimpleNamespace(get_original=get_original))
    ran = []
    thread = _NativeThread(target=lambda: ran.append(thread.is_alive()))
    thread.start()
    thread.join()
    assert (asked, ran, thread.is_alive()) == ([("threading", "_start_new_thread")], [True], False)


def test_whoever_waits_beside_gevent_looks_again_until_it_is_over(monkeypatch):
    outcome: Future[int] = Future()
    thread = _NativeThread(target=list)
    thread._is_over = False
    looks: list[Callable[[], None]] = [lambda: outcome.set_result(7), lambda: setattr(thread, "_is_over", True)]
    monkeypatch.setitem(sys.modules, "gevent.monkey", SimpleNamespace(is_module_patched=lambda name: True))
    with monkeypatch.context() as patch:
        patch.setattr("mockserver.edge.server.time", SimpleNamespace(sleep=lambda seconds: looks.pop(0)()))
        assert _result(outcome) == 7
        thread.join()
    assert looks == []


def killing(request: Request) -> Reply:
    os.kill(os.getpid(), signal.SIGTERM)
    return Reply(200)


def own_handler(*_: Any) -> None:
    """Do nothing: a handler that a server finds."""


@pytest.mark.parametrize("knows_signals", [True, False], ids=["as on Unix", "as on Windows"])
def test_serving_in_the_main_thread_ends_with_the_signal_and_gives_it_back(monkeypatch, knows_signals):
    def unknown(*_: Any) -> None:
        raise NotImplementedError

    if not knows_signals:
        monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", unknown)
    timers = []
    later = asyncio.SelectorEventLoop.call_later

    def noted(loop: Any, seconds: float, call: Any, *given: Any, **options: Any) -> Any:
        timers.append((seconds, given == (loop,)))
        return later(loop, seconds, call, *given, **options)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "call_later", noted)
    before = signal.signal(signal.SIGTERM, own_handler)
    made = Server(Echo(killing))
    with socket.create_connection((made.host, made.port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        made.serve_forever()
    assert signal.signal(signal.SIGTERM, before) is own_handler
    # Without the signals of Unix, a loop that sleeps has to wake up for them again and again.
    assert ((0.2, True) in timers) is not knows_signals


def test_a_client_that_resets_in_the_middle_is_forgotten(server):
    for beginning in (b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", b"\0" * (1 << 20)):
        with socket.create_connection((server.host, server.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(beginning)
    assert alive(server)


def test_a_client_that_pipelines_without_end_does_not_keep_the_server_to_itself():
    paths: list[str] = []

    def reply_to(request: Request) -> Reply:
        paths.append(request.path)
        return Reply(200, (), b"x")

    # Both wait in the backlog before anything is served, the greedy one in front.
    server = Server(Echo(reply_to))
    address = (server.host, server.port)
    with closing(socket.create_connection(address)) as greedy, closing(socket.create_connection(address)) as other:
        greedy.sendall(b"GET /greedy HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        other.sendall(b"GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with server:
            until(lambda: not other.recv(65536))
    assert paths.index("/other") < 50


def test_an_offer_to_upgrade_costs_a_body_nothing(server):
    """Stock JDK clients offer h2c with each request; the body of a POST is the body, and the next request the next."""
    raw = (
        b"POST /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Length: 9\r\n\r\ngrant=one"
        b"GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    answers = exchange(server, raw)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert b'"body":"grant=one"' in answers


def test_an_interim_100_is_sent_only_while_nothing_of_the_body_has_come(server):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    assert not exchange(server, head + b"abc").startswith(b"HTTP/1.1 100 ")
    with socket.create_connection((server.host, server.port), timeout=30) as client:
        client.sendall(head)
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_requests_behind_a_refusal_are_never_answered(server):
    raw = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
    answers = exchange(server, raw)
    assert [answers.count(status) for status in (b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")] == [1, 1]
