"""The journal keeps the head and the first 4 kB of each reply, in bounded memory, without credentials."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest

from mockserver.contract.profile import ProfileName
from mockserver.http.encoding import encode
from mockserver.http.message import Reply, Request, Stream
from mockserver.logs.source import Opening, read_source
from mockserver.mock.exchange import Mock
from mockserver.mock.journal import MOST, MOST_BODY, MOST_BYTES, NOTHING, excerpt
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup

TOKEN = ("authorization", "Bearer dev-token")
NOW = 1_780_000_000.0


def mock(count: int = 40) -> Mock:
    return Mock(Setup(read_source(f"faker:count={count}").open(Opening(NOW)), Settings()))


def request(target: str = "/api/logs", method: str = "GET", **headers: str) -> Request:
    named = ((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method, target, (TOKEN, *named))


def shown(asked: Request, server: Mock | None = None, sends: bool = True) -> tuple[dict[str, Any], bytes]:
    """What the journal shows of a reply, and its whole body; ``sends``: the body is read, as the edge does."""
    outcome = (server or mock()).exchange(asked, NOW)
    body = outcome.reply.content() if sends else b""
    assert outcome.entry is not None
    return outcome.entry.shown_reply(), body


def test_of_a_request_without_a_reply_nothing_is_shown() -> None:
    assert NOTHING.shown(Request("GET", "/api/logs"), None) == {"headers": [], "body": ""}
    assert NOTHING.size == 0


def test_the_head_is_shown_as_the_client_gets_it() -> None:
    reply, body = shown(request("/api/logs?page=2&page_size=10"))
    headers = dict(reply["headers"])
    assert (headers["Total-Number"], headers["Content-Length"]) == ("40", str(len(body)))
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert all(f'rel="{relation}"' in headers["Link"] for relation in ("first", "prev", "next", "last"))


def test_the_body_is_shown_up_to_4_kb() -> None:
    reply, body = shown(request())
    assert len(body) > MOST_BODY
    assert reply["body"] == body.decode()[:MOST_BODY]


@pytest.mark.parametrize(
    ("profile", "encoding"), [("observed", "gzip"), ("observed", "deflate"), ("observed", "br"), ("documented", "gzip")]
)
def test_an_encoded_body_is_shown_without_its_encoding(profile: ProfileName, encoding: str) -> None:
    """The last is a stream, of which only the beginning is kept."""
    server = Mock(Setup(read_source("faker:count=300").open(Opening(NOW)), Settings(profile=profile)))
    target = f"/api/logs?page_size={300 if profile == 'documented' else 100}"
    plain, _ = shown(request(target), server)
    reply, _ = shown(request(target, accept_encoding=encoding), server)
    assert dict(reply["headers"])["Content-Encoding"] == encoding
    assert reply["body"] == plain["body"]
    assert len(plain["body"]) == MOST_BODY


def test_a_stream_is_shown_as_far_as_it_was_sent() -> None:
    reply, body = shown(request("/api/logs?page_size=300"), mock(300))
    assert reply["body"] == body.decode()[:MOST_BODY]
    assert "Content-Length" not in dict(reply["headers"])
    unsent, _ = shown(request("/api/logs?page_size=300"), mock(300), sends=False)
    assert unsent["body"] == ""


def test_a_character_that_is_cut_in_two_is_left_out() -> None:
    kept, _ = excerpt(Reply(200, (), b"x" * (MOST_BODY - 1) + "é".encode()), "GET")
    assert kept.shown(request(), 200)["body"] == "x" * (MOST_BODY - 1)


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("truncate:bytes=5", "[{"),
        ("reset:after=5", "[{"),
        ("malformed_chunk", "not-a-size\r\n[\r\n"),
        ("garbage:bytes=1", "\0"),
        ("empty", ""),
        ("status:code=503,message=dev-token", '{"message":"***"}'),
    ],
)
def test_what_a_fault_sends_is_what_is_shown(rule: str, body: str) -> None:
    reply, _ = shown(request(prefer=f'fault="{rule}"'))
    assert reply["body"][: len(body)] == body
    assert len(reply["body"]) <= max(len(body), 5)
    assert bool(reply["headers"]) == (rule.partition(":")[0] not in ("garbage", "empty"))


def test_a_cut_stream_is_shown_up_to_the_cut() -> None:
    reply, _ = shown(request("/api/logs?page_size=300", prefer='fault="truncate:bytes=7"'), mock(300))
    assert len(reply["body"]) == 7


@pytest.mark.parametrize("asked", [request(method="HEAD"), request(if_none_match="*")], ids=["HEAD", "304"])
def test_a_reply_without_a_body_shows_none(asked: Request) -> None:
    reply, _ = shown(asked)
    assert reply["body"] == ""
    assert "ETag" in dict(reply["headers"])


def test_a_body_that_is_not_in_the_encoding_that_it_names_is_shown_as_sent() -> None:
    for encoding in ("gzip", "br", "zstd"):
        kept, _ = excerpt(Reply(200, (("Content-Encoding", encoding),), b"plain"), "GET")
        assert kept.shown(request(), 200)["body"] == "plain"


def test_a_body_that_grows_a_thousandfold_is_shown_up_to_4_kb() -> None:
    for encoding in ("gzip", "br"):
        packed = b"".join(encode([b"x" * 10_000_000], encoding))
        kept, _ = excerpt(Reply(200, (("Content-Encoding", encoding),), packed), "GET")
        assert kept.shown(request(), 200)["body"] == "x" * MOST_BODY


def test_a_credential_of_the_request_is_masked_in_the_reply() -> None:
    secret = "hidden-password"
    asked = request(f"/api/logs?access_token={secret}")
    reply, _ = shown(asked)
    assert secret not in str(reply["headers"])
    assert "access_token=***" in str(reply["headers"])
    echo = Reply(400, (("Set-Cookie", f"session={secret}"),), f'{{"message":"no {secret}"}}'.encode())
    kept, _ = excerpt(echo, "GET")
    assert secret not in str(kept.shown(asked, 400))


def test_a_repeated_reply_is_kept_once() -> None:
    server = mock()
    validity = server.exchange(request(), NOW).validity
    assert validity is not None
    entries = [server.again(validity, NOW + second) for second in range(3)]
    assert {id(entry.reply) for entry in entries if entry} == {id(validity.excerpt)}


def test_a_full_journal_of_different_pages_takes_no_more_memory_than_it_says() -> None:
    """And the stated bound lets a thousand of them in."""
    server = mock(100_000)
    journal = server.tenants.get("default").journal

    def fill(first: int) -> None:
        for page in range(first, first + MOST):
            server.exchange(request(f"/api/logs?page={page}", user_agent=f"client/{page}"), NOW)

    fill(1)
    journal.clear()
    tracemalloc.start()
    try:
        fill(1)
        assert len(list(journal.entries())) == MOST
        gc.collect()
        full = tracemalloc.get_traced_memory()[0]
        journal.clear()
        gc.collect()
        taken = full - tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken < MOST_BYTES


def test_a_page_that_is_sent_as_a_stream_is_not_held_by_the_journal() -> None:
    kept, reply = excerpt(Reply(200, (), Stream(lambda: iter([b"x" * 3000] * 100))), "GET")
    assert len(reply.content()) == 300_000
    assert (len(kept.body), kept.size > MOST_BODY) == (MOST_BODY, True)
