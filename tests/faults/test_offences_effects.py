"""What offences of paging and filtering do to a page, log by log, and which requests they leave honest."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from mockserver.contract.jsontext import decode
from mockserver.faults.fault import Case, Chance
from mockserver.faults.offences import filters, find_offence
from mockserver.faults.offences.filters import value_of
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.support.cases import ALL, NOW, asked, changed, ids, logs, values


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("page-size-exceeded", "page_size=5&page=2", ALL[5:11]),
        ("page-size-short", "page_size=5&page=2", ALL[5:9]),
        ("page-size-ignored", "page_size=5", ALL[:20]),
        ("page-size-rounded", "page_size=5", ALL[:10]),
        ("default-size-10", "page=2", ALL[10:20]),
        ("default-page-2", "page_size=5", ALL[5:10]),
        ("page-ignored", "page_size=5&page=3", ALL[:5]),
        ("page-from-zero", "page_size=5&page=1", ALL[5:10]),
        ("page-as-offset", "page_size=5&page=3", ALL[2:7]),
        ("page-from-the-end", "page_size=60&page=1", ALL[60:]),
        ("page-from-the-end", "page_size=60&page=2", ALL[:60]),
        ("past-the-end-repeats", "page_size=60&page=9", ALL[60:]),
        ("past-the-end-wraps", "page_size=60&page=3", ALL[:60]),
        ("overlap", "page_size=5&page=2", ALL[4:9]),
        ("gap", "page_size=5&page=3", ALL[11:16]),
        ("duplicate-log", "page_size=3", (*ALL[:2], ALL[0])),
        ("last-log-lost", "page_size=1000", ALL[:-1]),
        ("order-by-size", "page_size=3", ALL[2::-1]),
    ],
)
def test_an_offence_of_paging_does_what_it_says(name: str, query: str, expected: tuple[str, ...]) -> None:
    assert tuple(ids(changed(name, asked(f"?{query}")))) == expected


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("overlap", "page_size=5"), ("gap", "page_size=5&page=1"), ("page-2-empty", "page=1"),
        ("bad-log-page-2", "page=3"), ("past-the-end-repeats", "page_size=5"),
        ("filter-ignored-userId", "logKey=a"), ("filters-or", "userId=a"),
        ("default-size-10", "page_size=3"), ("bad-log-filter-logKey", "userId=a"), ("refused-1-page", "page=2"),
    ],
)  # fmt: skip
def test_an_offence_leaves_other_requests_honest(name: str, query: str) -> None:
    assert changed(name, asked(f"?{query}")) is None


def test_inexact_filters_match_more_logs_and_their_pages_are_cut_right() -> None:
    key = max(values("logKey"), key=len)
    prefix = key[:12]
    matching = [str(log["id"]) for log in logs() if str(log["key"]).startswith(prefix)]
    assert len(matching) > 3
    found = ids(changed("filter-prefix-logKey", asked(f"?logKey={prefix}&page_size=2&page=2")))
    assert found == matching[2:4]
    like = ids(changed("filter-wildcard-logKey", asked(f"?logKey={quote(prefix[:-1] + '_%')}&page_size=100")))
    assert like == matching


def test_unstable_order_gives_the_same_logs_in_another_order_each_time() -> None:
    first, second = (ids(changed("unstable-order", asked(""), k)) for k in (1, 2))
    assert first != second
    assert sorted(first) == sorted(second) == sorted(ALL[:20])


def test_inexact_filters_see_only_the_newest_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.faults.offences.filters._MOST_LOGS", 20)
    monkeypatch.setattr("mockserver.faults.offences.filters._PAGE_SIZE", 10)
    monkeypatch.setattr("mockserver.faults.offences.filters._newest_logs", {})
    keys = [str(log["key"]) for log in logs()[:20]]
    found = ids(changed("filter-substring-logKey", asked("?logKey=.&page_size=100")))
    assert len(found) == sum("." in key for key in keys)


def test_inexact_filters_see_an_added_log() -> None:
    mock = Mock(Setup(Seeded().open(Opening(0.0)), Settings()))

    def found() -> list[str]:
        case = Case(asked("?logKey=Added.&page_size=100"), NOW, lambda each: mock.respond(each, NOW), Chance(0, "", 1))
        return ids(find_offence("filter-prefix-logKey").change(case))

    assert found() == found() == []
    mock.tenants.get("default").add_logs(
        [{"key": "Added.One", "payload": {"key": "a", "result": "Error"}, "id": "x"}], NOW
    )
    assert found() == ["x"]


def test_inexact_filters_see_as_many_logs_when_pages_are_small() -> None:
    """The observed profile refuses a page of more than 100; the curated logs are listed by prefix there."""
    mock = Mock(Setup(Seeded().open(Opening(0.0)), Settings(profile="observed")))
    request = asked("?logKey=.&page_size=100")
    case = Case(request, NOW, lambda each: mock.respond(each, NOW), Chance(0, "", 1))
    listed = case.ask(asked("?page_size=100"))
    expected = [log["id"] for log in decode(listed.content()) if "." in log["key"]]
    assert ids(find_offence("filter-substring-logKey").change(case)) == expected


def has(**wanted: str) -> list[str]:
    return [str(log["id"]) for log in logs() if all(value_of(log, name) == text for name, text in wanted.items())]


# A user and a key that some logs have alone, and some together; pages of 4 do not hold them all.
USER, KEY = next(
    (user, key)
    for user in values("userId")
    for key in values("logKey")
    if 0 < len(has(userId=user, logKey=key)) < len(has(userId=user))
    and min(len(has(userId=user)), len(has(logKey=key))) > 5
)
BOTH = f"userId={USER}&logKey={KEY}&page_size=4"
EITHER = [each for each in ALL if each in has(userId=USER) or each in has(logKey=KEY)]


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("filters-first-only", BOTH, has(userId=USER)[:4]),
        ("filters-first-only", f"{BOTH}&page=2", has(userId=USER)[4:8]),
        ("filters-second-after-paging", BOTH, [e for e in has(userId=USER)[:4] if e in has(logKey=KEY)]),
        ("filters-or", BOTH, EITHER[:4]),
        ("filters-or", f"{BOTH}&page=2", EITHER[4:8]),
        ("filter-after-paging", f"logKey={KEY}&page_size=50", [each for each in ALL[:50] if each in has(logKey=KEY)]),
        ("filter-first-page-only", f"logKey={KEY}&page=2&page_size=4", ALL[4:8]),
        ("filter-loses-logKey", f"logKey={KEY}&page_size=100", has(logKey=KEY)[:-1]),
        ("filter-inverted-logKey", f"{BOTH}", [each for each in has(userId=USER) if each not in has(logKey=KEY)][:4]),
        ("filter-ignored-logKey", BOTH, has(userId=USER)[:4]),
        ("filter-empty-userId", "userId=&page_size=4&page=2", has(userId="")[4:8]),
        ("operator-obeyed", f"logKey[$ne]={KEY}&page_size=5", [e for e in ALL if e not in has(logKey=KEY)][:5]),
        ("unknown-parameter-filters", "foo=bar", []),
    ],
)  # fmt: skip
def test_an_offence_of_filters_finds_the_logs_that_its_sentence_says(
    name: str, query: str, expected: list[str]
) -> None:
    assert ids(changed(name, asked(f"?{query}"))) == list(expected)


def inexact(mock: Mock, key: str) -> list[str]:
    case = Case(
        asked(f"?logKey={key}&page_size=100"), NOW, lambda request: mock.respond(request, NOW), Chance(0, "", 1)
    )
    return ids(find_offence("filter-prefix-logKey").change(case))


def test_inexact_filters_of_two_mocks_see_the_logs_of_their_own_mock() -> None:
    """What one offence keeps of the newest logs is used only for the same logs, however requests take turns."""
    opened = [
        Mock(Setup(Seeded().open(Opening(0.0)), Settings(profile=profile))) for profile in ("documented", "observed")
    ]
    log = {"key": "Added.One", "payload": {"key": "a", "result": "Error"}}
    for number, mock in enumerate(opened):
        mock.tenants.get("default").add_logs([{**log, "id": f"mock-{number}"}], NOW)
    assert [inexact(mock, "Added.") for mock in opened * 2] == [["mock-0"], [], ["mock-0"], []]


def test_logs_without_an_entity_tag_are_not_kept() -> None:
    def untagged(mock: Mock) -> list[str]:
        request = asked("?logKey=Added.&page_size=100")
        case = Case(request, NOW, lambda r: mock.respond(r, NOW).with_header("ETag", None), Chance(0, "", 1))
        return ids(find_offence("filter-prefix-logKey").change(case))

    first, second = (Mock(Setup(Seeded().open(Opening(0.0)), Settings())) for _ in range(2))
    first.tenants.get("default").add_logs(
        [{"key": "Added.One", "payload": {"key": "a", "result": "Error"}, "id": "x"}], NOW
    )
    assert [untagged(first), untagged(second)] == [["x"], []]


def test_a_constant_tag_stands_for_every_query() -> None:
    held = changed("constant-etag", asked("?page=2", ("if-none-match", '"constant"')))
    assert held is not None
    assert held.status == 304
    other = changed("constant-etag", asked("?page=3"))
    assert other is not None
    assert other.header("etag") == '"constant"'


VALUES = (
    "",
    "Ab-12",
    "ab-12",
    "Ab-123",
    "xAb-12",
    "0042",
    "42",
    "a b",
    "a",
    "a%25",
    "a%",
    "é-1",
    "-1",
    "x" * 30,
    "[1]*?",
)
FOUND: dict[str, dict[str, tuple[str, ...]]] = {
    "ignored": {"nothing": VALUES},
    "inverted": {"Ab-12": tuple(value for value in VALUES if value != "Ab-12")},
    "absent": {"null": ("",), "Ab-12": ("Ab-12",)},
    "injected": {"x' OR '1'='1": VALUES, "Ab-12": ("Ab-12",)},
    "elsewhere": {"Ab-12": ("Ab-12",), "nothing": (), "another-value": VALUES, "its-id": VALUES, "its-session": VALUES},
    "prefix": {"Ab-12": ("Ab-12", "Ab-123")},
    "substring": {"Ab-12": ("Ab-12", "Ab-123", "xAb-12")},
    "any-case": {"aB-12": ("Ab-12", "ab-12")},
    "any-accent": {"e-1": ("é-1",), "é-1": ("é-1",), "e\u0301-1": ("é-1",), "E-1": ()},
    "trimmed": {" Ab-12 ": ("Ab-12",), "a b": ("a b",)},
    "wildcard": {"Ab%": ("Ab-12", "Ab-123"), "Ab_12": ("Ab-12",), "Ab-12": ("Ab-12",), "[1]*_": ("[1]*?",), "*": ()},
    "starred": {"Ab*": ("Ab-12", "Ab-123"), "Ab*3": ("Ab-123",), "Ab?12": (), "Ab-12": ("Ab-12",)},
    "listed": {"Ab-12,42": ("Ab-12", "42"), "a": ("a",)},
    "numeric": {"42": ("0042", "42"), "42.0": ("0042", "42"), "a": ("a",)},
    "decoded-twice": {"a%25": ("a%",), "a": ("a",)},
    "plus-lost": {"a+b": ("a b",), "a b": ("a b",)},
    "ampersand-lost": {"a&b": ("a",), "a": ("a",)},
    "comma-lost": {"a,b": ("a",), "a": ("a",)},
    "accents-lost": {"é-1": ("-1",), "-1": ("-1",)},
    "blank-lost": {"a ": ("a",), " a": ()},
    "zero-lost": {"0042": ("42",), "42": ("42",)},
    "upper-lost": {"Ab-12": ("ab-12",)},
    "tail-lost": {"x" * 31: ("x" * 30,), "x" * 30: ("x" * 30,)},
}


@pytest.mark.parametrize("way", filters._WAYS)
def test_a_filter_that_matches_in_its_own_way_finds_these_values(way: str) -> None:
    log = {"id": "its-id", "key": "another-value", "payload": {"sessionId": "its-session"}}
    for wanted, expected in FOUND[way].items():
        assert tuple(value for value in VALUES if filters._WAYS[way](value, wanted, log)) == expected, wanted
