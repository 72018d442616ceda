"""The index: which places of the day match a filter, and so which of all logs do.

*Problem.* ``total`` and page 5,000 of a filter must be answered at once, although the set may have 10^12 logs.

*Idea.* The day repeats, and so do its matches. For every combination of filter values that occurs in a log of the day,
the index lists the matching **places** (0 to the day's length). A log's **number** counts all logs, its **rank** counts
only the matching ones, both from the first day's first log. *Rank* and *select*, the two questions of succinct data
structures (Jacobson 1989), are then a division and a look into one day:

- ``rank(number)``: whole days before it times matches a day, plus the matches before its place (a binary search);
- ``numbers(first, end)``: the log of rank *r* is match ``r % matches`` of day ``r // matches``.

*Invariants.* ``rank`` of the i-th of ``numbers`` is its rank again. A combination that no log has is not listed and has
no match. A log has few filter values (three in the document), so a day has at most eight lists for each log.

*Example.* Places 2 and 5 of a day of 10 logs match: log 25 has rank 5, since logs 2, 5, 12, 15 and 22 come before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from mockserver.contract.filters import Pairs


class Traits(NamedTuple):
    """What filters compare in a log: its key, and each filter that finds a value in it, in documented order."""

    key: str
    pairs: Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """The places (ascending, from 0) of the matching logs in a day of ``length`` logs, which repeats without end."""

    places: Sequence[int]
    length: int

    def rank(self, number: int) -> int:
        """Return how many matching logs have a smaller number."""
        day, place = divmod(number, self.length)
        return day * len(self.places) + bisect_left(self.places, place)

    def numbers(self, first: int, end: int) -> list[int]:
        """Return the numbers of the matching logs with the ranks from ``first`` to ``end`` (excluded).

        There must be a match.
        """
        matches = len(self.places) or 1  # no match, no numbers
        days = [(day, day * matches) for day in range(first // matches, -(-end // matches))]
        return [day * self.length + place for day, at in days for place in self.places[max(0, first - at) : end - at]]


class Index:
    """The positions of every combination of filters that occurs in a log of a day."""

    def __init__(self, day: Sequence[Traits], prefixes: tuple[str, ...] | None = None) -> None:
        """Index a day; with ``prefixes`` only its logs whose key begins with one of them."""
        places: dict[Pairs, list[int]] = {}
        for place, traits in enumerate(day):
            if prefixes is None or traits.key.startswith(prefixes):
                for count in range(len(traits.pairs) + 1):
                    for pairs in combinations(traits.pairs, count):
                        places.setdefault(pairs, []).append(place)
        self._positions = {pairs: Positions(matches, len(day)) for pairs, matches in places.items()}
        self._nowhere = Positions((), len(day))

    def __getitem__(self, pairs: Pairs) -> Positions:
        """Return the positions of the logs that have all these pairs, which are in documented order."""
        return self._positions.get(pairs, self._nowhere)
