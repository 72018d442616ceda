"""Source ``faker``: believable traffic without end; every log is computed when a request asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from math import floor
from pathlib import Path

from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.grammar import parameter, values_of
from mockserver.contract.jsontext import encode
from mockserver.logs.source import Opening
from mockserver.logs.traffic.calendar import Calendar
from mockserver.logs.traffic.day import Day, compose
from mockserver.logs.traffic.ids import Ids
from mockserver.logs.traffic.index import Index, Positions
from mockserver.logs.traffic.roster import MOST_APPLICATIONS, MOST_USERS, NOBODY, read_roster
from mockserver.logs.traffic.runs import LogRun, LogRuns

MOST_LOGS = 10**12  # at a log a ms they reach back 32 years: every time is a date, and no two are equal
MOST_GROWTH = 1000  # logs a second: one a ms
EARLIEST = -62_135_596_800_000  # ms: 0001-01-01, where the dates of most languages begin


@dataclass(frozen=True, slots=True)
class Faker:
    """Coherent traffic without end: visits of recurring users made from Faker's values, computed when asked for."""

    count: int = parameter(1000, help="how many logs there are when the server starts", at_least=0, at_most=MOST_LOGS)
    seed: int = parameter(0, help="equal seeds give equal logs", at_least=0, at_most=2**63 - 1)
    users: int = parameter(100, help="how many users return", at_least=1, at_most=MOST_USERS)
    applications: int = parameter(8, help="how many applications they use", at_least=1, at_most=MOST_APPLICATIONS)
    error_rate: float = parameter(0.1, help="the share of logs whose result is Error", at_least=0, at_most=1)

    people: str = parameter("", help="JSON with users, applications or both, to take instead of made-up ones")

    @property
    def file(self) -> str:
        """The file with the users and applications; empty when all are made up."""
        return self.people

    def open(self, opening: Opening) -> Traffic:
        """Compose the day (about 0.2 s). Raises MockserverError when the growth or the moment leaves no room for logs
        a whole millisecond apart, or when ``people`` is no such file."""
        if opening.growth > MOST_GROWTH:
            expected = f"at most {MOST_GROWTH}, one a millisecond"
            raise MockserverError("growth", f"{opening.growth:g} logs a second", expected)
        roster = read_roster(Path(self.people)) if self.people else NOBODY
        for name in roster.named & values_of(self).keys():
            found = f"{name}={getattr(self, name)} beside the {name} of {self.people}"
            raise MockserverError(f"faker: {name}", found, "one of the two", f"leave out {name}=")
        day = compose(self.seed, self.users, self.applications, self.error_rate, roster)
        calendar = Calendar(day.offsets, self.count, floor(opening.now * 1000), opening.growth)
        if calendar.start < EARLIEST:
            expected = "a moment that leaves room for the logs before it"
            raise MockserverError("now", f"{opening.now:.15g} s since 1970", expected)
        return Traffic(self, day, calendar)


class Traffic:
    """The opened source: one composed day and the runs of logs that it repeats into, shared by all tenants."""

    def __init__(self, parameters: Faker, day: Day, calendar: Calendar) -> None:
        self.parameters = parameters
        self.day = day
        self.calendar = calendar
        self.runs = LogRuns(day, calendar, parameters.seed)
        # A page asks twice, for its total and for its logs, and pages of one filter follow each other.
        self.matches = lru_cache(64)(self._matches)

    def logs(self, tenant: str) -> FakerLogs:
        """Return the logs of one tenant: its own tenantId and ids, but the users and applications of all."""
        basis = f"{self.parameters}/{self.calendar.now}/{self.calendar.growth}/{tenant}".encode()
        digest = blake2b(basis + self.day.key, digest_size=8).hexdigest()
        ids = Ids(self.parameters.seed, tenant)
        return FakerLogs(self, encode(tenant)[1:-1], ids, digest, self.parameters.count)

    def _matches(self, filters: Filters, total: int) -> tuple[Positions, int, int]:
        """Return where the matching ones of ``total`` logs are: the rank of the oldest, and that behind the newest."""
        positions = _index(self.day, filters.prefixes)[filters.values]
        shift = self.calendar.shift
        return positions, positions.rank(shift), positions.rank(shift + total)


@dataclass(frozen=True, slots=True)
class FakerLogs:
    """The newest logs of one tenant, ``total`` of them; the oldest has the number ``calendar.shift``."""

    traffic: Traffic
    tenant: bytes
    ids: Ids
    digest: str
    total: int

    def version(self) -> str:
        """Return a text that changes with the parameters, the tenant, the moment and the number of logs."""
        return f"{self.digest}-{self.total}"

    def count(self, filters: Filters) -> int:
        """Return how many logs match, in a time that depends on neither the set nor the filter."""
        _, oldest, newest = self.traffic.matches(filters, self.total)
        return newest - oldest

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """Yield the matching logs from ``start`` to ``stop`` (excluded), newest first; some are computed at a time."""
        for run in self._runs(filters, start, stop):
            yield from run.logs(self.tenant, self.ids)

    def text(self, filters: Filters, start: int, stop: int) -> bytes:
        """Return what ``slice`` yields, with commas between."""
        return b",".join([run.text(self.tenant, self.ids) for run in self._runs(filters, start, stop)])

    def newer(self, filters: Filters, moment: float) -> int:
        """Return how many matching logs are later than ``moment`` (ms since 1970, may be infinite)."""
        positions, _, newest = self.traffic.matches(filters, self.total)
        after = self.traffic.calendar.after(min(max(moment, EARLIEST), -EARLIEST * 10.0))
        return max(0, newest - positions.rank(after))

    def find(self, log_id: str) -> bytes | None:
        """Return the log with this id, or None; the time does not depend on where it is."""
        index = self.ids.number(log_id)
        if index is None or index >= self.total:
            return None
        number = index + self.traffic.calendar.shift
        positions, _, _ = self.traffic.matches(EVERYTHING, self.total)
        run = self.traffic.runs.compose(positions, number, number + 1)
        return next(run.logs(self.tenant, self.ids))

    def at(self, now: float) -> FakerLogs:
        """Return these logs and the newer ones that have come by ``now`` (s since 1970)."""
        if not self.traffic.calendar.growth:
            return self
        total = self.traffic.parameters.count + self.traffic.calendar.grown(floor(now * 1000))
        return self if total == self.total else replace(self, total=total)

    def _runs(self, filters: Filters, start: int, stop: int) -> Iterator[LogRun]:
        positions, oldest, newest = self.traffic.matches(filters, self.total)
        return self.traffic.runs.walk(positions, max(oldest, newest - max(0, stop)), newest - max(0, start))


@lru_cache(maxsize=8)
def _index(day: Day, prefixes: tuple[str, ...] | None) -> Index:
    """Return the index of the day's logs whose key begins with one of the prefixes; None keeps all logs."""
    unfiltered = prefixes is None or all(log.traits.key.startswith(prefixes) for log in day.logs)
    return day.index if unfiltered else Index([log.traits for log in day.logs], prefixes)
