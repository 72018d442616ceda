"""Source ``faker``: coherent traffic without end, any log of which is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from math import floor
from typing import TYPE_CHECKING

from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.grammar import parameter
from mockserver.contract.jsontext import encode
from mockserver.logs.source import Opening

if TYPE_CHECKING:
    from mockserver.logs.traffic.calendar import Calendar
    from mockserver.logs.traffic.day import Day
    from mockserver.logs.traffic.ids import Ids
    from mockserver.logs.traffic.index import Index, Positions
    from mockserver.logs.traffic.runs import LogRun, LogRuns

MOST_LOGS = 10**12  # at a log a ms they reach back 32 years: every time is a date, and no two are equal
MOST_GROWTH = 1000  # logs a second: one a ms
EARLIEST = -62_135_596_800_000  # ms: 0001-01-01, where the dates of most languages begin


@dataclass(frozen=True, slots=True)
class Faker:
    """Coherent traffic without end: visits of recurring users made from Faker's values, computed when asked for."""

    count: int = parameter(1000, help="how many logs there are when the server starts", at_least=0, at_most=MOST_LOGS)
    seed: int = parameter(0, help="equal seeds give equal logs", at_least=0, at_most=2**63 - 1)
    users: int = parameter(100, help="how many users return", at_least=1, at_most=1000)
    applications: int = parameter(8, help="how many applications they use", at_least=1, at_most=100)
    error_rate: float = parameter(0.1, help="the share of logs whose result is Error", at_least=0, at_most=1)

    def open(self, opening: Opening) -> Traffic:
        """Compose the day (about 0.2 s); raises MockserverError where growth or the moment leave no room."""
        from mockserver.logs.traffic.calendar import Calendar
        from mockserver.logs.traffic.day import Parameters, compose

        if opening.growth > MOST_GROWTH:
            raise MockserverError(
                "growth", f"{opening.growth:g} logs a second", f"at most {MOST_GROWTH}, one a millisecond"
            )
        day = compose(Parameters(self.seed, self.users, self.applications, self.error_rate))
        calendar = Calendar.of(day.offsets, self.count, floor(opening.now * 1000), opening.growth)
        if calendar.start < EARLIEST:
            raise MockserverError(
                "now", f"{opening.now:g} s since 1970", "a moment that leaves room for the logs before it"
            )
        return Traffic(self, day, calendar)


@dataclass(frozen=True, slots=True)
class Traffic:
    """The opened source: one composed day, shared by all tenants, and the runs of logs that it repeats into."""

    parameters: Faker
    day: Day
    calendar: Calendar
    runs: LogRuns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the runs, whose memory all tenants share."""
        from mockserver.logs.traffic.runs import LogRuns

        object.__setattr__(self, "runs", LogRuns(self.day, self.calendar, self.parameters.seed))

    def logs(self, tenant: str) -> FakerLogs:
        """The logs of one tenant: its own tenantId and ids, the users and applications of all."""
        from mockserver.logs.traffic.ids import Ids

        basis = f"{self.parameters}/{self.calendar.now}/{self.calendar.growth}/{tenant}".encode()
        digest = blake2b(basis, digest_size=8).hexdigest()
        return FakerLogs(
            self, encode(tenant)[1:-1], Ids.of(self.parameters.seed, tenant), digest, self.parameters.count
        )


@dataclass(frozen=True, slots=True)
class FakerLogs:
    """The logs of one tenant as a view of ``total`` logs; numbers run from the oldest's, ``calendar.shift``."""

    traffic: Traffic
    tenant: bytes
    ids: Ids
    digest: str
    total: int

    def version(self) -> str:
        """Changes with the parameters, the tenant, the moment and the number of logs."""
        return f"{self.digest}-{self.total}"

    def count(self, filters: Filters) -> int:
        """How many logs match, in time that depends on neither the set nor the filter."""
        first, end = self._bounds(self._positions(filters))
        return end - first

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """The matching logs at these positions, newest first, some computed at a time."""
        for run in self._between(filters, start, stop):
            pieces = run.pieces(self.tenant, self.ids)
            for at in range(0, len(pieces), 3):
                yield b"".join(pieces[at : at + 3])

    def pieces(self, filters: Filters, start: int, stop: int) -> list[bytes]:
        """The same with commas between, no log put together before all are."""
        pieces: list[bytes] = []
        for run in self._between(filters, start, stop):
            pieces += run.pieces(self.tenant, self.ids, b",")
        pieces[:1] = [piece[1:] for piece in pieces[:1]]
        return pieces

    def newer(self, filters: Filters, moment: float) -> int:
        """How many matching logs are later than ``moment`` (ms since 1970; infinite ones too)."""
        calendar, positions = self.traffic.calendar, self._positions(filters)
        _, end = self._bounds(positions)
        after = calendar.after(min(max(moment, EARLIEST), -EARLIEST * 10.0))
        return max(0, end - positions.rank(after))

    def find(self, log_id: str) -> bytes | None:
        """The log with this id, wherever it is, by inverting the permutation that made the id."""
        index = self.ids.number(log_id)
        if index is None or index >= self.total:
            return None
        everything, number = self._positions(EVERYTHING), index + self.traffic.calendar.shift
        return b"".join(self.traffic.runs.compose(everything, number, number + 1).pieces(self.tenant, self.ids))

    def at(self, now: float) -> FakerLogs:
        """These logs and those that have grown at the head by ``now`` (s since 1970)."""
        calendar = self.traffic.calendar
        if not calendar.grows:
            return self
        total = self.traffic.parameters.count + calendar.grown(floor(now * 1000))
        return self if total == self.total else replace(self, total=total)

    def _positions(self, filters: Filters) -> Positions:
        return _index(self.traffic.day, filters.prefixes)[filters.values]

    def _bounds(self, positions: Positions) -> tuple[int, int]:
        return self.traffic.runs.bounds(positions, self.total)

    def _between(self, filters: Filters, start: int, stop: int) -> Iterator[LogRun]:
        """The matching logs at these positions, newest first, in runs."""
        positions = self._positions(filters)
        first, end = self._bounds(positions)
        return self.traffic.runs.walk(positions, max(first, end - max(0, stop)), end - max(0, start))


@lru_cache(maxsize=8)
def _index(day: Day, prefixes: tuple[str, ...] | None) -> Index:
    """The day's index of the logs that are listed under these prefixes."""
    from mockserver.logs.traffic.index import Index

    listed = prefixes is None or all(traits.key.startswith(prefixes) for traits in day.traits)
    return day.index if listed else Index(day.traits, prefixes)
