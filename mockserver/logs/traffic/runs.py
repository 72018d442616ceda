"""LogRuns: some logs of endless days that follow one another, as much of them as all tenants share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from mockserver.logs.traffic.calendar import Calendar
from mockserver.logs.traffic.day import Day
from mockserver.logs.traffic.fresh import front, pool
from mockserver.logs.traffic.ids import Ids
from mockserver.logs.traffic.index import Positions

_LONGEST = 32  # logs at a time: a page of the default size, not much more memory than one log
_PAGE = 256  # logs that one request may want remembered; who asks for more streams them, and will not ask again
_KEPT = 128  # runs remembered: at 1 kB a log 4 MB at most
_ANYBODY = "\ue001".encode()  # stands for the tenant; from a private area, so in no text of Faker's


class LogRun(NamedTuple):
    """Logs, newest first: their ids in a row, before any tenant's spelling; of each its JSON from behind the id on; and
    the places of those whose JSON names the tenant once more."""

    ids: bytes
    rests: list[bytes]
    naming: list[int]

    def pieces(self, tenant: bytes, ids: Ids, before: bytes = b"") -> list[bytes]:
        """Of each log, as that tenant's, three pieces of its JSON; ``before`` comes before each."""
        pieces = [before + front(tenant)] * (3 * len(self.rests))
        pieces[1::3] = ids.spelled(self.ids)
        pieces[2::3] = self.rests
        for place in self.naming:
            pieces[3 * place + 2] = self.rests[place].replace(_ANYBODY, tenant)
        return pieces


class LogRuns:
    """Composes the runs of a day that repeats through a calendar, and remembers those asked for lately.

    ``compose`` makes the logs with the ranks from ``oldest`` to ``newest`` (excluded) of some positions, ``bounds``
    tells the rank of the first of so many logs and the one behind the last. Equal seeds give equal ids.
    """

    def __init__(self, day: Day, calendar: Calendar, seed: int) -> None:
        self.compose = partial(_compose, day, calendar, Ids.of(seed, ""))
        self.bounds = lru_cache(_KEPT)(partial(_bounds, calendar.shift))
        self._lately = lru_cache(_KEPT)(self.compose)

    def walk(self, positions: Positions, oldest: int, newest: int) -> Iterator[LogRun]:
        """The logs of the ranks from ``oldest`` to ``newest``, excluded, in runs, newest first."""
        make = self._lately if newest - oldest <= _PAGE else self.compose
        for rank in range(newest, oldest, -_LONGEST):
            yield make(positions, max(oldest, rank - _LONGEST), rank)


def _compose(day: Day, calendar: Calendar, ids: Ids, positions: Positions, oldest: int, newest: int) -> LogRun:
    numbers = positions.numbers(oldest, newest)[::-1]
    rests: list[bytes] = []
    naming: list[int] = []
    for number in numbers:
        date, place = divmod(number, len(day.offsets))
        template = day.templates[place]
        fresh = pool(day.key, date, day.visits[place], _ANYBODY)
        if template.names_tenant:
            naming.append(len(rests))
        rests.append(template.render(fresh, calendar.moment(number)))
    return LogRun(ids.common([number - calendar.shift for number in numbers]), rests, naming)


def _bounds(shift: int, positions: Positions, total: int) -> tuple[int, int]:
    return positions.rank(shift), positions.rank(shift + total)
