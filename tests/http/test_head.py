"""The head of a request is read strictly, and agrees with h11 wherever h11 accepts."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.head import BODY_LIMIT, Head, Malformed, can_begin, origin_form, read_head, request_of

TOKENS = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=12).filter(
    lambda value: not any("\x7f" <= c < "\xa0" for c in value)
)


@given(TOKENS, VALUES.map("/{}".format), st.lists(st.tuples(TOKENS, VALUES)))
def test_what_is_written_is_read_back_name_by_name_in_order(method, target, fields):
    fields = [("Host", "example.com"), *[(name, value) for name, value in fields if name.lower() != "host"]]
    text = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    head = read_head(text.encode("latin-1"))
    assert (head.method, head.target, head.version) == (method, target, "1.1")
    assert head.headers == tuple((name.lower(), value) for name, value in fields)


MUTATIONS = st.tuples(
    st.integers(0, 60), st.sampled_from([b"\0", b"\n", b"\r", b" ", b":", b"\x7f", b"\xff", b"\t", b","])
)


@given(st.lists(MUTATIONS, min_size=1, max_size=3))
def test_a_mangled_head_is_read_as_h11_reads_it_or_refused(mutations):
    """Never more lenient than h11, and with the same method, target and fields where both accept."""
    data = bytearray(b"GET /api/logs?page=1 HTTP/1.1\r\nHost: example.com\r\nAccept: a\r\n\r\n")
    for at, piece in mutations:
        data[at : at + 1] = piece
    try:
        head = read_head(bytes(data))
    except Malformed:
        return
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(bytes(data).replace(head.target.encode("latin-1"), b"/"))
    event = parser.next_event()
    assert event.method.decode() == head.method
    assert [(n.decode(), v.decode("latin-1")) for n, v in event.headers] == list(head.headers)


@pytest.mark.parametrize(
    "line",
    [
        "GET  / HTTP/1.1",
        "GET / HTTP/1.2",
        "GET / HTTP/0.9",
        "GET / HTTP/2.0",
        "GET /",
        "GET / http/1.1",
        "G(T / HTTP/1.1",
        "",
    ],
)
def test_a_request_line_that_is_not_http_1_is_refused(line):
    with pytest.raises(Malformed):
        read_head(f"{line}\r\nHost: a\r\n\r\n".encode())


@pytest.mark.parametrize(
    "fields", ["", "Host: a\r\nHost: a\r\n", "Host: a\r\n folded\r\n", "Host : a\r\n", "Host: a\r\nNone\r\n"]
)
def test_fields_that_two_readers_could_read_differently_are_refused(fields):
    with pytest.raises(Malformed):
        read_head(f"GET / HTTP/1.1\r\n{fields}\r\n".encode())


def test_http_1_0_needs_no_host():
    assert read_head(b"GET / HTTP/1.0\r\n\r\n").version == "1.0"


@given(st.integers(0, 50))
def test_every_beginning_of_a_good_head_can_begin_one(length):
    assert can_begin(b"GET /api/logs HTTP/1.1\r\nHost: example.com\r\n\r\n"[:length])


@pytest.mark.parametrize(
    "data", [b"\x16\x03\x01", b"GET /\r\n", b"GET / HTTP/1.1\n", b"(", b"PRI * HTTP/2.0\r\n", b"GET  "]
)
def test_what_is_no_head_is_known_from_its_beginning(data):
    assert not can_begin(data)


def head_with(*fields: str, version: str = "1.1") -> Head:
    lines = [f"POST / HTTP/{version}", "Host: a", *fields, "", ""]
    return read_head("\r\n".join(lines).encode("latin-1"))


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ([], 0),
        (["Content-Length: 12"], 12),
        (["Content-Length: 12", "Content-Length: 12"], 12),
        (["Transfer-Encoding: Chunked"], None),
        ([f"Content-Length: {BODY_LIMIT}"], BODY_LIMIT),
        (["Content-Length: " + "9" * 12], 999_999_999_999),
    ],
)
def test_the_length_of_a_body(fields, length):
    assert head_with(*fields).length == length


@pytest.mark.parametrize(
    ("fields", "version", "status"),
    [
        (["Content-Length: -1"], "1.1", 400),
        (["Content-Length: +1"], "1.1", 400),
        (["Content-Length: 1_0"], "1.1", 400),
        (["Content-Length: \u00b2"], "1.1", 400),
        (["Content-Length:"], "1.1", 400),
        (["Content-Length: 1", "Content-Length: 2"], "1.1", 400),
        (["Content-Length: 1", "Transfer-Encoding: chunked"], "1.1", 400),
        (["Transfer-Encoding: gzip, chunked"], "1.1", 400),
        (["Transfer-Encoding: chunked"], "1.0", 400),
        (["Content-Length: " + "9" * 5000], "1.1", 413),
        (["Content-Length: 1" + "0" * 12], "1.1", 413),
    ],
)
def test_a_body_of_doubtful_or_excessive_length_is_refused(fields, version, status):
    with pytest.raises(Malformed) as caught:
        head_with(*fields, version=version)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("target", "read"),
    [
        ("/api/logs?a=http://b/", (None, "/api/logs?a=http://b/")),
        ("*", (None, "*")),
        ("http://example.com/api/logs?page=1", ("example.com", "/api/logs?page=1")),
        ("HTTPS://example.com", ("example.com", "/")),
        ("http://example.com?page=1", ("example.com", "/?page=1")),
    ],
)
def test_an_absolute_target_names_its_authority(target, read):
    assert origin_form(target) == read


def test_options_of_a_list_header_are_found_in_any_case_and_any_place():
    assert head_with("Connection: Keep-Alive, CLOSE").closing
    assert not head_with("Connection: keep-alive, upgrade").closing
    assert head_with("Expect: 100-Continue").expects
    assert head_with(version="1.0").closing


def test_the_blanks_around_a_value_are_not_its_own():
    assert head_with("X-Y: \t _a b_ \t").headers[-1] == ("x-y", "_a b_")


def test_the_size_of_a_head_is_what_node_counts():
    assert head_with("X-Y: abc").size == len("/") + len("hosta") + len("x-yabc")


@pytest.mark.parametrize(
    ("line", "host", "origin"),
    [
        ("GET /a HTTP/1.1", "b.example:1", "http://b.example:1"),
        ("GET http://c.example/a HTTP/1.1", "b.example", "http://c.example"),
    ],
)
def test_the_origin_of_a_request_is_its_host_or_the_authority_of_its_target(line, host, origin):
    request = request_of(read_head(f"{line}\r\nHost: {host}\r\n\r\n".encode()), "http", "127.0.0.1:80")
    assert (request.origin, request.target, request.absolute) == (origin, "/a", "c.example" in line)


def test_without_a_host_the_origin_is_where_the_server_listens():
    assert request_of(read_head(b"GET / HTTP/1.0\r\n\r\n"), "http", "127.0.0.1:80").origin == "http://127.0.0.1:80"
