"""An index: where in a day the logs stand that match a filter; rank and select over endless days are arithmetic."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from mockserver.contract.filters import Pairs


class Traits(NamedTuple):
    """What filters ask of a log: its key, and each filter that finds a value in it, in documented order."""

    key: str
    pairs: Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """The places (ascending, from 0) of the matching logs in a day of ``length`` logs, repeated for ever.

    A *number* counts all logs from the first day's first; a *rank* counts only the matching ones.
    """

    places: Sequence[int]
    length: int

    def rank(self, number: int) -> int:
        """How many matching logs have a smaller number."""
        day, place = divmod(number, self.length)
        return day * len(self.places) + bisect_left(self.places, place)

    def numbers(self, first: int, end: int) -> list[int]:
        """The numbers of the matching logs of the ranks from ``first`` to ``end``, excluded; there must be a match."""
        some, found = len(self.places), []
        while first < end:
            day, place = divmod(first, some)
            places = self.places[place : place + end - first]
            before = day * self.length
            found += [before + place for place in places]
            first += len(places)
        return found


class Index:
    """The positions of every combination of filters that finds a log in a day; of any other, none."""

    __slots__ = ("_found", "_length", "_nowhere")

    def __init__(self, day: Sequence[Traits], prefixes: tuple[str, ...] | None = None) -> None:
        """Index ``day``; with ``prefixes`` as if it held only logs whose key begins with one of them."""
        found: dict[Pairs, list[int]] = {}
        for place, traits in _listed(day, prefixes):
            for count in range(len(traits.pairs) + 1):
                for combination in combinations(traits.pairs, count):
                    found.setdefault(combination, []).append(place)
        self._length = len(day)
        self._found = {combination: Positions(places, len(day)) for combination, places in found.items()}
        self._nowhere = Positions((), len(day))

    def __getitem__(self, wanted: Pairs) -> Positions:
        """The positions of the logs that have all these pairs, which are in documented order."""
        return self._found.get(wanted, self._nowhere)


def _listed(day: Sequence[Traits], prefixes: tuple[str, ...] | None) -> Iterable[tuple[int, Traits]]:
    return ((place, traits) for place, traits in enumerate(day) if prefixes is None or traits.key.startswith(prefixes))
