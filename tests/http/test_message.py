"""Requests and replies are values: what they say of themselves, and what changes them."""

from __future__ import annotations

import pytest

from mockserver.http.message import PLAIN, Reply, Request, Sending, Stream, headers_of, is_bodiless, json_reply

REPLY = Reply(200, (("A", "1"), ("B", "2"), ("a", "3")), b"body")


def test_a_request_is_taken_apart_at_the_first_question_mark() -> None:
    request = Request("GET", "/a?b=c?d", (("x", "1"), ("x", "2")))
    assert (request.path, request.query) == ("/a", "b=c?d")
    assert (request.header("x"), request.header("y")) == ("1", None)
    assert Request("GET", "/a").query == ""


def test_headers_of_a_reply_are_found_in_any_case() -> None:
    assert (REPLY.header("b"), REPLY.header("B"), REPLY.header("c")) == ("2", "2", None)


@pytest.mark.parametrize(
    ("name", "value", "headers"),
    [
        ("b", "9", (("A", "1"), ("b", "9"), ("a", "3"))),
        ("a", "9", (("a", "9"), ("B", "2"))),
        ("c", "9", (("A", "1"), ("B", "2"), ("a", "3"), ("c", "9"))),
        ("a", None, (("B", "2"),)),
        ("c", None, REPLY.headers),
    ],
)
def test_a_header_is_set_in_place_or_appended_or_removed(
    name: str, value: str | None, headers: tuple[tuple[str, str], ...]
) -> None:
    changed = REPLY.with_header(name, value)
    assert [(found.lower(), text) for found, text in changed.headers] == [(f.lower(), text) for f, text in headers]
    assert changed._replace(headers=REPLY.headers) == REPLY


def test_more_headers_come_behind() -> None:
    assert REPLY.with_more((("C", "3"),)) == REPLY._replace(headers=(*REPLY.headers, ("C", "3")))


def test_a_stream_begins_afresh_each_time() -> None:
    stream = Stream(lambda: iter([b"a", b"b"]))
    assert (b"".join(stream), b"".join(stream)) == (b"ab", b"ab")
    assert Reply(200, body=stream).content() == b"ab"
    assert REPLY.content() == b"body"


def test_how_a_reply_is_sent_changes_a_field_at_a_time() -> None:
    assert REPLY.sending is PLAIN
    assert REPLY.sent(wait=2.0).sent(cut=5).sending == Sending(wait=2.0, cut=5)


def test_a_json_reply_is_compact_and_says_so() -> None:
    reply = json_reply(400, {"a": [1, "é"]}, (("Vary", "x"),))
    assert reply.body == '{"a":[1,"é"]}'.encode()
    assert reply.headers == (("Content-Type", "application/json; charset=utf-8"), ("Vary", "x"))


def test_a_request_without_more_is_one_to_this_machine_by_path() -> None:
    assert Request("GET", "/a") == Request("GET", "/a", (), "http://127.0.0.1:3001", absolute=False, base="")
    assert Request("GET", "/a").public == "http://127.0.0.1:3001"
    assert Request("GET", "/a", base="https://logs.example.com").public == "https://logs.example.com"


def test_a_plain_reply_is_sent_at_once_in_one_piece_whole_and_its_connection_kept() -> None:
    plain = Sending(wait=0.0, over=0.0, chunks=1, cut=None, end="keep", raw=None, stray=b"")
    assert Reply(200).sending == Sending() == plain


@pytest.mark.parametrize(
    ("status", "bodiless"),
    [(100, True), (199, True), (200, False), (203, False), (204, True), (205, False), (304, True), (305, False)],
)
def test_a_status_without_a_body_has_no_length_either(status: int, bodiless: bool) -> None:
    assert is_bodiless(status) is bodiless
    assert headers_of(Reply(status, (), b"abc")) == (() if bodiless else (("Content-Length", "3"),))
