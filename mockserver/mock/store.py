"""Stores and pages: one tenant's logs, those of its source and those added since, answering queries."""

from __future__ import annotations

import hashlib
import math
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.contract.document import Problem, contract
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.jsontext import decode
from mockserver.http.link import Place
from mockserver.logs.row import Row
from mockserver.logs.source import TenantLogs
from mockserver.mock.query import Query

# What a caller of ``add`` may leave out: the store fills these in.
FILLED = ("tenantId", "id", "createdAt")
# More added logs than this would make every answer slow; a file holds any number.
MOST_ADDED = 10_000


class Page(NamedTuple):
    """One page: ``total`` matching logs on all pages together, whether that is only a lower bound, and how many are
    here."""

    total: int
    capped: bool
    size: int
    store: Store
    query: Query
    view: TenantLogs
    first: int

    @property
    def place(self) -> Place:
        """Where it is among the pages; of a count that was capped, nobody knows the last."""
        last = None if self.capped else max(1, -(-self.total // self.query.limit))
        return Place(self.query.page, last, self.query.parameters)

    def pieces(self, start: int, stop: int) -> list[bytes]:
        """The JSON of its logs from ``start`` to ``stop`` (excluded), some hundreds at most, as the pieces of one text:
        with commas between."""
        first = self.first
        return self.store.pieces(self.view, self.query.filters, first + start, first + min(stop, self.size))


class Store:
    """One tenant's logs. ``add`` puts a log among those of the source; nothing else changes them but time."""

    def __init__(self, tenant: str, source: TenantLogs) -> None:
        self.tenant = tenant
        self._source = source
        self._added: list[Row] = []
        self._by_id: dict[str, Row] = {}
        self._edits = b""

    def version(self, now: float) -> str:
        """A text that changes whenever any answer could, and that no store of other logs has: a client may keep a tag
        longer than a server or a tenant lives."""
        return f"{self._source.at(now).version()}-{self._edits.hex()}"

    def count(self, filters: Filters = EVERYTHING) -> int:
        """How many logs match before any time has passed."""
        return self._source.count(filters) + len(self._matching(filters))

    def page(self, query: Query, now: float) -> Page:
        """The page that the query asks for, as the logs stand at ``now`` (seconds since 1970)."""
        view = self._source.at(now)
        matching = self._matching(query.filters)
        total = view.count(query.filters) + len(matching)
        after, before = self._window(view, matching, query, total)
        inside = max(0, before - after)
        size = max(0, min(query.limit, inside - query.offset))
        capped = query.capped and inside > _cap()
        return Page(_cap() + 1 if capped else inside, capped, size, self, query, view, after + query.offset)

    def _window(self, view: TenantLogs, matching: Sequence[Row], query: Query, total: int) -> tuple[int, int]:
        """The positions between which createdAt lies within the query's bounds."""

        def since(moment: float) -> int:
            below = math.nextafter(moment, -math.inf)
            return view.newer(query.filters, below) + sum(each.created_at >= moment for each in matching)

        # A real deployment keeps microseconds, shows milliseconds, and so takes the whole of the last one.
        first = 0 if query.end is None else since(query.end + 1)
        return first, total if query.start is None else since(query.start)

    def find(self, log_id: str, now: float) -> bytes | None:
        """The JSON of the log with this id, or None."""
        added = self._by_id.get(log_id)
        return self._source.at(now).find(log_id) if added is None else self._bytes(added)

    def walk(self, view: TenantLogs, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """The JSON of the matching logs at positions ``start`` to ``stop``, the added ones sorted in."""
        seen = 0
        for each in self._matching(filters):
            position = _place(view, filters, each) + seen
            if position >= stop:
                break
            if position >= start:
                yield from view.slice(filters, start - seen, position - seen)
                yield self._bytes(each)
                start = position + 1
            seen += 1
        yield from view.slice(filters, start - seen, stop - seen)

    def pieces(self, view: TenantLogs, filters: Filters, start: int, stop: int) -> list[bytes]:
        """The same, some hundreds at most, as the pieces of one text: with commas between."""
        return [b",".join(self.walk(view, filters, start, stop))]

    def _matching(self, filters: Filters) -> Sequence[Row]:
        if not self._added or filters == EVERYTHING:
            return self._added
        return [each for each in self._added if each.matches(filters)]

    def _bytes(self, each: Row) -> bytes:
        return b'{"tenantId":"' + self.tenant.encode() + b'"' + each.tail

    @property
    def added(self) -> list[bytes]:
        """The JSON of the logs added since the store was made, newest first."""
        return [self._bytes(each) for each in self._added]

    def add(self, log: Mapping[str, Any], log_id: str, now: float) -> bytes:
        """Add one log and return its JSON; ``log_id`` serves where the log has no id of its own.

        tenantId, id and createdAt (just after the newest) are filled in. Raises MockserverError where the log then
        breaks the contract, names another tenant, or has the id of another log; nothing is added.
        """
        filled = self._filled(log, log_id, now)
        problems = contract().problems(filled)
        if problems:
            first = problems[0]
            raise MockserverError(first.path, first.found, first.expected)
        if filled["tenantId"] != self.tenant:
            raise MockserverError(
                "tenantId", repr(filled["tenantId"]), repr(self.tenant), "leave it out, or add the log to that tenant"
            )
        if self.find(filled["id"], now) is not None:
            raise MockserverError("id", f"{filled['id']!r}, which another log has", "an id of its own")
        each = Row.of(filled)
        insort(self._added, each, key=lambda one: (-one.created_at, one.id))
        self._by_id[each.id] = each
        self._edit(each.tail)
        return self._bytes(each)

    def _edit(self, change: bytes) -> None:
        self._edits = hashlib.blake2b(self._edits + change, digest_size=8).digest()

    def problems(self, log: Mapping[str, Any], now: float) -> list[Problem]:
        """Every break of the contract by a log, once what it leaves out is filled in; nothing is added."""
        return contract().problems(self._filled(log, "0", now))

    def _filled(self, log: Mapping[str, Any], log_id: str, now: float) -> dict[str, Any]:
        return {"tenantId": self.tenant, "id": log_id, "createdAt": self._next_moment(now), **log}

    def add_all(self, logs: Sequence[Any], fresh: Callable[[], str], now: float) -> list[bytes]:
        """Add several logs, ``fresh`` giving the id that serves where one has none: all, or on MockserverError none.

        A store takes MOST_ADDED logs.
        """
        if len(self._added) + len(logs) > MOST_ADDED:
            raise MockserverError(
                "logs", f"{len(logs)} to add to {len(self._added)}", f"at most {MOST_ADDED} added logs",
                "clear the added ones, or serve a file: --logs seeded:path=FILE",
            )  # fmt: skip
        rows, by_id = list(self._added), dict(self._by_id)
        made = []
        for number, log in enumerate(logs):
            try:
                if not isinstance(log, Mapping):
                    raise MockserverError("", "no object", "an object")
                made.append(self.add(log, fresh(), now))
            except MockserverError as error:
                self._added, self._by_id = rows, by_id
                place = ".".join(part for part in (f"logs[{number}]" if len(logs) > 1 else "log", error.place) if part)
                raise MockserverError(place, error.found, error.expected, error.remedy) from None
        return made

    def _next_moment(self, now: float) -> float:
        newest = next(self.readable(now), None)
        moment: float = now * 1000 if newest is None else decode(newest)["createdAt"] + 1
        return math.floor(moment)

    def readable(self, now: float) -> Iterator[bytes]:
        """The JSON of every log, newest first, passing over those that break the contract: they cannot be read."""
        view = self._source.at(now)
        for position in range(view.count(EVERYTHING) + len(self._added)):
            try:
                yield from self.walk(view, EVERYTHING, position, position + 1)
            except StoredBreak:
                continue

    def clear(self) -> None:
        """Drop every added log."""
        self._added.clear()
        self._by_id.clear()
        self._edit(b"")


def _place(view: TenantLogs, filters: Filters, each: Row) -> int:
    """How many matching logs of the source come before an added one: the newer, and of its own moment those with a
    lesser id."""
    newer = view.newer(filters, each.created_at)
    until = view.newer(filters, math.nextafter(each.created_at, -math.inf))
    before = [tied for tied in view.slice(filters, newer, until) if decode(tied)["id"] < each.id]
    return newer + len(before)


def _cap() -> int:
    return int(contract().fact("total-cap")["over"])
