"""The store: any page of any query is what a plain list, filtered and sliced, would give."""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.contract.profile import DOCUMENTED, profile
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row, newest_first
from mockserver.mock.query import Query, parse_query
from mockserver.mock.store import FILLED, MOST_ADDED, Page, Store
from tests.support.filters import by, is_wanted

KEYS = ("Unknown", "Interaction.Create", "TriggerHook.PostSignIn")
USERS = ("", "alice", "bob", None)


def log(
    log_id: str, key: str = "Unknown", at: float = 1, user: str | None = None, app: str | None = None
) -> dict[str, Any]:
    payload = {"key": key, "result": "Success", "userId": user, "applicationId": app}
    kept = {name: value for name, value in payload.items() if value is not None}
    return {"tenantId": "default", "id": log_id, "key": key, "payload": kept, "createdAt": at}


def store(logs: list[dict[str, Any]], tenant: str = "default") -> Store:
    return Store(tenant, SeededSource(newest_first(Row.of(each) for each in logs)).logs(tenant))


LOGS = st.lists(
    st.builds(
        log,
        st.text("abc", min_size=1, max_size=3),
        st.sampled_from(KEYS),
        st.integers(0, 5) | st.sampled_from([2.5, -1.5, 2**53 + 2]),
        st.sampled_from(USERS),
        st.sampled_from(USERS),
    ),
    unique_by=lambda each: each["id"],
    max_size=12,
)
MOMENTS = st.none() | st.integers(-2, 6).map(float) | st.just(2.5)
QUERIES = st.builds(
    lambda filters, size, page, start, end: Query(filters, (page - 1) * size, size, page, (), start, end),
    st.builds(
        by,
        st.sampled_from([None, ("Interaction", "Unknown")]),
        userId=st.sampled_from([None, "alice", "carol"]),
        applicationId=st.sampled_from([None, "bob"]),
        logKey=st.sampled_from([None, "Unknown", "Inter"]),
    ),
    st.integers(1, 15),
    st.integers(1, 4),
    MOMENTS,
    MOMENTS,
)


def naive(logs: list[dict[str, Any]], query: Query) -> list[dict[str, Any]]:
    """Every log that the query asks for, on all pages."""
    kept = [
        each
        for each in logs
        if is_wanted(each, query.filters)
        and (query.start is None or each["createdAt"] >= query.start)
        and (query.end is None or each["createdAt"] < query.end + 1)
    ]
    return sorted(kept, key=lambda each: (-each["createdAt"], each["id"]))


def read(page: Page) -> list[Any]:
    return list(decode(b"[%b]" % b"".join(page.pieces(0, page.size))))


@given(LOGS, st.data(), QUERIES)
def test_a_page_is_the_slice_of_the_filtered_list_whatever_was_added(
    logs: list[dict[str, Any]], data: st.DataObject, query: Query
) -> None:
    """Stored and added logs alike, ties included, in windows of time, on any page of any size; twice the same."""
    stored = data.draw(st.integers(0, len(logs)), label="how many of them are stored")
    tried = store(logs[:stored])
    for each in data.draw(st.permutations(logs[stored:]), label="added"):
        tried.add(each, "unused", 0)
    page = tried.page(query, 0)
    expected = naive(logs, query)
    assert page.total == len(expected)
    assert read(page) == expected[query.offset : query.offset + query.limit] == read(page)
    assert page.size == len(read(page))
    assert tried.count() == len(logs)
    assert all(tried.find(each["id"], 0) is not None for each in logs)
    assert tried.find("d", 0) is None


@given(LOGS, LOGS, st.integers(1, 9))
def test_the_pages_one_after_another_are_the_whole(
    stored: list[dict[str, Any]], added: list[dict[str, Any]], size: int
) -> None:
    tried = store(stored)
    new = [each for each in added if each["id"] not in {other["id"] for other in stored}]
    for each in new:
        tried.add(each, "unused", 0)
    pages = [tried.page(parse_query(f"page={number}&page_size={size}", DOCUMENTED), 0) for number in range(1, 25)]
    assert [each for page in pages for each in read(page)] == naive(stored + new, parse_query("", DOCUMENTED))[
        : 24 * size
    ]
    assert len({page.total for page in pages}) == 1


def test_what_an_added_log_leaves_out_is_filled_in() -> None:
    tried = store([log("a", at=5.5)], "acme")
    payload = {"key": "K", "result": "Error"}
    added = json.loads(tried.add({"key": "K", "payload": payload}, "made-up", 99))
    assert list(added) == ["tenantId", "id", "key", "payload", "createdAt"]
    assert added == {"tenantId": "acme", "id": "made-up", "key": "K", "payload": payload, "createdAt": 6}
    assert set(FILLED) == added.keys() - {"key", "payload"}
    again = json.loads(tried.add({"key": "K", "payload": payload}, "another", 99))
    assert again["createdAt"] == 7
    assert [json.loads(each)["id"] for each in tried.added] == ["another", "made-up"]
    assert json.loads(store([]).add({"key": "K", "payload": payload}, "first", 99.9996))["createdAt"] == 99_999


@pytest.mark.parametrize("newest", [2**53, 2**64 - 1, 1e21, 1.7976931348623157e308])
def test_a_log_is_added_behind_one_of_any_moment(newest: float) -> None:
    added = json.loads(store([log("a", at=newest)]).add(log("b") | {"createdAt": newest}, "x", 0))
    assert added["createdAt"] == pytest.approx(newest)
    filled = {name: value for name, value in log("c").items() if name not in FILLED}
    assert json.loads(store([log("a", at=newest)]).add(filled, "c", 0))["createdAt"] == pytest.approx(newest)


def test_a_newest_log_that_breaks_the_contract_tells_no_moment() -> None:
    broken = dataclasses.replace(Row.of(log("a", at=9)), valid=False)
    filled = {name: value for name, value in log("c").items() if name not in FILLED}
    for rows, moment in (([broken], 7), ([broken, Row.of(log("b", at=3))], 4)):
        tried = Store("default", SeededSource(rows).logs("default"))
        assert json.loads(tried.add(filled, "new", 0.007))["createdAt"] == moment


@pytest.mark.parametrize(
    ("given_log", "told"),
    [
        (log("x", key="k") | {"payload": {"key": "k"}}, "payload.result: found nothing, expected a string"),
        (log("x") | {"id": 5}, "id: found 5, expected a string"),
        (log("x") | {"createdAt": "now"}, "createdAt: found 'now', expected a number"),
        (log("x") | {"tenantId": "acme"}, "tenantId: found 'acme', expected 'default'; leave it out"),
        (log("a"), "id: found 'a', which another log has, expected an id of its own"),
        (log("b"), "id: found 'b', which another log has, expected an id of its own"),
    ],
)
def test_a_log_that_cannot_stand_beside_the_others_is_refused_and_nothing_changes(
    given_log: dict[str, Any], told: str
) -> None:
    tried = store([log("a")])
    tried.add(log("b"), "x", 0)
    before = tried.version(0), tried.added
    with pytest.raises(MockserverError, match=f"^{told}"):
        tried.add(given_log, "x", 0)
    assert (tried.version(0), tried.added) == before


def test_stores_with_other_added_logs_have_other_versions() -> None:
    one, same, other = store([log("a")]), store([log("a")]), store([log("a")])
    for each, added in ((one, "b"), (same, "b"), (other, "c")):
        each.add(log(added), "x", 0)
    assert one.version(0) == same.version(0) != other.version(0)


def test_clearing_drops_what_was_added_and_every_edit_is_another_version() -> None:
    tried = store([log("a")])
    versions = [tried.version(0)]
    tried.add(log("b"), "x", 0)
    versions.append(tried.version(0))
    tried.clear()
    versions.append(tried.version(0))
    assert len(set(versions)) == 3
    assert (tried.count(), tried.added, tried.find("b", 0)) == (1, [], None)


@pytest.mark.parametrize(
    ("matching", "text", "total", "capped"),
    [
        (10_000, "enableCap=true", 10_000, False),
        (10_001, "enableCap=true", 10_001, True),
        (10_050, "enableCap=true", 10_001, True),
        (10_050, "enableCap=false", 10_050, False),
        (10_050, "enableCap=true&start_time=50", 10_000, False),
        (10_050, "enableCap=true&page=503&page_size=20", 10_001, True),
    ],
)
def test_a_bounded_count_stops_one_above_the_bound(matching: int, text: str, total: int, capped: bool) -> None:
    template = Row.of(log("x"))
    rows = [dataclasses.replace(template, created_at=at, id=str(at)) for at in reversed(range(matching))]
    page = Store("default", SeededSource(rows).logs("default")).page(parse_query(text, profile("observed-1.42")), 0)
    assert (page.total, page.capped) == (total, capped)
    assert page.size == (10 if "page=503" in text else 20)


BARE = {"key": "K", "payload": {"key": "K", "result": "Error"}}


def test_a_list_with_one_bad_log_leaves_no_trace_of_the_good_ones() -> None:
    tried, ids = store([log("a")]), iter("bcdef")
    with pytest.raises(MockserverError, match=r"^logs\[1\].id"):
        tried.add_all([BARE, log("a")], lambda: next(ids), 0)
    assert (tried.added, tried.find("b", 0)) == ([], None)
    tried.add_all([log("b")], lambda: next(ids), 0)
    assert len(tried.added) == 1


def test_a_store_takes_so_many_added_logs_and_no_more() -> None:
    tried, numbers = store([]), itertools.count()
    with pytest.raises(MockserverError, match=rf"^logs: found {MOST_ADDED + 1} to add to 0, expected at most"):
        tried.add_all([None] * (MOST_ADDED + 1), lambda: pytest.fail("nothing is begun"), 0)
    tried.add_all([BARE] * (MOST_ADDED - 1), lambda: str(next(numbers)), 0)
    tried.add_all([BARE], lambda: str(next(numbers)), 0)
    with pytest.raises(MockserverError, match="clear the added ones"):
        tried.add_all([BARE], lambda: str(next(numbers)), 0)
    tried.clear()
    assert tried.find("0", 0) is None
    tried.add_all([BARE], lambda: str(next(numbers)), 0)
