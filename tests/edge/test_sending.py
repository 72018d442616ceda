"""A reply as bytes, and when each piece is due; and as any WSGI server can send it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.edge import wsgi
from mockserver.edge.sending import PIECE, Rendered, head_of, paced, status_line
from mockserver.edge.wsgi import sendable
from mockserver.http.message import Headers, Reply, Stream, headers_of


def body_of(reply: Reply) -> bytes:
    return b"".join(piece for _, piece in paced(reply))


def naps(reply: Reply) -> list[float]:
    return [seconds for seconds, _ in paced(reply)]


def test_a_plain_reply_has_its_length():
    assert headers_of(Reply(200, (("A", "b"),), b"body")) == (("A", "b"), ("Content-Length", "4"))
    assert head_of(Reply(200, (("A", "b"),), b"body")) == b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 4\r\n"


def test_bodiless_statuses_and_streams_have_no_length():
    for reply in (Reply(101, (), b"x"), Reply(204, (), b"x"), Reply(304, (), b"x"), Reply(200, (), Stream(tuple))):
        assert headers_of(reply) == ()


def test_a_reply_s_own_content_length_stands():
    assert headers_of(Reply(200, (("content-length", "99"),), b"body")) == (("content-length", "99"),)


def test_a_header_with_a_line_end_is_no_header():
    with pytest.raises(ValueError, match="line end"):
        head_of(Reply(200, (("A", "b\r\nC: d"),)))


def test_a_rendered_reply_tells_the_second_it_is_sent_in():
    rendered = Rendered(Reply(200, (), b"body"), "GET")
    first, second = rendered.at(1_793_016_000.2), rendered.at(1_793_016_001.9)
    assert rendered.at(1_793_016_001.0) is second
    assert b"Date: Mon, 26 Oct 2026 12:00:00 GMT\r\n\r\nbody" in first
    assert first.replace(b"12:00:00", b"12:00:01") == second
    assert Rendered(Reply(200, (), b"body"), "HEAD").at(0).endswith(b"\r\n\r\n")


def test_long_bodies_come_in_pieces():
    reply = Reply(200, (), b"x" * (2 * PIECE + 1))
    assert [len(piece) for _, piece in paced(reply)] == [PIECE, PIECE, 1]
    assert naps(reply) == [0, 0, 0]


@pytest.mark.parametrize(("status", "line"), [(404, "404 Not Found"), (418, "418 I'm a Teapot"), (799, "799 Unknown")])
def test_any_status_has_a_line(status, line):
    assert status_line(status).upper() == line.upper()


@given(st.binary(max_size=300), st.integers(1, 20), st.floats(0, 100))
def test_dribbling_takes_its_time_and_loses_nothing(body, chunks, over):
    reply = Reply(200, (), body).sent(over=over, chunks=chunks)
    assert body_of(reply) == body
    assert len([piece for _, piece in paced(reply) if piece]) <= chunks
    assert sum(naps(reply)) <= over * 1.0001
    assert not body or sum(naps(reply)) == pytest.approx(over)


def test_a_stream_dribbles_its_first_pieces_and_then_flows():
    stream = Reply(200, (), Stream(lambda: (b"a", b"b", b"c")))
    assert (body_of(stream.sent(over=1.0, chunks=2)), naps(stream.sent(over=1.0, chunks=2))) == (b"abc", [0.5, 0.5, 0])
    assert naps(stream.sent(over=1.0, chunks=10)) == pytest.approx([0.1, 0.1, 0.8])


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(1, 7), st.booleans())
def test_a_cut_sends_exactly_so_many_bytes_under_the_full_length(body, cut, chunks, streamed):
    reply = Reply(200, (), Stream(lambda: (body[:3], body[3:])) if streamed else body)
    reply = reply.sent(cut=cut, end="close", chunks=chunks)
    assert body_of(reply) == body[:cut]
    assert streamed or headers_of(reply) == (("Content-Length", str(len(body))),)


class Sent:
    """A reply as a WSGI server sends it; the clock is a list of the naps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, reply: Reply, method: str = "GET") -> None:
        self.naps: list[float] = []
        monkeypatch.setattr(wsgi.time, "sleep", self.naps.append)
        self.status, self.headers, pieces = sendable(reply, method)
        self.body = b"".join(pieces)


def test_a_wait_holds_the_server_s_thread_and_the_reply_is_whole(monkeypatch):
    sent = Sent(monkeypatch, Reply(200, (), b"body").sent(wait=2.5, over=1.0, chunks=2))
    assert (sent.status, sent.body, sent.naps) == ("200 OK", b"body", [2.5, 0.5, 0.5])
    assert dict(sent.headers)["Access-Control-Allow-Origin"] == "*"


def test_head_sends_no_body(monkeypatch):
    sent = Sent(monkeypatch, Reply(200, (), b"body"), "HEAD")
    assert (sent.body, dict(sent.headers)["Content-Length"]) == (b"", "4")


@pytest.mark.parametrize(
    "sending",
    [
        {"raw": b"x", "cut": -1, "end": "close"},
        {"raw": b"x"},
        {"cut": -1, "end": "reset"},
        {"cut": 2, "end": "close"},
        {"wait": 30.0, "cut": -1, "end": "close"},
    ],
)
def test_a_fault_that_needs_the_socket_is_501_under_another_server(monkeypatch, sending):
    """It says what can do it; nobody waits for ever."""
    sent = Sent(monkeypatch, Reply(200, (), b"body").sent(**sending))
    assert (sent.status, set(sent.naps)) == ("501 Not Implemented", {0.0})
    assert "`mockserver serve`" in orjson.loads(sent.body)["message"]


def test_what_is_sent_keeps_the_rules_of_wsgi(monkeypatch):
    environ: dict[str, Any] = {"QUERY_STRING": ""}
    setup_testing_defaults(environ)

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        reply = Reply(200, (("Content-Type", "text/plain"),), b"body").sent(over=0.001)
        status, headers, pieces = sendable(reply, "GET")
        start_response(status, list(headers))
        return pieces

    def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
        return [].append

    result = validator(app)(environ, start)
    assert b"".join(result) == b"body"
    result.close()
