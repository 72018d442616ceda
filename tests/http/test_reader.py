"""The reader gives whole requests wherever the packets break, or says why not, within its limits."""

from __future__ import annotations

import h11
import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.http.head import BODY_LIMIT
from mockserver.http.reader import Incoming, Reader

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LIMIT: int = contract().fact("header-limit")


def read(*pieces: bytes) -> tuple[list[Incoming], Reader]:
    reader = Reader(LIMIT)
    return [request for piece in pieces for request in reader.feed(piece)], reader


def bodies(*pieces: bytes) -> list[bytes]:
    return [request.body for request in read(*pieces)[0]]


def refusal(data: bytes) -> int | None:
    return read(data)[1].refusal


def test_requests_in_one_packet_are_read_one_by_one() -> None:
    data = POST + b"Content-Length: 3\r\n\r\nabc" + CHUNKED + b"1\r\nz\r\n0\r\n\r\n" + b"\r\n\r\n" + GET
    assert bodies(data) == [b"abc", b"z", b""]


STREAMS = st.lists(
    st.one_of(
        st.just(GET),
        st.binary(max_size=40).map(lambda body: POST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)),
        st.lists(st.binary(min_size=1, max_size=40)).map(
            lambda parts: (
                CHUNKED
                + b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts)
                + b"0\r\nTrailer: 1\r\n\r\n"
            )
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(STREAMS, st.data())
def test_the_requests_are_the_same_wherever_the_packets_break(stream: list[bytes], data: st.DataObject) -> None:
    raw = b"".join(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    pieces = [raw[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    requests, reader = read(*pieces)
    assert requests == read(raw)[0]
    assert len(requests) == len(stream)
    assert (reader.refusal, reader.is_partial, reader.awaited) == (None, False, None)


@given(STREAMS)
def test_other_readers_find_the_same_bodies(stream: list[bytes]) -> None:
    """h11 and llhttp are oracles: of what all three accept, nothing may be read in two ways."""
    raw = b"".join(stream)
    bodies_here = bodies(raw)
    assert _by_h11(raw, len(stream)) == bodies_here
    assert _by_llhttp(raw) == bodies_here


def _by_h11(raw: bytes, count: int) -> list[bytes]:
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(raw)
    found: list[bytes] = []
    while len(found) < count:
        event = parser.next_event()
        if isinstance(event, h11.Request):
            body = b""
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        else:
            assert isinstance(event, h11.EndOfMessage), event
            found.append(body)
            parser.send(h11.Response(status_code=204, headers=[]))
            parser.send(h11.EndOfMessage())
            parser.start_next_cycle()
    return found


def _by_llhttp(raw: bytes) -> list[bytes]:
    found: list[bytes] = []

    class Receiver:
        def on_message_begin(self) -> None:
            found.append(b"")

        def on_body(self, piece: bytes) -> None:
            found[-1] += piece

    httptools.HttpRequestParser(Receiver()).feed_data(raw)
    return found


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n",
        b"\0",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
        POST + b"Content-Length: +3\r\n\r\n",
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"-1\r\n",
        CHUNKED + b"0x1\r\na\r\n",
        CHUNKED + b" 1\r\na\r\n",
        CHUNKED + b"\r\n",
        CHUNKED + b"1\r\nabc",
        CHUNKED + b"123456789\r\n",
        CHUNKED + b"1;" + b"x" * 2000,
        CHUNKED + b"1\na\r\n",
        CHUNKED + b"1;a\nb\r\nx\r\n0\r\n\r\n",
        CHUNKED + b"1;a\rb\r\nx\r\n0\r\n\r\n",
        CHUNKED + b"1\r\nx\n0\r\n\r\n",
        CHUNKED + b"0\r\nA: b\nC: d\r\n\r\n",
        CHUNKED + b"0\r\nA: \0\r\n\r\n",
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_400(data: bytes) -> None:
    assert refusal(data) == 400


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\nHos", POST + b"Content-Length: 3\r\n\r\nab", CHUNKED + b"1", CHUNKED + b"0\r\n", b"G"],
)
def test_half_a_request_waits_for_the_rest(data: bytes) -> None:
    requests, reader = read(data)
    assert (requests, reader.refusal, reader.is_partial) == ([], None, True)


def test_empty_lines_before_a_request_are_ignored() -> None:
    assert bodies(b"\r\n\r\n" + GET) == [b""]
    assert read(b"\r\n" * 10)[1].is_partial is False
    (request,), _ = read(b"\r\n_METHOD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert request.head.method == "_METHOD"


def test_a_head_at_the_limit_is_read_and_one_above_is_431() -> None:
    padding = LIMIT - len(GET)
    assert len(read(GET.replace(b"/ ", b"/" + b"a" * padding + b" "))[0][0].head.target) == padding + 1
    assert refusal(GET.replace(b"/ ", b"/" + b"a" * (padding + 1) + b" ")) == 431


def test_as_node_target_names_and_values_alone_count() -> None:
    """Node 18 refuses from 16,384 counted bytes on: 16,404 bytes with one field are the longest head of a request."""

    def told(length: int) -> int | None:
        reader = Reader(LIMIT, as_node=True)
        head = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * (length - len(GET)))
        assert len(head) == length
        reader.feed(head)
        return reader.refusal

    assert (told(16_404), told(16_405)) == (None, 431)


@pytest.mark.parametrize(("more", "refused"), [(0, None), (1, 431)])
def test_as_node_a_head_that_is_not_whole_may_have_five_times_the_bytes_that_count(
    more: int, refused: int | None
) -> None:
    """A field of one character takes five bytes of a head, and one of them counts."""
    reader = Reader(LIMIT, as_node=True)
    head = b"GET / HTTP/1.1\r\nHost: a\r\n"
    reader.feed(head + b"a:\r\n" * ((5 * LIMIT - len(head)) // 4) + b"a" * ((5 * LIMIT - len(head)) % 4 + more))
    assert reader.refusal == refused


@pytest.mark.parametrize("as_node", [False, True])
@pytest.mark.parametrize("data", [b"GET /" + b"a" * (LIMIT + 1), b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 5 * LIMIT])
def test_a_head_without_end_is_431(as_node: bool, data: bytes) -> None:
    reader = Reader(LIMIT, as_node=as_node)
    reader.feed(data)
    assert reader.refusal == 431


def test_a_head_that_drips_is_read_in_time_that_grows_with_its_length() -> None:
    """Each byte is looked at a bounded number of times: to begin anew at each byte would take minutes."""
    reader = Reader(LIMIT, as_node=True)
    data = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a:\r\n" * (LIMIT // 2)
    for byte in data:
        reader.feed(bytes([byte]))
    assert (reader.refusal, reader.is_partial) == (None, True)


def test_trailers_without_end_are_431() -> None:
    assert refusal(CHUNKED + b"0\r\n" + b"a: b\r\n" * (LIMIT // 4)) == 431


@pytest.mark.parametrize("framing", [b"Transfer-Encoding: chunked\r\n\r\n%x\r\n", b"Content-Length: %d\r\n\r\n"])
def test_a_body_above_the_limit_is_413(framing: bytes) -> None:
    assert refusal(POST + framing % (BODY_LIMIT + 1)) == 413


def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = b"x" * BODY_LIMIT
    for framing in (
        b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n%x\r\n%b\r\n0\r\n\r\n" % (BODY_LIMIT - 1, body[1:]),
        b"Content-Length: %d\r\n\r\n%b" % (BODY_LIMIT, body),
    ):
        reader = Reader(LIMIT)
        (request,) = reader.feed(POST + framing)
        assert request.body == body
        assert reader.refusal is None


def test_nothing_behind_a_refusal_is_read() -> None:
    reader = Reader(LIMIT)
    assert len(reader.feed(GET + b"\0" + GET)) == 1
    assert reader.refusal == 400
    assert reader.feed(GET) == []


def test_a_body_is_awaited_until_the_first_of_it_comes() -> None:
    reader = Reader(LIMIT)
    reader.feed(POST + b"Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
    assert reader.awaited is not None
    assert reader.awaited.expects
    reader.feed(b"a")
    assert reader.awaited is None
    reader.feed(b"b" + POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab")
    assert reader.awaited is None


def test_a_body_that_passes_goes_its_way_until_its_end_and_no_further() -> None:
    pieces: list[bytes] = []
    reader = Reader(LIMIT, passing=lambda head: pieces.append)
    (incoming,) = reader.feed(POST + b"Content-Length: 4\r\n\r\nab")
    assert (incoming.body, incoming.passing) == (b"", pieces.append)
    assert reader.feed(b"c") == []
    passing = [reader.passing == pieces.append]
    assert reader.feed(b"d") == []
    assert [*passing, reader.passing == pieces.append, reader.is_partial] == [True, False, False]
    assert pieces == [b"ab", b"c", b"d", b""]


@pytest.mark.parametrize(("more", "refused"), [(0, None), (1, 400)])
def test_a_line_before_a_chunk_may_have_a_kibibyte_in_a_packet_of_its_own(more: int, refused: int | None) -> None:
    line = b"1;" + b"x" * (1024 - 2 + more)
    _, reader = read(CHUNKED, line)
    assert reader.refusal == refused
    if refused is None:
        assert [request.body for request in reader.feed(b"\r\nz\r\n0\r\n\r\n")] == [b"z"]


@pytest.mark.parametrize(("more", "refused"), [(0, None), (1, 431)])
def test_trailers_may_have_as_many_bytes_as_a_head(more: int, refused: int | None) -> None:
    trailers = b"a: b\r\n" * (LIMIT // 6 - 2)
    last = b"c:" + b"d" * (LIMIT - len(trailers) - 4 + more) + b"\r\n"
    assert len(trailers + last) == LIMIT + more
    assert refusal(CHUNKED + b"0\r\n" + trailers + last + b"\r\n") == refused
