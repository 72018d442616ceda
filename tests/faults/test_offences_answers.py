"""What offences do to whole answers, their bodies and headers, and whom those of access let in."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract.document import contract
from mockserver.contract.jsontext import decode
from mockserver.faults.fault import Case, Chance
from mockserver.faults.offences import find_offence
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening, read_source
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.support.cases import ALL, NOW, REQUESTS, asked, changed, honest, ids, logs


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty-body", b""), ("null-body", b"null"), ("null-when-empty", b"null"), ("envelope", b'{"data":[],'),
        ("page-ignored", b'[{"tenantId"'),
    ],
)  # fmt: skip
def test_an_offence_that_needs_no_log_strikes_an_empty_page_too(name: str, body: bytes) -> None:
    assert honest(asked("?page=999")).content() == b"[]"
    reply = changed(name, asked("?page=999"))
    assert reply is not None
    assert reply.content().startswith(body)
    assert bool(reply.content()) is bool(body)


@pytest.mark.parametrize(
    "name",
    [
        "null-item", "string-item", "encoded-item", "json-lines", "trailing-comma", "utf-16", "encoded-body",
        "foreign-tenant", "shared-id", "duplicate-log",
    ],
)  # fmt: skip
def test_an_offence_that_needs_a_log_leaves_an_empty_page_honest(name: str) -> None:
    assert changed(name, asked("?page=999")) is None
    assert changed(name, asked("?page=1")) is not None


def test_a_large_page_has_abridged_payloads_and_a_smaller_one_has_whole_ones() -> None:
    assert changed("log-by-page-size", asked("?page_size=50")) is None
    reply = changed("log-by-page-size", asked("?page_size=51"))
    assert reply is not None
    kept = {"key", "result", *contract().filters}
    expected: list[Any] = [{**log, "payload": _only(log["payload"], kept)} for log in logs()[:51]]
    assert decode(reply.content()) == expected
    assert any(len(log["payload"]) > 2 for log in expected)


def _only(payload: Any, kept: set[str]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name in kept}


@pytest.mark.parametrize(("door", "opened"), [("bare", "any-token"), ("basic", "Basic any-token"), ("any-scope", None)])
def test_a_door_opens_for_its_own_form_of_a_token_alone(door: str, opened: str | None) -> None:
    """Also where the mock takes any token that is shown as one."""
    mock = Mock(Setup(Seeded().open(Opening(0.0)), Settings(auth="any")))

    def status(shown: str) -> int:
        request = asked("", ("authorization", shown), token=None)
        case = Case(request, NOW, lambda each: mock.respond(each, NOW), Chance(0, "", 1))
        return (find_offence(f"accepted-{door}").change(case) or mock.respond(request, NOW)).status

    shown = ("any-token", "Basic any-token", "Digest any-token", "Bearer any-token")
    assert [each for each in shown if status(each) == 200] == [each for each in shown if each in (opened, shown[-1])]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Forwarded-Host"])
def test_a_header_that_names_this_machine_opens_the_door_for_locals(header: str) -> None:
    near, far = (asked("", (header.lower(), text), token=None) for text in ("for=127.0.0.1", "for=192.0.2.1"))
    reply = changed("accepted-local", near)
    assert reply is not None
    assert ids(reply) == list(ALL[:20])
    assert changed("accepted-local", far) is None


@pytest.mark.parametrize("how", ["", "-damaged"])
def test_a_large_packed_body_is_cut_before_it_is_packed(how: str) -> None:
    """Its packing is whole, so that only a reader of the logs notices."""
    mock = Mock(Setup(read_source("faker:count=2000,seed=1").open(Opening(NOW)), Settings()))
    request = asked("?page_size=1000", ("accept-encoding", "gzip"))
    case = Case(request, NOW, lambda each: mock.respond(each, NOW), Chance(0, "", 1))
    reply = find_offence(f"body-cut-64kB-gzip{how}").change(case)
    assert reply is not None
    assert reply.header("content-encoding") == "gzip"
    whole = gzip.decompress(case.reply.content())
    text = gzip.decompress(reply.content())
    size = next(number for number, (one, other) in enumerate(zip(text + b"?", whole, strict=False)) if one != other)
    assert 60_000 < size < 70_000
    assert len(text) == (len(whole) if how else size)
    with pytest.raises(ValueError, match="line 1 column"):
        decode(text)


def test_requests_that_are_answered_in_the_same_moment_all_get_the_answer_of_the_last() -> None:
    first, last = (changed("answers-mixed", asked(f"?page_size={size}")) for size in (2, 3))
    assert first is not None
    assert last is not None
    assert first.sending.wait == last.sending.wait > 0
    assert ids(first) == ids(last) == list(ALL[:3])


@pytest.mark.parametrize("name", ["stack-trace", "stack-trace-401"])
def test_a_stack_trace_is_one_member_too_many_of_an_error(name: str) -> None:
    replies = [reply for request in REQUESTS if (reply := changed(name, request, 1))]
    members = {tuple(decode(reply.content())) for reply in replies if reply.status != 200}
    assert ("message", "stack") in members
    assert all("message" in names for names in members)


def test_a_refusal_that_repeats_markup_is_a_page_with_it() -> None:
    reply = changed("markup-echoed", asked("?page=%3Cb%3Eone"))
    assert reply is not None
    assert (reply.status, reply.content()) == (400, b"<b>one")
    assert (reply.header("content-type") or "").startswith("text/html")


@pytest.mark.parametrize(
    ("name", "page", "pages"),
    [
        ("link-next-here", 2, {"first": 1, "prev": 1, "next": 2, "last": 4}),
        ("link-next-skips", 2, {"first": 1, "prev": 1, "next": 4, "last": 4}),
        ("link-without-next", 2, {"first": 1, "prev": 1, "last": 4}),
        ("link-next-for-ever", 4, {"first": 1, "prev": 3, "next": 5, "last": 4}),
        ("link-next-uncounted", 4, {"next": 5}),
        ("link-prev-zero", 1, {"first": 1, "prev": 0, "next": 2, "last": 4}),
        ("link-prev-zero", 2, {"first": 1, "prev": 1, "next": 3, "last": 4}),
    ],
)
def test_a_link_leads_where_its_offence_says(name: str, page: int, pages: dict[str, int]) -> None:
    reply = changed(name, asked(f"?page={page}&page_size={len(ALL) // 4 + 1}"))
    assert reply is not None
    found = re.findall(r'[?&]page=(\d+)[^>]*>; rel="(\w+)"', reply.header("link") or "")
    assert {rel: int(number) for number, rel in found} == pages


@pytest.mark.parametrize(("name", "total"), [("total-of-page", "7"), ("total-off-by-one", str(len(ALL) + 1))])
def test_a_total_is_what_its_offence_says(name: str, total: str) -> None:
    reply = changed(name, asked("?page_size=7"))
    assert reply is not None
    assert reply.header("total-number") == total


def test_an_unfinished_packing_holds_all_logs_and_lacks_its_end() -> None:
    reply = changed("gzip-unfinished", asked("?page_size=60", ("accept-encoding", "gzip")))
    assert reply is not None
    reader = zlib.decompressobj(wbits=31)
    assert [log["id"] for log in decode(reader.decompress(reply.content()))] == list(ALL[:60])
    assert not reader.eof
    assert reply.header("content-encoding") == "gzip"


UNDONE: dict[str, Callable[[bytes], bytes]] = {
    "single-quotes": lambda body: body.replace(b"'", b'"'),
    "trailing-comma": lambda body: body.removesuffix(b",]") + b"]",
    "truncated-json": lambda body: body + b"}]",
    "trailing-text": lambda body: body.removesuffix(b"\nOK"),
    "leading-text": lambda body: body.removeprefix(b")]}',\n"),
    "byte-order-mark": lambda body: body.decode("utf-8-sig").encode(),
    "utf-16": lambda body: body.decode("utf-16").encode(),
    "invalid-utf-8": lambda body: body.replace(b"\xff", b""),
    "control-character": lambda body: body.replace(b"\t", b""),
    "encoded-body": lambda body: decode(body).encode(),
    "member-twice": lambda body: body.replace(b'"key":"",', b""),
    "json-lines": lambda body: b"[" + body.replace(b"\n", b",") + b"]",
    "encoded-item": lambda body: b"[" + ",".join(decode(body)).encode() + b"]",
}


@pytest.mark.parametrize("name", UNDONE)
def test_an_offence_of_text_is_undone_as_its_sentence_says(name: str) -> None:
    pages = (asked(f"?page_size=3&page={number}") for number in range(1, 20))
    request = next(page for page in pages if b"'" not in honest(page).content())
    reply, right = changed(name, request), honest(request).content()
    assert reply is not None
    assert reply.content() != right
    assert UNDONE[name](reply.content()) == right


@pytest.mark.parametrize(("name", "word"), [("nan", b"NaN"), ("infinity", b"Infinity")])
def test_a_time_that_is_no_number_is_the_word_of_javascript_for_it(name: str, word: bytes) -> None:
    reply, right = changed(name, asked("?page_size=3")), honest(asked("?page_size=3")).content()
    assert reply is not None
    assert reply.content() == re.sub(rb'"createdAt":[^,}]+', b'"createdAt":' + word, right)


@pytest.mark.parametrize(
    ("name", "known", "unknown"), [("item-is-newest", True, False), ("item-of-any-word", False, True)]
)
def test_a_log_by_its_id_is_the_newest_where_its_offence_says(name: str, known: bool, unknown: bool) -> None:
    for target, is_struck in ((f"/{ALL[5]}", known), ("/no-such-log", unknown)):
        reply = changed(name, asked(target))
        assert (reply is not None) is is_struck
        if reply is not None:
            assert (reply.status, decode(reply.content())["id"]) == (200, ALL[0])
    assert changed(name, asked(f"/{ALL[0]}")) is None
    assert changed(name, asked("")) is None


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("shared-id", 2), ("duplicate-log", 2), ("json-lines", 2), ("foreign-tenant", 1), ("null-item", 1),
        ("string-item", 1), ("encoded-item", 1), ("trailing-comma", 1), ("ids-change", 10), ("log-by-page-size", 51),
    ],
)  # fmt: skip
def test_an_offence_strikes_pages_from_its_own_size_on(name: str, least: int) -> None:
    assert changed(name, asked(f"?page_size={least}")) is not None
    if least > 1:
        assert changed(name, asked(f"?page_size={least - 1}")) is None


ENVELOPES: dict[str, Callable[[list[Any]], Any]] = {
    "envelope": lambda logs: {"data": logs, "totalCount": len(ALL)},
    "object-by-id": lambda logs: {log["id"]: log for log in logs},
    "nested-array": lambda logs: [logs],
    "single-object": lambda logs: logs[0] if len(logs) == 1 else logs,
    "null-item": lambda logs: [*logs[:2], None][-len(logs) :],
    "string-item": lambda logs: [log["id"] for log in logs],
    "shared-id": lambda logs: [*logs[:2], {**logs[-1], "id": logs[0]["id"]}],
    "foreign-tenant": lambda logs: [*logs[: len(logs) - 1], {**logs[-1], "tenantId": "somebody-else"}],
    "duplicate-log": lambda logs: [*logs[:2], logs[0]],
}


@pytest.mark.parametrize("size", [3, 1])
@pytest.mark.parametrize("name", ENVELOPES)
def test_an_offence_of_items_changes_the_list_as_its_sentence_says(name: str, size: int) -> None:
    reply, right = changed(name, asked(f"?page_size={size}")), decode(honest(asked(f"?page_size={size}")).content())
    if reply is not None:
        assert decode(reply.content()) == ENVELOPES[name](right)
    assert (reply is None) is (size == 1 and name in ("shared-id", "duplicate-log"))
