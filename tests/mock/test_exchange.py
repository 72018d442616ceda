"""One request in, one reply out: paths, methods, conditions, encodings and tenants, in every profile."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from mockserver.contract.profile import ProfileName
from mockserver.http.message import Reply, Request, Stream
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row, newest_first
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup

TOKEN = ("authorization", "Bearer dev-token")
NOW = 1_793_016_000.0
PROFILES: tuple[ProfileName, ...] = ("documented", "observed", "observed-1.42")


def log(number: int, **payload: Any) -> dict[str, Any]:
    body = {"key": "Unknown", "result": "Success"} | payload
    return {"tenantId": "default", "id": f"id-{number}", "key": "Unknown", "payload": body, "createdAt": number}


def mock(profile: ProfileName = "documented", count: int = 45, **settings: Any) -> Mock:
    rows = newest_first(Row.of(log(number)) for number in range(count))
    return Mock(Setup(SeededSource(rows), Settings(profile=profile, **settings)))


MOCKS = {profile: mock(profile) for profile in PROFILES}


def ask(
    target: str = "/api/logs", *headers: tuple[str, str], method: str = "GET", how: str = "documented", **more: Any
) -> Reply:
    return MOCKS[how].respond(Request(method, target, (TOKEN, *headers), **more), NOW)  # type: ignore[index]  # a key of MOCKS, from the table


def body(reply: Reply) -> Any:
    return json.loads(reply.content())


@pytest.mark.parametrize("how", PROFILES)
def test_a_list_is_an_array_of_the_newest_logs_with_total_and_links(how: str) -> None:
    reply = ask("/api/logs?page=2&page_size=10", how=how)
    assert reply.status == 200
    assert [each["id"] for each in body(reply)] == [f"id-{number}" for number in range(34, 24, -1)]
    assert list(body(reply)[0]) == ["tenantId", "id", "key", "payload", "createdAt"]
    assert reply.header("content-type") == "application/json; charset=utf-8"
    assert reply.header("total-number") == "45"
    assert reply.header("vary") == ("Accept-Encoding" if how == "documented" else "Accept-Encoding, Origin")
    links = " ".join(value for name, value in reply.headers if name == "Link")
    assert links.count("rel=") == 4
    base = "/api/logs" if how == "documented" else "/logs"
    assert f'<http://127.0.0.1:3001{base}?page=3&page_size=10>; rel="next"' in links


@pytest.mark.parametrize("how", PROFILES)
def test_the_count_is_that_of_the_logs_that_are_listed(how: ProfileName) -> None:
    unlisted = Row.of({**log(1), "key": "SamlIdpInitiatedSso"})
    tried = Mock(Setup(SeededSource([Row.of(log(2)), unlisted]), Settings(profile=how)))
    total = tried.respond(Request("GET", "/api/logs", (TOKEN,)), NOW).header("total-number")
    assert total == str(tried.count())


PATHS: list[tuple[str, tuple[int, str], tuple[int, str]]] = [
    # Target, then status and media type as documented, then as observed.
    ("/api/logs", (200, "json"), (200, "json")),
    ("/api/logs#x?page=0", (200, "json"), (200, "json")),
    ("/api/logs?page=1#page=0", (200, "json"), (200, "json")),
    ("/api/logs/", (404, "json"), (200, "json")),
    ("/api/Logs", (404, "json"), (200, "json")),
    ("/api/LOGS/", (404, "json"), (200, "json")),
    ("/api//logs", (404, "json"), (404, "plain")),
    ("/api/logs//", (404, "json"), (404, "plain")),
    ("/api/%6Cogs", (404, "json"), (404, "plain")),
    ("/api/./logs", (404, "json"), (404, "plain")),
    ("/api/x/../logs", (404, "json"), (404, "plain")),
    ("/api/logs.json", (404, "json"), (404, "plain")),
    ("/api/logs;x=1", (404, "json"), (404, "plain")),
    ("/api/log", (404, "json"), (404, "plain")),
    ("/api", (404, "json"), (404, "plain")),
    ("/api/", (404, "json"), (404, "plain")),
    ("/api/logs%00", (404, "json"), (404, "plain")),
    ("/API/LOGS", (404, "json"), (200, "html")),
    ("/logs", (404, "json"), (200, "html")),
    ("/apis/logs", (404, "json"), (200, "html")),
    ("/", (404, "json"), (200, "html")),
    ("", (404, "json"), (200, "html")),
    ("*", (404, "json"), (200, "html")),
    ("/api/logs/id-1", (200, "json"), (200, "json")),
    ("/api/logs/%69d-1", (200, "json"), (200, "json")),
    ("/api/logs/id-1?page=0", (200, "json"), (200, "json")),
    ("/api/logs/id-1/", (404, "json"), (200, "json")),
    ("/api/LOGS/id-1", (404, "json"), (200, "json")),
    ("/api/logs/ID-1", (404, "json"), (404, "json")),
    ("/api/logs/nobody", (404, "json"), (404, "json")),
    ("/api/logs/%20", (404, "json"), (404, "json")),
    ("/api/logs/%zz", (404, "json"), (404, "json")),
    ("/api/logs/%FF", (404, "json"), (404, "json")),
    ("/api/logs/a%2Fb", (404, "json"), (404, "json")),
    ("/api/logs/a/b", (404, "json"), (404, "plain")),
    ("/api/logs/%00", (404, "json"), (500, "json")),
    ("/api/logs/\u00e9", (400, "json"), (400, "")),
]


@pytest.mark.parametrize(("target", "documented", "observed"), PATHS, ids=[ascii(row[0]) for row in PATHS])
def test_a_path_meets_what_its_profile_has_there(
    target: str, documented: tuple[int, str], observed: tuple[int, str]
) -> None:
    for how, expected in zip(PROFILES, (documented, observed, observed), strict=True):
        reply = ask(target, how=how)
        media = (reply.header("content-type") or "").partition(";")[0].rpartition("/")[2]
        assert (reply.status, media) == expected, how
        if reply.status >= 400 and media == "json":
            assert set(body(reply)) <= {"code", "message", "data"}
            assert body(reply)["message"]
            assert ("code" in body(reply)) == (reply.status != 500)


METHODS: list[tuple[str, tuple[int, str | None], tuple[int, str | None]]] = [
    # Method, then status and Allow as documented, then as observed.
    ("GET", (200, None), (200, None)),
    ("HEAD", (200, None), (200, None)),
    ("OPTIONS", (204, "GET, HEAD, OPTIONS"), (200, "HEAD, GET")),
    ("POST", (405, "GET, HEAD, OPTIONS"), (405, "HEAD, GET")),
    ("PUT", (405, "GET, HEAD, OPTIONS"), (405, "HEAD, GET")),
    ("PATCH", (405, "GET, HEAD, OPTIONS"), (405, "HEAD, GET")),
    ("DELETE", (405, "GET, HEAD, OPTIONS"), (405, "HEAD, GET")),
    ("TRACE", (405, "GET, HEAD, OPTIONS"), (501, "HEAD, GET")),
    ("PROPFIND", (405, "GET, HEAD, OPTIONS"), (501, "HEAD, GET")),
    ("LINK", (405, "GET, HEAD, OPTIONS"), (501, "HEAD, GET")),
    ("QUERY", (405, "GET, HEAD, OPTIONS"), (501, "HEAD, GET")),
    ("FOO", (405, "GET, HEAD, OPTIONS"), (400, None)),
    ("get", (405, "GET, HEAD, OPTIONS"), (400, None)),
]


@pytest.mark.parametrize(("method", "documented", "observed"), METHODS, ids=[row[0] for row in METHODS])
@pytest.mark.parametrize("target", ["/api/logs", "/api/logs/id-1", "/api/logs?page=0"])
def test_a_method_is_answered_without_a_token_unless_it_reads(
    target: str, method: str, documented: tuple[int, str | None], observed: tuple[int, str | None]
) -> None:
    for how, expected in zip(PROFILES, (documented, observed, observed), strict=True):
        reply = MOCKS[how].respond(Request(method, target), NOW)
        if method in ("GET", "HEAD"):
            expected = (401, None)
        assert (reply.status, reply.header("allow")) == expected
        if how == "documented" and reply.status == 405:
            assert body(reply)["code"] == "request.method_not_allowed"


@pytest.mark.parametrize("how", PROFILES)
def test_authorization_comes_before_validation_and_after_paths_and_methods(how: str) -> None:
    def status(target: str, *headers: tuple[str, str]) -> int:
        return MOCKS[how].respond(Request("GET", target, headers), NOW).status  # type: ignore[index]  # a key of MOCKS, from the table

    forbidden = ("authorization", "Bearer forbidden-token")
    assert status("/api/logs?page=0") == status("/api/logs/nobody") == 401
    assert status("/api/logs?page=0", forbidden) == status("/api/logs/nobody", forbidden) == 403
    assert status("/api/logs?page=0", TOKEN) == 400
    assert status("/api/logs", forbidden, TOKEN) == 403
    assert status("/api/other") == 404


@pytest.mark.parametrize("target", ["/api/logs?page_size=3", "/api/logs/id-7", "/api/logs?userId=nobody"])
@pytest.mark.parametrize("how", PROFILES)
def test_a_tag_that_still_holds_is_304_with_every_header_but_the_type(how: str, target: str) -> None:
    first = ask(target, how=how)
    tag = first.header("etag") or ""
    strong = tag.removeprefix("W/")
    assert strong.startswith('"')
    assert strong.endswith('"')
    for condition in (tag, strong, "*", f'"other", {tag}', f'W/"x" ,W/{strong}'):
        again = ask(target, ("if-none-match", condition), how=how)
        assert (again.status, again.body) == (304, b"")
        kept = tuple(each for each in first.headers if each[0] != "Content-Type")
        assert again.headers == kept
    for condition in ("", '"other"', strong.strip('"'), "W/*"):
        assert ask(target, ("if-none-match", condition), how=how).status == 200


def test_equal_queries_have_equal_tags_and_others_do_not() -> None:
    def tag(target: str, **how: Any) -> str | None:
        return ask(target, **how).header("etag")

    assert tag("/api/logs") == tag("/api/logs?page=1&unknown=2") == tag("/api/logs?page_size=20&userId=")
    targets = ("/api/logs", "/api/logs?page=2", "/api/logs?page_size=21", "/api/logs?userId=a", "/api/logs?logKey=a")
    assert len({tag(target) for target in targets}) == len(targets)
    assert tag("/t/acme/api/logs") != tag("/api/logs")
    assert tag("/api/logs", how="observed") != tag("/api/logs")


def test_a_change_of_the_logs_is_a_change_of_the_tag() -> None:
    changing = mock()
    request = Request("GET", "/api/logs?page=3", (TOKEN,))
    before = changing.respond(request, NOW).header("etag")
    changing.tenants.get("default").store.add_all([log(99)], lambda: "x", NOW)
    assert changing.respond(request, NOW).header("etag") != before


def test_head_is_get_without_a_body_and_as_observed_without_a_tag() -> None:
    for target in ("/api/logs?page=2", "/api/logs/id-3"):
        documented = ask(target, method="HEAD")
        assert documented.headers == ask(target).headers
        for how in PROFILES[1:]:
            head, get = ask(target, method="HEAD", how=how), ask(target, how=how)
            assert head.headers == tuple(each for each in get.headers if each[0] != "ETag")
            assert ask(target, ("if-none-match", "*"), method="HEAD", how=how).status == 200


@pytest.mark.parametrize(
    ("accepted", "target", "documented", "observed"),
    [
        ("gzip", "/api/logs", "gzip", "gzip"),
        ("br, gzip", "/api/logs", "gzip", "br"),
        ("br", "/api/logs", None, "br"),
        ("deflate", "/api/logs", None, "deflate"),
        ("*", "/api/logs", "gzip", "gzip"),
        ("identity", "/api/logs", None, None),
        ("gzip", "/api/logs?page_size=1", None, None),
        ("gzip", "/api/logs?page=0", None, None),
    ],
)
def test_a_body_is_encoded_when_asked_and_when_it_is_worth_it(
    accepted: str, target: str, documented: str | None, observed: str | None
) -> None:
    for how, expected in zip(PROFILES, (documented, observed, observed), strict=True):
        plain, reply = ask(target, how=how), ask(target, ("accept-encoding", accepted), how=how)
        assert reply.header("content-encoding") == expected
        assert reply.header("etag") == plain.header("etag")
        if expected == "gzip":
            assert gzip.decompress(reply.content()) == plain.body


def test_a_page_of_any_size_comes_in_pieces_that_make_one_array() -> None:
    for count in (0, 256, 257, 512, 600):
        big = mock(count=count)
        reply = big.respond(Request("GET", "/api/logs?page_size=1000", (TOKEN,)), NOW)
        assert isinstance(reply.body, Stream) == (count > 256)
        assert [each["id"] for each in body(reply)] == [f"id-{number}" for number in reversed(range(count))]
        squeezed = big.respond(Request("GET", "/api/logs?page_size=1000", (TOKEN, ("accept-encoding", "gzip"))), NOW)
        if count > 256:
            assert max(map(len, reply.body)) < 60_000
            assert gzip.decompress(squeezed.content()) == reply.content()


def test_a_long_page_shows_the_logs_of_one_moment_however_long_it_streams() -> None:
    """Logs are added at its head and removed again between its pieces; no id comes twice, and none is missing."""
    changing, tenant = mock(count=600), "default"
    store = changing.tenants.get(tenant).store
    store.add_all([log(number) for number in range(700, 720)], lambda: "unused", NOW)
    reply = changing.respond(Request("GET", "/api/logs?page_size=1000", (TOKEN,)), NOW)
    pieces = []
    for number, piece in enumerate(iter(reply.body), 1000):
        assert isinstance(piece, bytes)
        pieces.append(piece)
        store.add_all([log(number)], lambda: "unused", NOW)
        if number % 2:
            store.clear()
    expected = [*range(719, 699, -1), *range(599, -1, -1)]
    assert [each["id"] for each in json.loads(b"".join(pieces))] == [f"id-{number}" for number in expected]
    assert reply.header("total-number") == "620"
