"""The calendar: when log number n happened. Days of traffic end at ``now``; what comes later comes at a steady pace."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor

DAY = 86_400_000  # ms
TEN_YEARS = 3_652 * DAY
HASTE = 1_500  # ms: how much earlier than on another day a log can happen; people are no clocks
_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: Fibonacci hashing (Knuth, volume 3, 6.4)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Times of ``count`` logs up to ``now`` and of those that grow beyond; whole ms since 1970, strictly ascending.

    A log's *number* is its index plus ``shift``, so that number modulo the day's length is its place in the composed
    day. ``offsets`` are the places' latest times within one ``period``, ``leeways`` how many moments each has up to
    then, ``start`` is when number 0 would have happened at earliest. ``growth`` is logs a ms as a ratio of two whole
    numbers, so that no rounding can make two views disagree.
    """

    offsets: Sequence[int]
    leeways: Sequence[int]
    count: int
    now: int
    period: int
    start: int
    shift: int
    growth: tuple[int, int]

    @classmethod
    def of(cls, offsets: Sequence[int], count: int, now: int, growth: float) -> Calendar:
        """The calendar of ``count`` logs before ``now`` (ms) that grows by ``growth`` logs a second (0 to 1,000).

        ``offsets`` are strictly ascending ms within a day. A set larger than ten years of such days is told in
        shorter days, down to a log a ms: 10^11 logs take ten years, 10^12 take 32.
        """
        length = len(offsets)
        period = max(length, min(DAY, TEN_YEARS * length // max(1, count)))
        squeezed = array(
            "q", (place + (at - place) * (period - length) // (DAY - length) for place, at in enumerate(offsets))
        )
        leeways = [min(HASTE, at - before) for before, at in pairwise((-1, *squeezed))]
        today, moment = divmod(now, period)
        numbered = bisect_left(squeezed, moment)
        days = -(-(count - numbered) // length) if count > numbered else 0
        shift = days * length + numbered - count
        numerator, denominator = growth.as_integer_ratio()
        return cls(
            squeezed, leeways, count, now, period, (today - days) * period, shift, (numerator, denominator * 1000)
        )

    def grown(self, now: int) -> int:
        """How many logs have grown by ``now`` (ms); none before the set's own now."""
        numerator, denominator = self.growth
        return max(0, (now - self.now) * numerator // denominator)

    def moment(self, number: int) -> int:
        """When log ``number`` happened."""
        later = number - self.shift - self.count
        if later < 0:
            day, place = divmod(number, len(self.offsets))
            haste = (number * _GOLDEN >> 44) % self.leeways[place]
            return self.start + day * self.period + self.offsets[place] - haste
        numerator, denominator = self.growth
        return self.now - (-(later + 1) * denominator // numerator)

    def after(self, moment: float) -> int:
        """The number of the first log later than ``moment`` (ms), grown or still to grow."""
        end = self.shift + self.count
        if moment >= self.now:
            return end + self.grown(floor(moment))
        if moment < self.start:
            return self.shift
        day, within = divmod(floor(moment) - self.start, self.period)
        number = max(self.shift, day * len(self.offsets) + bisect_right(self.offsets, within))
        return min(end, number + (number < end and self.moment(number) <= moment))
