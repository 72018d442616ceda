"""What a reply says is done: under any WSGI server as near as possible, on the house's own exactly."""

from __future__ import annotations

import socket
import threading
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.edge.sending import PIECE, Left, send, send_all, status_line
from mockserver.http.message import Reply, Stream


class Call:
    """One call of ``send`` as a WSGI server makes it; the clock is a list of the naps asked for."""

    def __init__(self, reply: Reply, method: str = "GET", **environ: Any) -> None:
        self.naps: list[float] = []
        self.written: list[bytes] = []
        self.status = ""
        self.headers: dict[str, str] = {}
        self.left = False
        self.environ = {"REQUEST_METHOD": method, "mockserver.sleep": self.naps.append, **environ}
        try:
            self.written.extend(send(reply, self.environ, self.start))
        except Left:
            self.left = True

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self.status, self.headers = status, dict(headers)
        return self.written.append

    @property
    def body(self) -> bytes:
        return b"".join(self.written)


def test_a_plain_reply_is_one_write_with_its_length():
    call = Call(Reply(200, (("A", "b"),), b"body"))
    assert (call.status, call.written, call.naps) == ("200 OK", [b"body"], [])
    assert call.headers == {"A": "b", "Content-Length": "4"}


@pytest.mark.parametrize("disturbance", [{}, {"wait": 1.0}])
def test_head_and_bodiless_statuses_send_no_body(disturbance):
    assert Call(Reply(200, (), b"body").sent(**disturbance), "HEAD").body == b""
    assert Call(Reply(200, (), b"body").sent(**disturbance), "HEAD").headers["Content-Length"] == "4"
    for status in (101, 204, 304):
        call = Call(Reply(status, (), b"body").sent(**disturbance))
        assert (call.body, call.headers) == (b"", {})


def test_a_reply_s_own_content_length_stands():
    assert Call(Reply(200, (("content-length", "99"),), b"body")).headers == {"content-length": "99"}


def test_long_bodies_and_streams_give_the_others_a_turn_between_pieces():
    call = Call(Reply(200, (), b"x" * (2 * PIECE + 1)))
    assert [len(piece) for piece in call.written] == [PIECE, PIECE, 1]
    assert call.naps == [0, 0, 0]
    stream = Call(Reply(200, (), Stream(lambda: (b"a", b"b"))))
    assert (stream.written, stream.naps) == ([b"a", b"b"], [0, 0])
    assert "Content-Length" not in stream.headers


@pytest.mark.parametrize(("status", "line"), [(404, "404 Not Found"), (418, "418 I'm a Teapot"), (799, "799 Unknown")])
def test_any_status_has_a_line(status, line):
    assert status_line(status).upper() == line.upper()


def test_a_wait_comes_before_the_head_and_the_reply_is_whole():
    call = Call(Reply(200, (), b"body").sent(wait=2.5))
    assert (call.naps[0], call.body, call.left) == (2.5, b"body", False)


@given(st.binary(max_size=300), st.integers(1, 20), st.floats(0, 100))
def test_dribbling_takes_its_time_and_loses_nothing(body, chunks, over):
    call = Call(Reply(200, (), body).sent(over=over, chunks=chunks))
    assert call.body == body
    assert len([piece for piece in call.written if piece]) <= chunks
    assert sum(call.naps) <= over * 1.0001
    assert not body or sum(call.naps) == pytest.approx(over)


def test_a_stream_dribbles_its_first_pieces_and_then_flows():
    call = Call(Reply(200, (), Stream(lambda: (b"a", b"b", b"c"))).sent(over=1.0, chunks=2))
    assert (call.body, call.naps) == (b"abc", [0.5, 0.5, 0])
    call = Call(Reply(200, (), Stream(lambda: (b"a", b"b", b"c"))).sent(over=1.0, chunks=10))
    assert (call.body, call.naps) == (b"abc", pytest.approx([0.1, 0.1, 0.8]))


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(1, 7), st.booleans())
def test_a_cut_sends_exactly_so_many_bytes_under_the_full_length(body, cut, chunks, streamed):
    reply = Reply(200, (), Stream(lambda: (body[:3], body[3:])) if streamed else body)
    call = Call(reply.sent(cut=cut, end="close", chunks=chunks))
    assert call.body == body[:cut]
    assert call.left
    assert streamed or call.headers["Content-Length"] == str(len(body))


def test_a_cut_before_the_head_sends_nothing():
    call = Call(Reply(200, (), b"body").sent(cut=-1, end="close"))
    assert (call.status, call.written, call.left) == ("", [], True)


class Connection:
    """The part of a socket that sending touches."""

    def __init__(self) -> None:
        self.sent = b""
        self.options: list[tuple[Any, ...]] = []

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def setsockopt(self, *option: Any) -> None:
        self.options.append(option)


def test_raw_bytes_go_past_http():
    connection = Connection()
    call = Call(Reply(200).sent(raw=b"\0garbage", cut=-1, end="close"), **{"mockserver.socket": connection})
    assert (connection.sent, call.status, call.left, connection.options) == (b"\0garbage", "", True, [])
    call = Call(Reply(200, (), Stream(tuple)).sent(raw=b"zz", end="close"), **{"mockserver.socket": connection})
    assert (connection.sent, call.status, call.headers) == (b"\0garbagezz", "200 OK", {})


def test_a_reset_lingers_for_no_time():
    connection = Connection()
    call = Call(Reply(200, (), b"body").sent(cut=2, end="reset"), **{"mockserver.socket": connection})
    assert (call.body, call.left, len(connection.options)) == (b"bo", True, 1)


@pytest.mark.parametrize("sending", [{"raw": b"x", "cut": -1, "end": "close"}, {"cut": -1, "end": "reset"}])
def test_without_a_socket_the_connection_is_left_without_a_byte(sending):
    call = Call(Reply(200).sent(**sending))
    assert (call.written, call.status, call.left) == ([], "", True)


@pytest.mark.parametrize("reply", [Reply(200, (("A", "b"),), b"body"), Reply(200, (), b"body").sent(wait=0.001)])
def test_send_keeps_the_rules_of_wsgi(reply):
    environ: dict[str, Any] = {"QUERY_STRING": ""}
    setup_testing_defaults(environ)
    reply = reply.with_header("Content-Type", "text/plain")
    written: list[bytes] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        return written.append

    result = validator(lambda environ, start_response: send(reply, environ, start_response))(environ, start)
    try:
        written.extend(result)
    finally:
        result.close()
    assert b"".join(written) == b"body"


@pytest.mark.parametrize("size", [1, 20_000_000])
def test_all_bytes_are_sent_however_few_the_system_takes_at_once(size):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        sender = threading.Thread(target=send_all, args=(ours, (b"a", bytes(size), b"b")))
        sender.start()
        received = 0
        while received < size + 2:
            received += len(theirs.recv(1 << 20))
        sender.join()
