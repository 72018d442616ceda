"""The calendar: when log number n happened. Days of traffic end at ``now``; later logs come at a steady pace."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import floor

DAY = 86_400_000  # ms
TEN_YEARS = 3_652 * DAY
HASTE = 1_500  # ms: how much earlier than on another day a log can happen, since people are not punctual
_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: Fibonacci hashing (Knuth, volume 3, 6.4)


class Calendar:
    """Times of ``count`` logs up to ``now`` (ms since 1970) and of those that come later; whole ms, strictly ascending.

    ``offsets`` are the strictly ascending times of a day's logs (ms since the day began); ``growth`` is how many logs
    come a second from then on (0 to 1,000).

    A log's *number* is its index plus ``shift``, so that the number modulo the day's length is its place in the day.
    Number 0 happened at ``start`` at the earliest. A set that would take more than ten years has shorter days, down to
    a log a ms: 10^11 logs take ten years, 10^12 take 32.
    """

    def __init__(self, offsets: Sequence[int], count: int, now: int, growth: float) -> None:
        self.count, self.now, self.growth = count, now, growth
        self._length = length = len(offsets)
        self._period = period = max(length, min(DAY, TEN_YEARS * length // max(1, count)))
        # The latest moment of each place in a period, and how many moments it can choose from.
        self._offsets = array(
            "q", (place + (at - place) * (period - length) // (DAY - length) for place, at in enumerate(offsets))
        )
        self._leeways = [min(HASTE, at - before) for before, at in pairwise((-1, *self._offsets))]
        today, moment = divmod(now, period)
        numbered = bisect_left(self._offsets, moment)
        days = -(-(count - numbered) // length) if count > numbered else 0
        self.shift = days * length + numbered - count
        self.start = (today - days) * period
        # Logs a ms as a ratio of whole numbers: rounding cannot make two views differ.
        numerator, denominator = growth.as_integer_ratio()
        self._growth = numerator, denominator * 1000

    def grown(self, now: int) -> int:
        """Return how many logs have come between the set's own now and ``now`` (ms)."""
        numerator, denominator = self._growth
        return max(0, (now - self.now) * numerator // denominator)

    def moment(self, number: int) -> int:
        """Return when log ``number`` happened (ms since 1970)."""
        later = number - self.shift - self.count
        if later < 0:
            day, place = divmod(number, self._length)
            haste = (number * _GOLDEN >> 44) % self._leeways[place]
            return self.start + day * self._period + self._offsets[place] - haste
        numerator, denominator = self._growth
        return self.now - (-(later + 1) * denominator // numerator)

    def after(self, moment: float) -> int:
        """Return the number of the first log later than ``moment`` (ms), which may be still to come."""
        end = self.shift + self.count
        if moment >= self.now:
            return end + self.grown(floor(moment))
        if moment < self.start:
            return self.shift
        day, within = divmod(floor(moment) - self.start, self._period)
        number = max(self.shift, day * self._length + bisect_right(self._offsets, within))
        return min(end, number + (number < end and self.moment(number) <= moment))
