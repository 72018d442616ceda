"""The bytes around the body: what is compressed and how it is sent, Vary, security headers and the order of keys."""

from __future__ import annotations

import json
import zlib

import pytest

from mockserver.contract.profile import ProfileName
from mockserver.http.message import Reply, Request, Stream
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.mock.test_exchange import log

TOKEN = ("authorization", "Bearer dev-token")
OBSERVED: tuple[ProfileName, ...] = ("observed", "observed-1.42")
ROWS = [Row.of(log(number)) for number in range(45)]


def ask(
    target: str, *headers: tuple[str, str], how: ProfileName = "observed", method: str = "GET", rows: list[Row] = ROWS
) -> Reply:
    mock = Mock(Setup(SeededSource(rows), Settings(profile=how)))
    return mock.respond(Request(method, target, (TOKEN, *headers)), 1_793_000_000)


@pytest.mark.parametrize("how", OBSERVED)
def test_what_is_compressed_is_sent_in_chunks_and_has_the_tag_of_the_plain_body(how: ProfileName) -> None:
    plain, packed = (ask("/api/logs", *headers, how=how) for headers in ((), (("accept-encoding", "gzip"),)))
    assert isinstance(packed.body, Stream)
    assert zlib.decompress(packed.content(), 31) == plain.content()
    assert packed.header("content-encoding") == "gzip"
    assert packed.header("etag") == plain.header("etag")
    assert isinstance(ask("/api/logs", ("accept-encoding", "gzip"), how="documented").body, bytes)


def test_two_headers_of_encodings_are_one_list() -> None:
    both = ask("/api/logs", ("accept-encoding", "zstd"), ("accept-encoding", "br"))
    assert both.header("content-encoding") == "br"


def test_head_tells_the_length_of_the_plain_body() -> None:
    head = ask("/api/logs", ("accept-encoding", "gzip"), method="HEAD")
    assert (head.header("content-encoding"), head.body) == (None, ask("/api/logs").body)


def test_a_body_is_compressed_from_1024_bytes_on() -> None:
    short = log(1) | {"payload": {"key": "Unknown", "result": "Success", "x": ""}, "key": "Unknown"}
    missing = 1024 - len(ask("/api/logs", rows=[Row.of(short)]).content())
    for more, encoding in ((missing - 1, None), (missing, "gzip")):
        longer = short | {"payload": {"key": "Unknown", "result": "Success", "x": "x" * more}}
        reply = ask("/api/logs", ("accept-encoding", "gzip"), rows=[Row.of(longer)])
        assert reply.header("content-encoding") == encoding


def test_a_client_that_accepts_nothing_gets_a_plain_406_where_a_body_would_be_compressed() -> None:
    refused = ("accept-encoding", "identity;q=0")
    reply = ask("/api/logs", refused)
    assert (reply.status, reply.headers) == (406, (("Content-Type", "text/plain; charset=utf-8"),))
    assert ask("/api/logs?page=0", refused).status == 400
    assert ask("/api/logs", refused, method="HEAD").status == 200
    assert ask("/api/logs", refused, how="documented").status == 200


@pytest.mark.parametrize("how", OBSERVED)
@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/api/logs", 200), ("GET", "/api/logs/id-1", 200), ("GET", "/api/logs/none", 404),
        ("GET", "/api/logs?page=0", 400), ("GET", "/api/log", 404), ("GET", "/", 200), ("POST", "/api/logs", 405),
        ("OPTIONS", "/api/logs", 200), ("TRACE", "/api/logs", 501),
    ],
)  # fmt: skip
def test_every_answer_of_the_application_has_vary_and_security_headers(
    how: ProfileName, method: str, target: str, status: int
) -> None:
    reply = ask(target, how=how, method=method)
    assert (reply.status, reply.header("vary")) == (status, "Accept-Encoding, Origin")
    assert reply.header("x-frame-options") == "SAMEORIGIN"
    assert reply.header("origin-agent-cluster") == "?1"
    assert reply.header("strict-transport-security") is None


@pytest.mark.parametrize("how", OBSERVED)
@pytest.mark.parametrize(("method", "target"), [("FOO", "/api/logs"), ("get", "/api/logs"), ("GET", "/api/logs/\xe9")])
def test_what_the_parser_refuses_has_no_header(how: ProfileName, method: str, target: str) -> None:
    reply = ask(target, ("accept-encoding", "gzip"), how=how, method=method)
    assert reply == Reply(400)


@pytest.mark.parametrize("how", ["documented", *OBSERVED])
def test_a_refusal_has_its_keys_in_the_order_of_a_real_deployment(how: ProfileName) -> None:
    body = json.loads(ask("/api/logs?userId=a&userId=b&logKey=a&logKey=b", how=how).content())
    assert list(body) == ["code", "data", "details", "message"]
    assert list(body["data"]) == ["issues", "name"]
    assert list(body["data"]["issues"][0]) == ["code", "expected", "received", "path", "message"]
    assert [line.partition(":")[0] for line in body["details"].splitlines()] == ["userId", "logKey"]
    assert list(json.loads(ask("/api/logs/none", how=how).content())) == ["code", "message"]


@pytest.mark.parametrize(("how", "names"), [("observed", "7,b,04,__proto__,page"), ("observed-1.42", "7,b,04,page")])
def test_link_lists_parameters_as_an_object_of_javascript_does(how: ProfileName, names: str) -> None:
    link = ask("/api/logs?b=1&04=x&__proto__=1&7=x", how=how).header("link") or ""
    found = [pair.partition("=")[0] for pair in link.partition("?")[2].partition(">")[0].split("&")]
    assert found == names.split(",")


def test_a_preflight_is_answered_as_any_other_options_and_no_journal_holds_it() -> None:
    for how, status in (("documented", 204), ("observed", 200)):
        mock = Mock(Setup(SeededSource([]), Settings(profile=how)))
        assert mock.preflight(Request("OPTIONS", "/api/logs")).status == status
        assert mock.preflight(Request("OPTIONS", "/api/logs", (("mock-tenant", "no name!"),))).status in (204, 400)
        assert not list(mock.tenants.get("default").journal.entries())
