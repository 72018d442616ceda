"""Source ``faker``: coherent traffic without end, any log of which is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from math import floor
from typing import TYPE_CHECKING

from mockserver.errors import MockserverError
from mockserver.grammar import parameter
from mockserver.jsontext import encode
from mockserver.sources import Filters, Opening
from mockserver.traffic.fresh import pool

if TYPE_CHECKING:
    from mockserver.traffic.calendar import Calendar
    from mockserver.traffic.day import Day
    from mockserver.traffic.index import Index, Positions
    from mockserver.traffic.permutation import Ids

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
        from mockserver.traffic.calendar import Calendar
        from mockserver.traffic.day import Parameters, compose

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
    """The opened source: one composed day, shared by all tenants."""

    parameters: Faker
    day: Day
    calendar: Calendar

    def logs(self, tenant: str) -> FakerLogs:
        """The logs of one tenant: its own tenantId and ids, the users and applications of all."""
        from mockserver.traffic.permutation import Ids

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
        first, end = self._ranks(self._positions(filters))
        return end - first

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """The matching logs at these positions, newest first; each is computed when the iterator reaches it."""
        positions = self._positions(filters)
        first, end = self._ranks(positions)
        chosen = range(end - 1 - max(0, start), end - 1 - min(max(0, stop), end - first), -1)
        return self._render(map(positions.select, chosen))

    def newer(self, filters: Filters, moment: float) -> int:
        """How many matching logs are later than ``moment`` (ms since 1970; infinite ones too)."""
        calendar, positions = self.traffic.calendar, self._positions(filters)
        _, end = self._ranks(positions)
        after = calendar.after(min(max(moment, EARLIEST), -EARLIEST * 10.0))
        return max(0, end - positions.rank(after))

    def find(self, log_id: str) -> bytes | None:
        """The log with this id, wherever it is, by inverting the permutation that made the id."""
        index = self.ids.number(log_id)
        if index is None or index >= self.total:
            return None
        number = index + self.traffic.calendar.shift
        return next(self._render(iter([divmod(number, len(self.traffic.day.offsets))])))

    def at(self, now: float) -> FakerLogs:
        """These logs and those that have grown at the head by ``now`` (s since 1970)."""
        grown = self.traffic.calendar.grown(floor(now * 1000))
        return replace(self, total=self.traffic.parameters.count + grown)

    def _positions(self, filters: Filters) -> Positions:
        index = _index(self.traffic.day, filters.prefixes)
        return index[filters.userId, filters.applicationId, filters.logKey]

    def _ranks(self, positions: Positions) -> tuple[int, int]:
        shift = self.traffic.calendar.shift
        return positions.rank(shift), positions.rank(shift + self.total)

    def _render(self, places: Iterator[tuple[int, int]]) -> Iterator[bytes]:
        """The JSON of the logs at these days and places."""
        day, moment, log_id, shift = (
            self.traffic.day,
            self.traffic.calendar.moment,
            self.ids.id,
            self.traffic.calendar.shift,
        )
        templates, visits, length, tenant, key = day.templates, day.visits, len(day.offsets), self.tenant, day.key
        for date, place in places:
            number = date * length + place
            fresh = pool(key, date, visits[place], log_id(number - shift), tenant)
            yield templates[place].render(fresh, moment(number))


@lru_cache(maxsize=8)
def _index(day: Day, prefixes: tuple[str, ...] | None) -> Index:
    """The day's index of the logs that are listed under these prefixes."""
    from mockserver.traffic.index import Index

    listed = prefixes is None or all(traits.logKey.startswith(prefixes) for traits in day.traits)
    return day.index if listed else Index(day.traits, prefixes)
