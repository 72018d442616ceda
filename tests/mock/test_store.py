"""The store: any page of any query is what a plain list, filtered and sliced, would give."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode, encode
from mockserver.contract.profile import DOCUMENTED, profile
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row, newest_first
from mockserver.logs.source import Opening
from mockserver.logs.traffic.source import Faker
from mockserver.mock.query import Query, parse_query
from mockserver.mock.store import FILLED, MOST_ADDED, Page, Store
from tests.support.filters import by, is_wanted

BARE = {"key": "K", "payload": {"key": "K", "result": "Error"}}
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


def add(to: Store, added: dict[str, Any], log_id: str = "unused", now: float = 0) -> Any:
    """The log as the store has it once it is added."""
    return decode(to.add_all([added], lambda: log_id, now)[0])


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
    return list(decode(b"[%b]" % page.items(0, page.size)))


@given(LOGS, st.data(), QUERIES)
def test_a_page_is_the_slice_of_the_filtered_list_whatever_was_added(
    logs: list[dict[str, Any]], data: st.DataObject, query: Query
) -> None:
    """Stored and added logs alike, ties included, in windows of time, on any page of any size; twice the same."""
    stored = data.draw(st.integers(0, len(logs)), label="how many of them are stored")
    tried = store(logs[:stored])
    for each in data.draw(st.permutations(logs[stored:]), label="added"):
        add(tried, each)
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
        add(tried, each)
    pages = [tried.page(parse_query(f"page={number}&page_size={size}", DOCUMENTED), 0) for number in range(1, 25)]
    assert [each for page in pages for each in read(page)] == naive(stored + new, parse_query("", DOCUMENTED))[
        : 24 * size
    ]
    assert len({page.total for page in pages}) == 1


def shown(page: Page, size: int) -> Iterator[Any]:
    """The logs of a page, so many at a time."""
    for start in range(0, page.size, size):
        yield from decode(b"[%b]" % page.items(start, start + size))


NEW_IDS = st.text("def", min_size=1, max_size=3)


def change(tried: Store, data: st.DataObject, now: float) -> None:
    """Add a log or remove all added ones, at any time."""
    if data.draw(st.booleans(), label="clear"):
        tried.clear()
        return
    log_id = data.draw(NEW_IDS, label="id")
    if tried.find(log_id, now) is None:
        at = data.draw(st.integers(0, 6) | st.just(now * 1000), label="createdAt")
        add(tried, log(log_id, data.draw(st.sampled_from(KEYS)), at, data.draw(st.sampled_from(USERS))), now=now)


@given(LOGS, st.data(), QUERIES, st.integers(1, 4))
def test_a_page_read_in_pieces_while_logs_come_and_go_is_the_page_read_at_once(
    logs: list[dict[str, Any]], data: st.DataObject, query: Query, size: int
) -> None:
    tried = store(logs[: len(logs) // 2])
    for each in logs[len(logs) // 2 :]:
        add(tried, each)
    page = tried.page(query, 0)
    at_once, pieces = read(page), []
    for each in shown(page, size):
        pieces.append(each)
        change(tried, data, 0)
    assert pieces == at_once == read(page)


GROWING = Faker(count=20).open(Opening(1_000_000.0, growth=1.0))


@given(st.data(), st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_a_page_read_in_pieces_while_its_source_grows_is_the_page_read_at_once(
    data: st.DataObject, waits: list[float]
) -> None:
    now = 1_000_000.0
    tried = Store("default", GROWING.logs("default"))
    change(tried, data, now)
    page = tried.page(parse_query("page_size=100", DOCUMENTED), now)
    at_once, pieces = read(page), []
    for each, wait in zip(shown(page, 3), itertools.cycle(waits), strict=False):
        pieces.append(each)
        now += wait
        if data.draw(st.booleans(), label="change"):
            change(tried, data, now)
        tried.page(parse_query("", DOCUMENTED), now)
    assert pieces == at_once
    assert tried.page(parse_query("page_size=100", DOCUMENTED), now + 1000).total > page.total


MANY = st.lists(
    st.builds(
        lambda given_log, without: {name: value for name, value in given_log.items() if name not in without},
        st.builds(log, NEW_IDS, st.sampled_from(KEYS), st.integers(0, 5), st.sampled_from(USERS)),
        st.sets(st.sampled_from(FILLED)),
    )
    | st.just({"key": "no payload"})
    | st.none(),
    max_size=8,
)


def state(tried: Store) -> tuple[str, list[bytes]]:
    return tried.version(0), tried.added


@given(LOGS, MANY, st.sampled_from([1, 2, 3, 50]))
def test_logs_added_in_steps_are_those_added_at_once_and_those_added_one_by_one(
    stored: list[dict[str, Any]], logs: list[Any], size: int
) -> None:
    """The same JSON and the same state of the store, or the same error; and before the last step nothing changes."""
    names = [f"fresh-{number}" for number in range(len(logs))]
    at_once, stepped, single = store(stored), store(stored), store(stored)
    before = state(stepped)
    results: list[Any] = []
    try:
        expected = at_once.add_all(logs, iter(names).__next__, 0)
    except MockserverError as error:
        expected = str(error)  # type: ignore[assignment]  # compared with another error
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.mock.store._STEP", size)
        try:
            for step in stepped.add_in_steps(logs, iter(names).__next__, 0):
                assert 1 <= len(step) <= size
                assert state(stepped) == before
                results += step
        except MockserverError as error:
            results = str(error)  # type: ignore[assignment]  # compared with another error
    assert results == expected
    assert state(stepped) == state(at_once)
    if isinstance(expected, str):
        assert state(at_once) == before
    else:
        assert [encode(add(single, each, name)) for each, name in zip(logs, names, strict=True)] == expected
        assert single.added == at_once.added


def test_a_page_far_behind_many_added_logs_is_found_by_bisection() -> None:
    """To place an added log among those of the source costs two questions to the source; not each of them is placed."""
    source = SeededSource([Row.of(log("a", at=-1))]).logs("default")
    questions = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            questions.append(name)
            return getattr(source, name) if name != "at" else lambda now: self

    tried = Store("default", Counting())  # type: ignore[arg-type]  # answers as the source that it asks
    tried.add_all([log(f"id-{number}", at=number) for number in range(1000)], lambda: "unused", 0)
    questions.clear()
    page = tried.page(parse_query("page=50&page_size=20", DOCUMENTED), 0)
    assert [each["createdAt"] for each in read(page)] == list(range(19, -1, -1))
    assert questions.count("newer") < 100


def test_adding_no_logs_changes_nothing() -> None:
    tried = store([log("a")])
    before = state(tried)
    assert tried.add_all([], lambda: "unused", 0) == []
    assert state(tried) == before


def test_an_addition_that_is_abandoned_adds_nothing() -> None:
    tried = store([log("a")])
    before = state(tried)
    steps = tried.add_in_steps([BARE] * 120, map(str, itertools.count()).__next__, 0)
    assert [len(next(steps)) for _ in range(3)] == [50, 50, 20]
    assert state(tried) == before
    del steps
    assert state(tried) == before


def test_two_additions_at_the_same_time_are_both_kept_or_the_later_is_refused() -> None:
    tried = store([log("a")])
    slow = tried.add_in_steps([log("b"), log("c")], lambda: "unused", 0)
    next(slow)
    add(tried, log("d"))
    assert list(slow) == []
    assert {decode(each)["id"] for each in tried.added} == {"b", "c", "d"}
    late = tried.add_in_steps([log("e"), log("f")], lambda: "unused", 0)
    next(late)
    add(tried, log("f"))
    before = state(tried)
    with pytest.raises(MockserverError, match=r"^logs\[1\]\.id: found 'f', which another log has"):
        next(late)
    assert state(tried) == before


def test_an_addition_that_finds_the_room_taken_meanwhile_is_refused() -> None:
    tried, names = store([]), map(str, itertools.count())
    slow = tried.add_in_steps([BARE], names.__next__, 0)
    next(slow)
    tried.add_all([BARE] * MOST_ADDED, names.__next__, 0)
    with pytest.raises(MockserverError, match=rf"^logs: found 1 to add to {MOST_ADDED}, expected at most"):
        next(slow)


def test_suggestions_come_the_most_frequent_first_and_from_the_newest_300_logs() -> None:
    keys = ["beyond", *["d"] * 296, "a", "c", "c", "b"]
    tried = store([log(f"id-{number}", key, at=number) for number, key in enumerate(keys)])
    assert tried.suggestions(0) == {**{name: [] for name in contract().filters}, "logKey": ["d", "c", "a", "b"]}


def test_what_an_added_log_leaves_out_is_filled_in() -> None:
    tried = store([log("a", at=5.5)], "acme")
    payload = {"key": "K", "result": "Error"}
    added = add(tried, {"key": "K", "payload": payload}, "made-up", 99)
    assert list(added) == ["tenantId", "id", "key", "payload", "createdAt"]
    assert added == {"tenantId": "acme", "id": "made-up", "key": "K", "payload": payload, "createdAt": 6}
    assert set(FILLED) == added.keys() - {"key", "payload"}
    again = add(tried, {"key": "K", "payload": payload}, "another", 99)
    assert again["createdAt"] == 7
    assert [decode(each)["id"] for each in tried.added] == ["another", "made-up"]
    assert add(store([]), {"key": "K", "payload": payload}, "first", 99.9996)["createdAt"] == 99_999


@pytest.mark.parametrize("newest", [2**53, 2**64 - 1, 1e21, 1.7976931348623157e308])
def test_a_log_is_added_behind_one_of_any_moment(newest: float) -> None:
    added = add(store([log("a", at=newest)]), log("b") | {"createdAt": newest})
    assert added["createdAt"] == pytest.approx(newest)
    filled = {name: value for name, value in log("c").items() if name not in FILLED}
    assert add(store([log("a", at=newest)]), filled, "c")["createdAt"] == pytest.approx(newest)


def test_a_newest_log_that_breaks_the_contract_tells_no_moment() -> None:
    broken = dataclasses.replace(Row.of(log("a", at=9)), valid=False)
    filled = {name: value for name, value in log("c").items() if name not in FILLED}
    for rows, moment in (([broken], 7), ([broken, Row.of(log("b", at=3))], 4)):
        tried = Store("default", SeededSource(rows).logs("default"))
        assert add(tried, filled, "new", 0.007)["createdAt"] == moment


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
    add(tried, log("b"))
    before = tried.version(0), tried.added
    with pytest.raises(MockserverError, match=rf"^log\.{told}"):
        add(tried, given_log)
    assert (tried.version(0), tried.added) == before


def test_stores_with_other_added_logs_have_other_versions() -> None:
    one, same, other = store([log("a")]), store([log("a")]), store([log("a")])
    for each, added in ((one, "b"), (same, "b"), (other, "c")):
        add(each, log(added))
    assert one.version(0) == same.version(0) != other.version(0)


def test_clearing_drops_what_was_added_and_every_edit_is_another_version() -> None:
    tried = store([log("a")])
    versions = [tried.version(0)]
    add(tried, log("b"))
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
