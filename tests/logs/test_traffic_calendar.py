"""The calendar: each log has its own moment, and the logs after a moment are found."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.logs.traffic.calendar import DAY, HASTE, TEN_YEARS, Calendar

NOW = 1_795_392_000_000  # 2026-11-23T00:00:00Z
OFFSETS = st.sets(st.integers(0, DAY - 1), min_size=1, max_size=30).map(sorted)
COUNTS = st.integers(0, 100) | st.integers(0, 10**12)
GROWTHS = st.sampled_from([0.0, 0.1, 1 / 3, 1.0, 5.0, 999.9, 1000.0])


@given(OFFSETS, COUNTS, st.integers(NOW, NOW + DAY), GROWTHS, st.data())
def test_moments_ascend_strictly_and_end_before_now(
    offsets: list[int], count: int, now: int, growth: float, data: st.DataObject
) -> None:
    calendar = Calendar(offsets, count, now, growth)
    last = count + (50 if growth else 0)
    start = data.draw(st.integers(0, max(0, last - 50)))
    moments = [calendar.moment(calendar.shift + index) for index in range(start, min(last, start + 50))]
    assert all(earlier < later for earlier, later in itertools.pairwise(moments))
    assert all((moment < now) == (start + at < count) for at, moment in enumerate(moments))
    assert datetime.fromtimestamp(calendar.start / 1000, UTC).year >= 1990


@given(OFFSETS, COUNTS, GROWTHS, st.integers(-3, 3), st.data())
def test_after_finds_the_first_later_log(
    offsets: list[int], count: int, growth: float, near: int, data: st.DataObject
) -> None:
    calendar = Calendar(offsets, count, NOW, growth)
    number = calendar.shift + data.draw(st.integers(0, count + (20 if growth else 0)))
    moment = float(NOW) if number >= calendar.shift + count and not growth else calendar.moment(number) + near / 2
    after = calendar.after(moment)
    assert calendar.shift <= after
    if growth or after < calendar.shift + count:
        assert calendar.moment(after) > moment
    assert after == calendar.shift or calendar.moment(after - 1) <= moment


@given(GROWTHS, st.integers(0, 10**8))
def test_a_log_that_has_come_since_is_not_in_the_future(growth: float, elapsed: int) -> None:
    calendar = Calendar([5, 6], 3, NOW, growth)
    grown = calendar.grown(NOW + elapsed)
    assert abs(grown - elapsed * growth / 1000) <= 1
    if grown:
        assert NOW < calendar.moment(calendar.shift + 3 + grown - 1) <= NOW + elapsed


def test_nothing_grows_before_now() -> None:
    assert Calendar([5], 3, NOW, 5.0).grown(NOW - 10**9) == 0


@pytest.mark.parametrize(("count", "years"), [(10**3, 10), (10**9, 10), (10**11, 10), (10**12, 32)])
def test_a_set_spans_no_more_years_than_necessary(count: int, years: int) -> None:
    offsets = range(0, DAY, 30_000)
    calendar = Calendar(offsets, count, NOW, 0.0)
    assert NOW - calendar.start <= max(TEN_YEARS, count) + 2 * DAY
    assert NOW - calendar.start <= years * 366 * DAY


def test_a_small_set_keeps_the_hours_of_the_day() -> None:
    """The newest log before noon is the last that the composed day has before noon, give or take a little haste."""
    offsets = [hour * 3_600_000 for hour in range(24)]
    calendar = Calendar(offsets, 100, NOW + DAY // 2, 0.0)
    assert 0 <= NOW + 11 * 3_600_000 - calendar.moment(calendar.shift + 99) < HASTE


def test_no_day_equals_another_to_the_millisecond() -> None:
    calendar = Calendar([3_600_000, 7_200_000], 40, NOW, 0.0)
    assert len({calendar.moment(number) % DAY for number in range(calendar.shift, calendar.shift + 40)}) > 30
