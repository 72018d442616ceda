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
from mockserver.contract.jsontext import decode
from mockserver.contract.profile import DOCUMENTED, profile
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row
from mockserver.logs.source import Opening
from mockserver.logs.traffic.source import Faker
from mockserver.mock.query import Query, parse_query
from mockserver.mock.store import Page, Store
from tests.support.filters import by, is_wanted
from tests.support.stores import KEYS, LOGS, NEW_IDS, USERS, add, log, store

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
    """Every log that the query asks for, on all pages; ``logs`` of one moment are given as they are to be listed."""
    kept = [
        each
        for each in logs
        if is_wanted(each, query.filters)
        and (query.start is None or each["createdAt"] >= query.start)
        and (query.end is None or each["createdAt"] < query.end + 1)
    ]
    return sorted(kept, key=lambda each: -each["createdAt"])


def read(page: Page) -> list[Any]:
    return list(decode(b"[%b]" % page.items(0, page.size)))


@given(LOGS, st.data(), QUERIES)
def test_a_page_is_the_slice_of_the_filtered_list_whatever_was_added(
    logs: list[dict[str, Any]], data: st.DataObject, query: Query
) -> None:
    """Stored and added logs alike, ties included, in windows of time, on any page of any size; twice the same."""
    stored = data.draw(st.integers(0, len(logs)), label="how many of them are stored")
    tried = store(logs[:stored])
    added = data.draw(st.permutations(logs[stored:]), label="added")
    together = data.draw(st.integers(0, len(added)), label="how many of them are added together, after the others")
    for each in added[together:]:
        add(tried, each)
    tried.add_all(added[:together], lambda: "unused", 0)
    page = tried.page(query, 0)
    expected = naive([*added[:together], *reversed(added[together:]), *logs[:stored]], query)
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
    assert [each for page in pages for each in read(page)] == naive(
        [*reversed(new), *stored], parse_query("", DOCUMENTED)
    )[: 24 * size]
    assert len({page.total for page in pages}) == 1


def shown(page: Page, size: int) -> Iterator[Any]:
    """The logs of a page, so many at a time."""
    for start in range(0, page.size, size):
        yield from decode(b"[%b]" % page.items(start, start + size))


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


def test_a_page_far_behind_many_added_logs_is_found_by_bisection() -> None:
    """To place an added log among those of the source costs a question to the source; not each of them is placed."""
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
    assert questions.count("newer") < 50


def test_suggestions_come_the_most_frequent_first_and_from_the_newest_300_logs() -> None:
    keys = ["beyond", *["d"] * 296, "a", "c", "c", "b"]
    tried = store([log(f"id-{number}", key, at=number) for number, key in enumerate(keys)])
    assert tried.suggestions(0) == {**{name: [] for name in contract().filters}, "logKey": ["d", "c", "a", "b"]}


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
