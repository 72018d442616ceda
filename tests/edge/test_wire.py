"""A wire gives whole requests or says why not, within its limits of size and time."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.edge.wire import Patience, Wire
from mockserver.http.head import BODY_LIMIT, Malformed, read_head

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LIMIT = contract().fact("header-limit")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Wire]]:
    client, server = socket.socketpair()
    with client, server:
        yield client, Wire(server, Patience())


@pytest.fixture
def hasty() -> Iterator[tuple[socket.socket, Wire]]:
    """A pair whose wire waits hardly at all."""
    client, server = socket.socketpair()
    with client, server:
        yield client, Wire(server, Patience(idle=0.02, request=0.02))


def feed(pair, data: bytes, then_close: bool = True) -> Wire:
    client, wire = pair
    client.sendall(data)
    if then_close:
        client.shutdown(socket.SHUT_WR)
    return wire


def request(wire: Wire) -> bytes:
    return wire.body(read_head(wire.head()))


def refused(wire: Wire) -> int:
    with pytest.raises(Malformed) as caught:
        request(wire)
    return caught.value.status


def test_requests_sent_in_one_packet_are_read_one_by_one(pair):
    wire = feed(pair, POST + b"Content-Length: 3\r\n\r\nabc" + CHUNKED + b"1\r\nz\r\n0\r\n\r\n" + b"\r\n\r\n" + GET)
    assert [request(wire), request(wire), request(wire)] == [b"abc", b"z", b""]
    assert wire.head() is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.binary(min_size=1, max_size=40)), st.data())
def test_chunks_join_to_the_body_wherever_the_packets_break(parts, data):
    raw = CHUNKED + b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: 1\r\n\r\n"
    cut = data.draw(st.integers(0, len(raw)))
    client, server = socket.socketpair()
    with client, server:
        pieces = iter([raw[:cut], raw[cut:]])

        class Slow:
            """A socket that gives one packet a call."""

            def settimeout(self, seconds: float) -> None:
                assert 0 < seconds <= 75

            def recv(self, size: int) -> bytes:
                return next(pieces) or next(pieces)

        assert request(Wire(Slow(), Patience())) == b"".join(parts)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHos",
        b"nonsense\r\n",
        POST + b"Content-Length: 3\r\n\r\nab",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"-1\r\n",
        CHUNKED + b"\r\n",
        CHUNKED + b"1\r\nabc",
        CHUNKED + b"123456789\r\n",
        CHUNKED + b"1;" + b"x" * 2000,
        CHUNKED + b"1",
    ],
)
def test_half_a_request_and_bad_chunks_are_400(pair, data):
    assert refused(feed(pair, data)) == 400


def test_a_head_at_the_limit_is_read_and_one_above_is_431(pair):
    padding = LIMIT - len(GET)
    longest = feed(pair, GET.replace(b"/ ", b"/" + b"a" * padding + b" "), False)
    assert len(read_head(longest.head()).target) == padding + 1
    assert refused(feed(pair, GET.replace(b"/ ", b"/" + b"a" * (padding + 1) + b" "))) == 431


def test_a_head_without_end_is_431_as_soon_as_the_limit_is_passed(pair):
    assert refused(feed(pair, b"GET /" + b"a" * LIMIT, False)) == 431


def test_trailers_without_end_are_431(pair):
    assert refused(feed(pair, CHUNKED + b"0\r\n" + b"a: b\r\n" * (LIMIT // 4))) == 431


def test_chunks_without_end_are_413(pair):
    assert refused(feed(pair, CHUNKED + b"%x\r\n" % (BODY_LIMIT + 1))) == 413


def test_a_client_that_says_nothing_is_left(hasty):
    assert hasty[1].head() is None


def test_a_client_that_stops_half_way_is_408(pair):
    """The rest of a head has the time of a request from its first piece on."""
    client, server = pair[0], pair[1]._socket
    client.sendall(GET[:9])
    assert refused(Wire(server, Patience(idle=5, request=0.02))) == 408


def test_a_body_that_does_not_come_is_408(pair):
    client, server = pair[0], pair[1]._socket
    client.sendall(POST + b"Content-Length: 3\r\n\r\na")
    assert refused(Wire(server, Patience(request=0.02))) == 408


def test_a_slow_drip_does_not_extend_the_time_of_a_request():
    """Each byte comes in time, the whole does not: the deadline is one a request."""

    class Dripping:
        def settimeout(self, seconds: float) -> None:
            pass

        def recv(self, size: int) -> bytes:
            return b"a"

    assert refused(Wire(Dripping(), Patience(request=0.0))) == 408


def test_a_client_that_asks_to_continue_is_told_so_before_it_sends(pair):
    client, wire = pair
    client.sendall(POST + b"Content-Length: 2\r\nExpect: 100-Continue\r\n\r\n")
    head = read_head(wire.head())
    client.shutdown(socket.SHUT_WR)
    with pytest.raises(Malformed):
        wire.body(head)
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_empty_lines_before_a_request_are_ignored_but_not_for_ever(pair):
    assert read_head(feed(pair, b"\r\n\r\n" + GET, False).head()).method == "GET"
    assert feed(pair, b"\r\n" * 10).head() is None


def test_whoever_sends_faster_than_it_is_served_lets_others_have_their_turn():
    client, server = socket.socketpair()
    turns: list[None] = []
    with client, server:
        wire = Wire(server, Patience(), lambda: turns.append(None))
        client.sendall(GET * 3 + CHUNKED + b"1\r\nz\r\n" * 200 + b"0\r\n\r\n")
        for _ in range(3):
            wire.head()
        assert len(turns) == 2
        assert request(wire) == b"z" * 200
        assert len(turns) == 2 + 1 + 3
