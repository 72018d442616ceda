"""Source ``faker``: coherent traffic without end, any log of which is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from math import floor
from typing import TYPE_CHECKING

from mockserver.errors import MockserverError
from mockserver.grammar import parameter
from mockserver.jsontext import encode
from mockserver.sources import Filters, Opening
from mockserver.traffic.fresh import log, pool

if TYPE_CHECKING:
    from mockserver.traffic.calendar import Calendar
    from mockserver.traffic.day import Day
    from mockserver.traffic.index import Index, Positions
    from mockserver.traffic.permutation import Ids

MOST_LOGS = 10**12  # at a log a ms they reach back 32 years: every time is a date, and no two are equal
MOST_GROWTH = 1000  # logs a second: one a ms
EARLIEST = -62_135_596_800_000  # ms: 0001-01-01, where the dates of most languages begin


_TOGETHER = 32  # logs rendered at a time: a page of the default size, not much more memory than one log
_PAGE = 256  # logs that one request may want kept; who asks for more streams them, and will not ask again
_KEPT = 2048  # logs kept, about 1 kB each


# Of a log, for all tenants: its id before their spelling, its JSON from behind the id on, whether that names a tenant.
Parts = tuple[bytes, bytes, bool]
_ANYBODY = "\ue001".encode()  # stands for the tenant; from a private area, so in no text of Faker's


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
    """The opened source: one composed day, shared by all tenants, and what the logs asked for lately are made of."""

    parameters: Faker
    day: Day
    calendar: Calendar
    _kept: dict[int, Parts] = field(default_factory=dict, init=False, repr=False, compare=False)

    def parts(self, numbers: list[int], ids: Ids, keep: bool) -> list[Parts]:
        """What the logs of these numbers are made of, from memory where they were asked for lately."""
        found = self._kept
        missing = [number for number in numbers if number not in found]
        if missing:
            made = dict(zip(missing, self._compose(missing, ids), strict=True))
            if not keep:
                return [made.get(number) or found[number] for number in numbers]
            if len(found) >= _KEPT:
                made |= {number: found[number] for number in numbers if number in found}
                found.clear()
            found |= made
        return [found[number] for number in numbers]

    def _compose(self, numbers: list[int], ids: Ids) -> Iterator[Parts]:
        day = self.day
        common = ids.common([number - self.calendar.shift for number in numbers])
        for number, log_id in zip(numbers, common, strict=True):
            date, place = divmod(number, len(day.offsets))
            template = day.templates[place]
            fresh = pool(day.key, date, day.visits[place], _ANYBODY)
            yield log_id, template.render(fresh, self.calendar.moment(number)), template.names_tenant

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
        return self._render(positions, chosen)

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
        return self._some([index + self.traffic.calendar.shift], True)[0]

    def at(self, now: float) -> FakerLogs:
        """These logs and those that have grown at the head by ``now`` (s since 1970)."""
        total = self.traffic.parameters.count + self.traffic.calendar.grown(floor(now * 1000))
        return self if total == self.total else replace(self, total=total)

    def _positions(self, filters: Filters) -> Positions:
        index = _index(self.traffic.day, filters.prefixes)
        return index[filters.userId, filters.applicationId, filters.logKey]

    def _ranks(self, positions: Positions) -> tuple[int, int]:
        shift = self.traffic.calendar.shift
        return positions.rank(shift), positions.rank(shift + self.total)

    def _render(self, positions: Positions, ranks: range) -> Iterator[bytes]:
        """The JSON of the matching logs of these ranks, some at a time."""
        is_page = len(ranks) <= _PAGE
        for at in range(0, len(ranks), _TOGETHER):
            yield from self._some(positions.numbers(ranks[at : at + _TOGETHER]), is_page)

    def _some(self, numbers: list[int], keep: bool) -> list[bytes]:
        tenant, spelling = self.tenant, self.ids.spelling
        return [
            log(tenant, common.translate(spelling), rest.replace(_ANYBODY, tenant) if names_tenant else rest)
            for common, rest, names_tenant in self.traffic.parts(numbers, self.ids, keep)
        ]


@lru_cache(maxsize=8)
def _index(day: Day, prefixes: tuple[str, ...] | None) -> Index:
    """The day's index of the logs that are listed under these prefixes."""
    from mockserver.traffic.index import Index

    listed = prefixes is None or all(traits.logKey.startswith(prefixes) for traits in day.traits)
    return day.index if listed else Index(day.traits, prefixes)
