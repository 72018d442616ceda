"""Adding logs to a store: all of them or none, with what they leave out filled in."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row
from mockserver.mock.store import FILLED, MOST_ADDED, MOST_ADDED_BYTES, Store
from tests.support.stores import KEYS, LOGS, NEW_IDS, USERS, add, log, state, store

BARE = {"key": "K", "payload": {"key": "K", "result": "Error"}}


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


@given(LOGS, MANY, st.sampled_from([1, 2, 3, 50]))
def test_logs_added_in_steps_are_those_added_at_once_and_those_added_one_by_one(
    stored: list[dict[str, Any]], logs: list[Any], size: int
) -> None:
    """The same JSON and the same state of the store, or the same error; and before the last step nothing changes.

    One by one, a later log of the same moment comes first, since it is newer.
    """
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
        assert sorted(single.added) == sorted(at_once.added)


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


def test_what_an_added_log_leaves_out_is_filled_in() -> None:
    tried = store([log("a", at=5.5)], "acme")
    payload = {"key": "K", "result": "Error"}
    added = add(tried, {"key": "K", "payload": payload}, "made-up", 99)
    assert list(added) == ["tenantId", "id", "key", "payload", "createdAt"]
    assert added == {"tenantId": "acme", "id": "made-up", "key": "K", "payload": payload, "createdAt": 6}
    assert set(FILLED) == added.keys() - {"key", "payload"} | {"payload.key", "payload.result"}
    assert add(tried, {"key": "K"}, "bare", 99)["payload"] == {"key": "K", "result": "Success"}
    again = add(tried, {"key": "K", "payload": payload}, "another", 99)
    assert again["createdAt"] == 8
    assert [decode(each)["id"] for each in tried.added] == ["another", "bare", "made-up"]
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
        (log("x") | {"payload": {"result": None}}, "payload.result: found null, expected a string"),
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


def test_a_store_takes_so_many_bytes_of_added_logs_and_no_more() -> None:
    tried, numbers = store([]), itertools.count()
    large = {
        "key": "Unknown",
        "payload": {"key": "Unknown", "result": "Success", "note": "x" * (MOST_ADDED_BYTES // 4)},
    }
    tried.add_all([large] * 3, lambda: str(next(numbers)), 0)
    with pytest.raises(MockserverError, match=rf"expected at most {MOST_ADDED_BYTES} bytes of added logs; clear the"):
        tried.add_all([large], lambda: str(next(numbers)), 0)
    assert len(tried.added) == 3
    tried.clear()
    tried.add_all([large], lambda: str(next(numbers)), 0)


@pytest.mark.parametrize(("before", "together"), [(0, 1), (0, 3), (2, 1), (1, 2)])
def test_added_logs_may_have_exactly_so_many_bytes(before: int, together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether they come alone, together or one after the other; their JSON counts, without id and tenant."""
    tried, numbers = store([]), itertools.count()

    def add_some(count: int) -> None:
        tried.add_all([BARE] * count, lambda: str(next(numbers)), 0)

    size = len(Row.of({**BARE, "tenantId": "default", "id": "0", "createdAt": 1}).tail)
    add_some(before)
    monkeypatch.setattr("mockserver.mock.store.MOST_ADDED_BYTES", size * (before + together) - 1)
    with pytest.raises(MockserverError, match="bytes of added logs"):
        add_some(together)
    monkeypatch.setattr("mockserver.mock.store.MOST_ADDED_BYTES", size * (before + together))
    add_some(together)
    assert len(tried.added) == before + together
