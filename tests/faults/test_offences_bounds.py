"""The exact numbers of offences: which request is the first that one strikes, and what it makes of it."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any

import pytest

from mockserver.contract.jsontext import decode
from mockserver.faults.fault import Case, Chance
from mockserver.faults.offences import catalogue, find_offence
from mockserver.http.message import Reply, Request
from mockserver.logs.source import Opening, read_source
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.support.cases import NOW, asked

LONG = "x=" + "y" * 798


class Fixed(Chance):
    """A chance that draws one number for every purpose."""

    def __init__(self, number: float) -> None:
        super().__init__(0, "", 1)
        self.number = number

    def uniform(self, purpose: str) -> float:
        return self.number


@cache
def mock(count: int) -> Mock:
    return Mock(Setup(read_source(f"faker:count={count},seed=1").open(Opening(NOW)), Settings()))


@cache
def honest(request: Request, count: int = 1000) -> Reply:
    return mock(count).respond(request, NOW)


def struck(name: str, request: Request, drawn: float = 0.5, count: int = 1000) -> Reply | None:
    return find_offence(name).change(Case(request, NOW, lambda each: honest(each, count), Fixed(drawn)))


def logs(reply: Reply | None) -> list[Any]:
    assert reply is not None
    found: list[Any] = decode(reply.content())
    return found


@cache
def ids(count: int = 1000) -> tuple[str, ...]:
    return tuple(log["id"] for log in logs(honest(asked("?page_size=1000"), count)))


@pytest.mark.parametrize(
    ("name", "query", "beside"),
    [
        ("gap-deep", "page_size=10&page=11", "page_size=10&page=10"),
        ("gap-small-deep", "page_size=49&page=4", "page_size=50&page=4"),
        ("gap-small-deep", "page_size=10&page=11", "page_size=10&page=10"),
        ("gap", "page_size=10&page=2", "page_size=10&page=1"),
        ("emptied", "page_size=10&page=2", "page_size=10&page=100"),
        ("page-as-offset", "page=2", "page=1"),
        ("ends-at-hundred", "page_size=100", "page_size=101"),
        ("order-by-size", "page_size=3", "page_size=4"),
        ("last-page-dropped", "page_size=300&page=4", "page_size=250&page=4"),
        ("last-page-dropped", "page_size=300&page=4", "page_size=1001&page=1"),
        ("last-page-dropped", "page_size=501&page=2", "page_size=500&page=2"),
        ("last-page-dropped", "page_size=999&page=2", "page_size=999&page=1"),
        ("refused-large-page-size", "page_size=101", "page_size=100"),
        ("refused-past-the-end", "page_size=100&page=11", "page_size=100&page=10"),
        ("refused-without-page", "page_size=3", "page=1"),
        ("refused-1-page", "page=1", "page=2"),
        ("refused-1-page-size", "page_size=1", "page_size=2"),
        ("broken-by-long-query", f"{LONG}y", LONG),
        ("broken-by-large-page", f"page={2**31}", f"page={2**31 - 1}"),
        ("status-204-when-empty", "page=999", "page=1"),
        ("status-206", "page_size=100&page=9", "page_size=100&page=10"),
        ("status-302", "page=2", "page=3"),
        ("status-302", "page=2", "page=1"),
        ("head-no-colon-large", "page_size=51", "page_size=50"),
        ("head-no-colon-later", "page=2", "page=1"),
        ("bad-log-page-2", "page=2", "page=1"),
        ("bad-log-large-page", "page_size=51", "page_size=50"),
        ("bad-log-deep-page", "page_size=100&page=4", "page_size=100&page=3"),
        ("bad-log-last-page", "page_size=100&page=10", "page_size=100&page=9"),
        ("bad-log-last-page", "page_size=100&page=10", "page_size=1000"),
        ("filter-first-page-only", "page=2", "page=1"),
        ("log-by-page-size", "page_size=51", "page_size=50"),
    ],
)
def test_an_offence_strikes_one_request_and_not_the_next_one_beside_it(name: str, query: str, beside: str) -> None:
    assert struck(name, asked(f"?{query}")) is not None
    assert honest(asked(f"?{beside}")).status == 200
    assert struck(name, asked(f"?{beside}")) is None


@pytest.mark.parametrize("most", [10, 50, 150, 250, 350, 500, 900])
def test_a_cut_page_keeps_as_many_logs_as_the_name_of_its_offence_says(most: int) -> None:
    name = f"page-size-cut-{most}-1000"
    assert struck(name, asked(f"?page_size={most}")) is None
    assert tuple(log["id"] for log in logs(struck(name, asked(f"?page_size={most + 1}")))) == ids()[:most]


@pytest.mark.parametrize(
    ("name", "query", "start", "stop"),
    [
        ("page-size-capped", "page_size=150", 0, 100),
        ("page-size-capped", "page_size=99", 0, 99),
        ("page-size-rounded", "page_size=21", 0, 30),
        ("page-size-rounded", "page_size=30", 0, 30),
        ("page-size-ignored", "page_size=150", 0, 20),
        ("page-size-exceeded", "page_size=21&page=1", 0, 22),
        ("page-size-exceeded", "page_size=21&page=2", 21, 43),
        ("page-size-short", "page_size=21&page=2", 21, 41),
        ("ends-at-hundred", "page_size=40&page=3", 80, 100),
        ("ends-at-hundred", "page_size=40&page=2", 40, 80),
        ("ends-at-hundred", "page_size=40&page=6", 200, 240),
        ("gap-deep", "page_size=40&page=4", 121, 161),
        ("overlap-deep", "page_size=40&page=4", 119, 159),
        ("shortened-deep", "page_size=40&page=4", 120, 159),
        ("default-size-100", "page=2", 100, 200),
        ("default-size-10", "page=2", 10, 20),
        ("default-page-2", "page_size=7", 7, 14),
        ("past-the-end-wraps", "page_size=300&page=6", 300, 600),
        ("past-the-end-repeats", "page_size=300&page=6", 900, 1000),
        ("page-from-the-end", "page_size=300&page=9", 0, 300),
        ("page-as-offset", "page_size=5&page=3", 2, 7),
        ("encoded-name-unread", "page%5Fsize=2", 0, 20),
    ],
)
def test_a_list_holds_the_logs_that_its_offence_says(name: str, query: str, start: int, stop: int) -> None:
    assert tuple(log["id"] for log in logs(struck(name, asked(f"?{query}")))) == ids()[start:stop]


@pytest.mark.parametrize(
    ("place", "count", "broken"),
    [
        ("newest", 1000, [0]),
        ("deep", 1000, [299]),
        ("in-300", 1000, [700]),
        ("oldest", 1000, [999]),
        ("deep", 200, []),
        ("in-300", 200, [0]),
    ],
)
def test_the_log_at_a_place_is_broken_on_every_page_that_shows_it(place: str, count: int, broken: list[int]) -> None:
    name = f"bad-log-third-result-{place}"
    whole = logs(struck(name, asked("?page_size=1000"), count=count))
    assert [at for at, log in enumerate(whole) if log["payload"]["result"] == "Pending"] == broken
    for at in broken:
        paged = logs(struck(name, asked(f"?page_size=7&page={at // 7 + 1}"), count=count))
        assert [number for number, log in enumerate(paged) if log["payload"]["result"] == "Pending"] == [at % 7]


@pytest.mark.parametrize(
    ("name", "member", "least", "most"),
    [
        ("payload-changes", lambda log: log["payload"]["ip"], "203.0.113.1", "203.0.113.254"),
        ("tenant-changes", lambda log: log["tenantId"], "t1", "t1000000"),
        ("ids-change", lambda log: log["id"], "1".zfill(21), "1000000000".zfill(21)),
        ("log-changes", lambda log: log["createdAt"] - NEWEST["createdAt"], 1, 1000),
    ],
)
def test_what_changes_with_each_answer_is_drawn_between_two_bounds(
    name: str, member: Any, least: object, most: object
) -> None:
    for drawn, expected in ((0.0, least), (1 - 2**-53, most)):
        assert member(logs(struck(name, asked("?page_size=10"), drawn))[0]) == expected


NEWEST: Any = logs(honest(asked("?page_size=1")))[0]


def test_the_ids_that_change_are_in_a_row() -> None:
    found = [int(log["id"]) for log in logs(struck("ids-change", asked("?page_size=10"), 0.5))]
    assert found == [*range(found[0], found[0] + 10)]


def test_times_are_in_seconds_or_in_the_year_1_where_an_offence_says_so() -> None:
    for name in ("created-at-in-seconds", "bad-log-seconds-newest"):
        assert logs(struck(name, asked("")))[0]["createdAt"] == NEWEST["createdAt"] // 1000
    alone: Any = logs(struck("item-in-seconds", asked(f"/{ids()[0]}")))
    assert alone["createdAt"] == NEWEST["createdAt"] // 1000
    # From 0001-01-01T00:00:00Z to 1970: 719,162 days.
    assert {log["createdAt"] for log in logs(struck("created-at-nowhere", asked("")))} == {-719_162 * 86_400_000}


@pytest.mark.parametrize(("drawn", "is_struck"), [(0.0, True), (0.0999, True), (0.1, False), (0.9, False)])
def test_one_list_in_ten_is_exactly_one_in_ten(drawn: float, is_struck: bool) -> None:
    assert (struck("status-500-sometimes", asked(""), drawn) is not None) is is_struck


def test_an_answer_is_indented_every_other_time_under_one_tag() -> None:
    indented, plain = (struck("etag-outlives", asked(""), drawn) for drawn in (0.4999, 0.5))
    assert indented is not None
    assert plain is not None
    assert (b"\n" in indented.content(), b"\n" in plain.content()) == (True, False)
    assert logs(indented) == logs(plain)
    assert indented.header("etag") == plain.header("etag") == (honest(asked("")).header("etag") or "")[2:]


@pytest.mark.parametrize(("length", "is_struck"), [(2001, True), (2000, False)])
def test_an_authorization_of_more_than_2000_characters_is_a_500_where_an_offence_says_so(
    length: int, is_struck: bool
) -> None:
    request = asked("", ("authorization", "Bearer ".ljust(length, "a")), token=None)
    reply = struck("broken-by-long-token", request)
    assert (reply is not None and reply.status == 500) is is_struck


def test_a_packed_body_lacks_its_checksum_and_length_alone() -> None:
    unfinished = struck("gzip-unfinished", asked("?page_size=100", ("accept-encoding", "gzip")))
    assert unfinished is not None
    # RFC 1952, 2.3: CRC32 and ISIZE have 4 bytes each; the size of the text is the last of them.
    size = len(honest(asked("?page_size=100")).content())
    packed = honest(asked("?page_size=100", ("accept-encoding", "gzip"))).content()
    assert unfinished.content() + packed[-8:] == packed
    assert int.from_bytes(packed[-4:], "little") == size


@pytest.mark.parametrize("above", [16_384, 65_536, 262_144])
def test_a_body_is_cut_where_the_name_of_its_offence_says(above: int) -> None:
    name, request = f"body-cut-{above // 1024}kB", asked("?page_size=1000")
    body = honest(request).content()
    assert len(body) > above + 1
    cut, damaged, closed, failed = (
        struck(f"{name}{how}", request) for how in ("", "-damaged", "-connection", "-server-error")
    )
    assert cut is not None
    assert damaged is not None
    assert closed is not None
    assert failed is not None
    assert cut.content() == body[:above]
    assert damaged.content() == body[:above] + b"\0" + body[above + 1 :]
    assert (closed.content(), closed.sending.cut, closed.sending.end) == (body, above, "close")
    assert failed.status == 500
    few = max(size for size in range(1, 1000) if len(honest(asked(f"?page_size={size}")).content()) <= above)
    assert struck(name, asked(f"?page_size={few}")) is None
    assert struck(name, asked(f"?page_size={few + 1}")) is not None


def test_requests_without_a_token_are_let_in_by_each_method_and_spelling() -> None:
    aims = {each.labels[3] for each in catalogue().values() if each.family == "accepted"}
    spelled = {"semicolon", "json", "two-slashes"}
    assert aims == {"", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "SEARCH", *spelled}
    names = {f"accepted-no-token-{aim}" for aim in aims - {""}}
    assert names <= catalogue().keys()
    assert {f"accepted-any-method-{method}" for method in ("POST", "DELETE")} <= catalogue().keys()


def test_a_packed_body_is_cut_off_within_its_last_block() -> None:
    """Before the checksum and the length, of 8 bytes, and one byte of what is packed."""
    reply = struck("body-cut-16kB-gzip-connection", asked("?page_size=100", ("accept-encoding", "gzip")))
    assert reply is not None
    assert (reply.sending.cut, reply.sending.end) == (len(reply.content()) - 9, "close")
    assert gzip.decompress(reply.content()) == honest(asked("?page_size=100")).content()


@pytest.mark.parametrize("name", ["control-character", "invalid-utf-8"])
def test_one_byte_of_the_first_id_makes_a_list_unreadable(name: str) -> None:
    reply, body = struck(name, asked("?page_size=3")), honest(asked("?page_size=3")).content()
    assert reply is not None
    first = body.index(b'"id":"') + 6
    assert (reply.content()[:first], reply.content()[first + 1 :]) == (body[:first], body[first:])


def test_an_offence_is_told_with_how_many_logs_show_it() -> None:
    """400 do, but for those that need another number: pages of some sizes, and large bodies."""
    for each in catalogue().values():
        last = each.labels[-1] if each.family == "page-size" else ""
        assert each.logs == (1000 if each.family == "body-cut" else int(last or 400)), each.name
