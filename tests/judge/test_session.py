"""Bracketing: laws of how a window of a listing changes while logs are added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.judge.copies import divided, shift, states, unstable
from tests.support.samples import some_logs

LISTINGS = st.lists(st.integers(0, 40).map(str), unique=True, max_size=12)


@st.composite
def grown(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A window's size, and what it showed as logs came in front, one by one."""
    size = draw(st.integers(1, 12))
    old = [f"old{number}" for number in range(draw(st.integers(0, 20)))]
    seen = [old[:size]]
    # One log must stay in sight, or nobody could tell growth from another listing.
    for number in range(draw(st.integers(0, size - 1 if old else size))):
        old = [f"new{number}", *old]
        seen.append(old[:size])
    return seen[0], seen


@given(grown())
def test_every_state_between_is_among_the_states(case: tuple[list[str], list[list[str]]]) -> None:
    before, seen = case
    between = list(states(before, seen[-1]))
    for state in seen:
        assert state in between


@given(grown())
def test_growth_in_front_is_counted_and_is_not_unstable(case: tuple[list[str], list[list[str]]]) -> None:
    before, seen = case
    assert shift(before, seen[-1]) == len(seen) - 1
    assert not unstable(seen)


@given(LISTINGS, LISTINGS)
def test_growth_at_the_end_gives_every_length_between(before: list[str], more: list[str]) -> None:
    after = before + [f"x{log}" for log in more]
    assert after in states(before, after)
    assert before in states(before, after)


@given(LISTINGS.filter(lambda listing: len(listing) > 1))
def test_another_order_is_no_growth(listing: list[str]) -> None:
    turned = listing[::-1]
    assert shift(listing, turned) is None
    assert not list(states(listing, turned))
    assert unstable([listing, turned])


def test_fewer_logs_than_before_are_no_growth() -> None:
    assert shift(["a", "b"], ["a"]) is None


def test_a_wholly_new_window_is_no_growth_that_anyone_could_tell() -> None:
    assert shift(["a", "b"], ["c", "d"]) is None


def test_logs_that_left_and_came_back_are_unstable() -> None:
    assert unstable([["a", "b", "c"], ["a", "c"], ["a", "b", "c"]])
    assert not unstable([["a", "b"], ["c", "a"], ["d", "c"]])
    assert not unstable([])


@given(st.integers(0, 60), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_two_looks_at_one_list_are_never_divided(lag: int, first: int, second: int, oldest_first: bool) -> None:
    """However far one copy is behind, and however many logs each look shows."""
    logs = some_logs(100)
    left, right = logs[:first], logs[lag : lag + second]
    if oldest_first:
        left, right = left[::-1], right[::-1]
    assert not divided(left, right)


@given(st.integers(8, 60), st.booleans())
def test_the_halves_of_a_list_are_divided_and_a_part_of_them_is_not(count: int, oldest_first: bool) -> None:
    logs = some_logs(count)[:: -1 if oldest_first else 1]
    assert divided(logs[::2], logs[1::2])
    assert divided(logs[1::2], logs[::2])
    assert not divided(logs[::2], logs)
    assert not divided(logs[::2], [*logs[1::2], logs[0]])
    # New ids, or other times, are other breaks.
    assert not divided(logs, [{**log, "id": f"new-{log['id']}"} for log in logs])
    assert not divided(logs, [{**log, "createdAt": log["createdAt"] + 1} for log in logs])


def test_lists_that_no_time_orders_and_few_logs_among_others_are_not_divided() -> None:
    logs = some_logs(8)
    assert divided(logs[::2], logs[1::2])
    assert not divided(logs[:7:2], logs[1:7:2])
    assert not divided([logs[4], logs[0], logs[6], logs[2]], logs[1::2])
    assert not divided(logs[::2], [{**log, "createdAt": "now"} for log in logs[1::2]])
    assert not divided([], logs)
