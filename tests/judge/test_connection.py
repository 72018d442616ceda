"""The wire: how no answer came, and what stands between a request and its answer."""

from __future__ import annotations

import gzip
import itertools
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mockserver.judge import connection
from mockserver.judge.connection import Connection, how_lost
from mockserver.judge.limits import Limits, WallClock
from mockserver.judge.probe import PLAIN, asking
from mockserver.judge.route import logs_address
from mockserver.judge.target import Target
from tests.support.deployment import Deployment, serving

ROOMY = Limits("full", 100, 1000.0, None)


def target(url: str, limit: Limits = ROOMY, clock: Any = None, timeout: float = 1.0) -> Target:
    tokens = {"token": lambda: "good-token"}
    return Target(logs_address(url), limit, tokens, clock or WallClock(), timeout)


@contextmanager
def speaking(reply: bytes | None, reset: bool = False) -> Iterator[str]:
    """A server that says these bytes to each connection and closes it; with None, nothing at all."""
    listener = socket.create_server(("127.0.0.1", 0))
    inventory = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            inventory.append(connection)
            if reply is not None:
                connection.recv(65536)
                connection.sendall(reply)
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in inventory:
            connection.close()


@pytest.mark.parametrize(
    ("reply", "lost"),
    [
        (None, "no whole answer in time"),
        (b"", "a connection closed without an answer"),
        (b"\x00\xff garbage", "bytes that are no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[]", "a body shorter than its Content-Length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz", "an answer that breaks off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "a body whose chunks break off"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "a head that breaks the grammar of HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "a head that breaks the grammar of HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
         "a head that breaks the grammar of HTTP"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n[]", "a head whose lines do not end with CR LF"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
         "a head with both Content-Length and Transfer-Encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]HTTP/1.1", "bytes after the end of an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n[]",
         "a body that is not the br it says it is"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]",
         "a body that is not the gzip it says it is"),
        # The same letters in the other envelope (RFC 1950).
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + zlib.compress(b"[]"),
         "a body that is not the gzip it says it is"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "a head that is too long"),
    ],
)  # fmt: skip
def test_how_no_answer_came_is_told(reply: bytes | None, lost: str) -> None:
    with speaking(reply) as url:
        answer = target(url, timeout=0.05 if reply is None else 5.0).ask(PLAIN)
    assert (answer.status, answer.lost) == (0, lost)


def test_a_refused_connection_and_an_unknown_host_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert target(f"http://127.0.0.1:{port}").ask(PLAIN).lost == "a refused connection"
    assert target("http://no-such-host.invalid").ask(PLAIN).lost == "no address for that host"


def test_tls_failures_are_told() -> None:
    with speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        answer = target(url.replace("http:", "https:")).ask(PLAIN)
    assert answer.lost.startswith("a TLS failure")


def test_a_localhost_name_reaches_this_machine_under_its_own_name() -> None:
    deployment = Deployment()
    with serving(deployment) as url:
        name = url.replace("127.0.0.1", "acme.localhost")
        asked = target(name)
        assert asked.ask(PLAIN).status == 200
        asked.close()
    assert deployment.asked[0].headers["host"] == name.removeprefix("http://")


def test_an_idle_connection_closed_by_the_server_is_no_answer_withheld() -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]") as url:
        asked = target(url)
        assert [asked.ask(asking(page=n)).status for n in (1, 2, 3)] == [200, 200, 200]
        asked.close()


def test_a_server_that_hangs_ends_the_run_without_a_finding() -> None:
    with speaking(None) as url:
        verdict = judged_at(url)
    assert (verdict.exit_code, verdict.vacuous) == (2, "no answer to judge: no whole answer in time")


def judged_at(url: str, **changes: Any) -> Any:
    from mockserver.judge.run import Judge
    from mockserver.judge.secrets import Secrets
    from tests.support.judging import case

    return Judge(case(url, **({"timeout": 0.05} | changes)), Secrets()).run()


def wire(url: str, now: Callable[[], float], largest: int = 100) -> Connection:
    return Connection(logs_address(url), 5.0, now, largest)


def test_a_body_too_large_to_judge_is_left_unread() -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b" " * 200) as url:
        assert wire(url, lambda: 0.0).send("GET", "/", []).lost == "a body too large to judge"


def test_an_answer_that_dribbles_is_left_when_its_time_is_over() -> None:
    moments = itertools.count(0.0, 10.0)
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[" + b" " * 8) as url:
        assert wire(url, lambda: next(moments)).send("GET", "/", []).lost == "no whole answer in time"


def test_a_reset_is_told() -> None:
    with speaking(b"", reset=True) as url:
        assert wire(url, lambda: 0.0).send("GET", "/", []).lost == "a reset connection"


def test_a_connection_that_the_server_closes_is_not_used_again() -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]") as url:
        one = wire(url, lambda: 0.0)
        assert [one.send("GET", "/", []).status for _ in range(2)] == [200, 200]


def test_a_head_that_dribbles_is_left_when_its_time_is_over() -> None:
    """Each line comes soon enough, all of them together do not."""
    moments = itertools.count(0.0, 4.0)
    with speaking(b"HTTP/1.1 200 OK\r\nX-One: of many\r\n") as url:
        assert wire(url, lambda: next(moments)).send("GET", "/", []).lost == "no whole answer in time"


LARGE = b"[" + b"1," * 100_000 + b"1]"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(LARGE),
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_connection_that_closes_after_an_answer_has_told_all_of_it(head: bytes) -> None:
    """Longer than what is read with the head: the socket must outlive the connection."""
    with speaking(head + LARGE) as url:
        asked = target(url)
        answer = asked.ask(PLAIN)
        asked.close()
    assert (answer.status, answer.body == LARGE) == (200, True)


@pytest.mark.parametrize(
    ("members", "whole"), [([LARGE[:9], LARGE[9:]], True), ([b"", LARGE], True), ([b""] * 20_000 + [LARGE], False)]
)
def test_gzip_may_come_in_members_and_not_in_any_number_of_them(members: list[bytes], whole: bool) -> None:
    zipped = b"".join(gzip.compress(member) for member in members)
    with speaking(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + zipped) as url:
        answer = target(url).ask(PLAIN)
    assert (answer.body == LARGE) is whole


def test_no_member_of_gzip_is_unpacked_behind_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LARGEST", 9)
    zipped = gzip.compress(b"x" * 9) + gzip.compress(b"y" * 9)
    with speaking(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + zipped) as url:
        assert target(url).ask(PLAIN).body == b"x" * 9


def test_a_name_whose_addresses_all_fail_is_told_in_one_sentence() -> None:
    joined = OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect call failed")
    assert how_lost(joined) == "no connection to any of its addresses"
