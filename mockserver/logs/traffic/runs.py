"""Runs: some consecutive logs of endless days, composed together and remembered for all tenants."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from mockserver.logs.traffic.calendar import Calendar
from mockserver.logs.traffic.day import Day
from mockserver.logs.traffic.fresh import pool
from mockserver.logs.traffic.ids import Ids
from mockserver.logs.traffic.index import Positions

_LONGEST = 32  # logs in one run: a page of the default size; more would need more memory at a time
_PAGE = 256  # a request for more logs streams them once, so its runs are not remembered
_KEPT = 128  # runs remembered: at 1 kB a log, 4 MB at most
_ANYBODY = b"\xff"  # stands for the tenant; no UTF-8 text holds this byte, and one byte is searched ten times as fast
_FRONT = b'{"tenantId":"%b","id":"'


class LogRun(NamedTuple):
    """Logs, newest first: of each the places of its id's letters, and its JSON from behind its id on."""

    places: bytes
    tails: list[bytes]

    def logs(self, tenant: bytes, ids: Ids) -> Iterator[bytes]:
        """Yield the JSON of each log for one tenant."""
        for log_id, tail in zip(ids.texts(self.places), self.tails, strict=True):
            yield _FRONT % tenant + log_id + tail.replace(_ANYBODY, tenant)

    def text(self, tenant: bytes, ids: Ids) -> bytes:
        """Return the JSON of all logs for one tenant, with commas between, in a third of the time of ``logs``."""
        parts = [b"," + _FRONT % tenant] * (3 * len(self.tails))
        parts[0], parts[1::3], parts[2::3] = parts[0][1:], ids.texts(self.places), self.tails
        return b"".join(parts).replace(_ANYBODY, tenant)


class LogRuns:
    """The runs of a day that repeats through a calendar.

    Composing 20 logs takes about half of the request for a page; a remembered run costs a third of that. Tenants
    share the memory, so that the first page of a new tenant is cheap in a test suite with one tenant for each test.
    """

    def __init__(self, day: Day, calendar: Calendar, seed: int) -> None:
        self._ids = Ids(seed, "")  # any tenant's: they share the places
        self._day = day
        self._calendar = calendar
        self._remembered = lru_cache(_KEPT)(self.compose)

    def walk(self, positions: Positions, oldest: int, newest: int) -> Iterator[LogRun]:
        """Yield the logs with the ranks from ``oldest`` to ``newest`` (excluded) in runs, newest first."""
        compose = self._remembered if newest - oldest <= _PAGE else self.compose
        for rank in range(newest, oldest, -_LONGEST):
            yield compose(positions, max(oldest, rank - _LONGEST), rank)

    def compose(self, positions: Positions, oldest: int, newest: int) -> LogRun:
        """Return the logs with the ranks from ``oldest`` to ``newest`` (excluded) as one run."""
        day, calendar = self._day, self._calendar
        # Visits overlap: a page shows several logs of each.
        pools: dict[tuple[int, int], bytes] = {}
        numbers = positions.numbers(oldest, newest)[::-1]
        tails = []
        for number in numbers:
            date, place = divmod(number, len(day.logs))
            log = day.logs[place]
            if (fresh := pools.get((date, log.visit))) is None:
                fresh = pools[date, log.visit] = pool(day.key, date, log.visit, _ANYBODY)
            tails.append(log.template.render(fresh, calendar.moment(number)))
        return LogRun(self._ids.places([number - calendar.shift for number in numbers]), tails)
