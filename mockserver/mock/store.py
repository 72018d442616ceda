"""The store: one tenant's logs, those of its source and those added since, answering queries.

A source answers by position: log number 5 of the logs that match. Added logs are few (at most ``MOST_ADDED``), so they
stay in one sorted list beside the source, and each is placed among the source's logs when a page needs it. An added
log stands behind all logs of the source that are newer, and before those of its own moment; its position in the whole
is its place among the source's logs plus the number of added logs before it. These positions rise with the list, so a
bisection finds the first one on a page. Of added logs of one moment, those that were added last come first, and those
that were added together keep their order.

**A page is a snapshot.** A long page is sent in pieces, and between two of them logs may be added or removed, or the
source may grow. So a page holds what it is made of, and nothing of that ever changes: the view of the source at one
moment (``TenantLogs.at``), and the list of added logs of that moment. Whoever adds or removes logs puts a new list in
the place of the old one and leaves the old one as it is.

**Adding is atomic and can be done in steps.** ``add_in_steps`` checks fifty logs at a time, so that a server can answer
other requests between two steps, and adds all of them at its end, or none of them.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from mockserver.contract.document import Problem, contract
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import EVERYTHING, Filters, pairs_of
from mockserver.contract.jsontext import decode
from mockserver.http.link import Place
from mockserver.logs.row import Row, newest_first
from mockserver.logs.source import TenantLogs
from mockserver.mock.query import Query

# The members that an added log may leave out: the store fills them in.
FILLED = ("tenantId", "id", "createdAt", "payload.key", "payload.result")
# More added logs than this would make every answer slow; a file holds any number.
MOST_ADDED = 10_000
# The bytes of their JSON: four requests of the largest size.
MOST_ADDED_BYTES = 32 * 1024 * 1024
# How many logs are checked in one step: about 2 ms.
_STEP = 50
# So many logs show nearly every kind of event, and are read in a few milliseconds.
_MOST_SUGGESTING = 300


class Snapshot(NamedTuple):
    """The logs of one tenant that match ``filters``, as they stand at one moment; newest first.

    ``added`` are the matching ones among the added logs.
    """

    tenant: str
    source: TenantLogs
    added: Sequence[Row]
    filters: Filters

    def total(self) -> int:
        """How many logs there are."""
        return self.source.count(self.filters) + len(self.added)

    def since(self, moment: float) -> int:
        """How many logs have a createdAt of ``moment`` (ms since 1970) or later."""
        newer = self.source.newer(self.filters, math.nextafter(moment, -math.inf))
        return newer + bisect_right(self.added, -moment, key=lambda log: -log.created_at)

    def slice(self, start: int, stop: int) -> Iterator[bytes]:
        """The JSON of the logs at positions ``start`` to ``stop`` (excluded); raises StoredBreak."""
        number = bisect_left(range(len(self.added)), start, key=self._position)
        while number < len(self.added) and (position := self._position(number)) < stop:
            yield from self.source.slice(self.filters, start - number, position - number)
            yield _json(self.tenant, self.added[number])
            start, number = position + 1, number + 1
        yield from self.source.slice(self.filters, start - number, stop - number)

    def text(self, start: int, stop: int) -> bytes:
        """What ``slice`` yields, with commas between."""
        if not self.added:
            return self.source.text(self.filters, start, stop)
        return b",".join(self.slice(start, stop))

    def _position(self, number: int) -> int:
        """The position of an added log among all logs."""
        return self.source.newer(self.filters, self.added[number].created_at) + number


class Page(NamedTuple):
    """One page: ``total`` logs are on all pages together (with ``capped``: at least); ``size`` are on this one, and the
    first of them stands at position ``first`` of the snapshot."""

    total: int
    capped: bool
    size: int
    query: Query
    snapshot: Snapshot
    first: int

    @property
    def place(self) -> Place:
        """Where the page is among all pages; the last is unknown when the count is capped."""
        last = None if self.capped else max(1, -(-self.total // self.query.limit))
        return Place(self.query.page, last, self.query.parameters)

    def items(self, start: int, stop: int) -> bytes:
        """The JSON of its logs from ``start`` to ``stop`` (excluded), some hundreds at most, with commas between."""
        return self.snapshot.text(self.first + start, self.first + min(stop, self.size))


class Store:
    """One tenant's logs. Adding, clearing and renewing change them, and nothing else but time does."""

    def __init__(self, tenant: str, source: TenantLogs) -> None:
        self.tenant = tenant
        self._source = source
        # Both are replaced at each change and never changed: snapshots hold the list.
        self._added: Sequence[Row] = ()
        self._by_id: Mapping[str, Row] = {}
        self._edits = ""
        self._size = 0

    def version(self, now: float) -> str:
        """A text that changes whenever any answer could, and that no store of other logs has: a client may keep a tag
        longer than a server or a tenant lives."""
        return f"{self._source.at(now).version()}-{self._edits}"

    def count(self, filters: Filters = EVERYTHING) -> int:
        """How many logs match before any time has passed."""
        return self._snapshot(self._source, filters).total()

    def page(self, query: Query, now: float) -> Page:
        """The page that the query asks for, as the logs stand at ``now`` (seconds since 1970)."""
        snapshot = self._snapshot(self._source.at(now), query.filters)
        # A real deployment keeps microseconds, shows milliseconds, and so takes the whole of the last one.
        after = 0 if query.end is None else snapshot.since(query.end + 1)
        before = snapshot.total() if query.start is None else snapshot.since(query.start)
        total = max(0, before - after)
        size = max(0, min(query.limit, total - query.offset))
        capped = query.most is not None and total > query.most
        return Page(
            query.most + 1 if query.most is not None and capped else total,
            capped,
            size,
            query,
            snapshot,
            after + query.offset,
        )

    def find(self, log_id: str, now: float) -> bytes | None:
        """The JSON of the log with this id, or None."""
        added = self._by_id.get(log_id)
        return self._source.at(now).find(log_id) if added is None else _json(self.tenant, added)

    def _snapshot(self, source: TenantLogs, filters: Filters) -> Snapshot:
        added = self._added
        if added and filters != EVERYTHING:
            added = [log for log in added if log.matches(filters)]
        return Snapshot(self.tenant, source, added, filters)

    def readable(self, now: float) -> Iterator[bytes]:
        """The JSON of every log, newest first; a log that breaks the contract is skipped, since nobody can read it."""
        snapshot = self._snapshot(self._source.at(now), EVERYTHING)
        for position in range(snapshot.total()):
            try:
                yield from snapshot.slice(position, position + 1)
            except StoredBreak:
                continue

    def suggestions(self, now: float) -> dict[str, list[str]]:
        """The values that each documented filter finds in the newest 300 logs, the most frequent first."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in contract().filters}
        for log in islice(self.readable(now), _MOST_SUGGESTING):
            for name, value in pairs_of(decode(log)):
                counts[name][value] += 1
        return {name: sorted(counter, key=lambda value: (-counter[value], value)) for name, counter in counts.items()}

    @property
    def added(self) -> list[bytes]:
        """The JSON of the logs added since the store was made, newest first."""
        return [_json(self.tenant, log) for log in self._added]

    def renew(self, source: TenantLogs) -> None:
        """Put other logs in the place of the source's. Added logs stay, but those whose id the new source has."""
        self._source = source
        kept = [log for log in self._added if not _has(source, log.id)]
        if len(kept) < len(self._added):
            self._put(kept, b"renewed")

    def clear(self) -> None:
        """Remove every added log."""
        self._put([], b"")

    def problems(self, log: Mapping[str, Any], now: float) -> list[Problem]:
        """Every break of the contract by a log, once what it leaves out is filled in; nothing is added."""
        return contract().problems(self._filled(log, "0", self._newest(now), now))

    def add_all(self, logs: Sequence[Any], fresh_id: Callable[[], str], now: float) -> list[bytes]:
        """Add logs and return their JSON: all of them, or on MockserverError none. See ``add_in_steps``."""
        return list(chain.from_iterable(self.add_in_steps(logs, fresh_id, now)))

    def add_in_steps(self, logs: Sequence[Any], fresh_id: Callable[[], str], now: float) -> Iterator[list[bytes]]:
        """Add logs in steps of a few milliseconds: yields their JSON, fifty logs a step, and adds them all at the end.

        The store fills in what a log leaves out: tenantId, an id by ``fresh_id``, a createdAt just after the newest
        log, and in its payload the key and the result "Success". Raises MockserverError for the first log that breaks
        the contract, names another tenant or has the id of another log, and when there would be more than MOST_ADDED,
        or more than MOST_ADDED_BYTES of their JSON. Then, and when the caller stops early, no log is added. What
        somebody else adds between two steps stays, and counts. Logs of one moment keep their order, before older
        additions.
        """
        self._require_room(len(logs))
        size = 0
        rows: dict[str, Row] = {}
        newest = self._newest(now)
        for start in range(0, len(logs), _STEP):
            step = []
            for number, log in enumerate(logs[start : start + _STEP], start):
                try:
                    if not isinstance(log, Mapping):
                        raise MockserverError("", "no object", "an object")
                    checked = self._checked(self._filled(log, fresh_id(), newest, now))
                    if checked.id in rows or self.find(checked.id, now) is not None:
                        raise _id_taken(checked.id)
                except MockserverError as error:
                    raise _placed(error, number, len(logs)) from None
                rows[checked.id] = checked
                size += len(checked.tail)
                newest = max(newest, checked.created_at)
                step.append(_json(self.tenant, checked))
            self._require_room(len(logs), size)
            yield step
        self._require_room(len(logs), size)
        for number, log_id in enumerate(rows):
            if log_id in self._by_id:
                raise _placed(_id_taken(log_id), number, len(logs))
        if rows:
            self._put([*rows.values(), *self._added], b"".join(each.tail for each in rows.values()))

    def _require_room(self, count: int, size: int = 0) -> None:
        """Raise MockserverError where there is no room for so many logs, whose JSON takes so many bytes."""
        for more, before, most, what in (
            (count, len(self._added), MOST_ADDED, "added logs"),
            (size, self._size, MOST_ADDED_BYTES, "bytes of added logs"),
        ):
            if before + more > most:
                remedy = "clear the added ones, or serve a file: --logs seeded:path=FILE"
                raise MockserverError("logs", f"{more} to add to {before}", f"at most {most} {what}", remedy)

    def _checked(self, log: dict[str, Any]) -> Row:
        if not contract().is_valid(log):
            problem = contract().problems(log)[0]
            raise MockserverError(problem.path, problem.found, problem.expected)
        if log["tenantId"] != self.tenant:
            remedy = "leave it out, or add the log to that tenant"
            raise MockserverError("tenantId", repr(log["tenantId"]), repr(self.tenant), remedy)
        return Row.of(log)

    def _filled(self, log: Mapping[str, Any], log_id: str, newest: float, now: float) -> dict[str, Any]:
        # A double, as it is kept: beyond 2**53 the next one is not 1 more.
        moment = now * 1000 if newest == -math.inf else float(newest) + 1
        filled = {"tenantId": self.tenant, "id": log_id, "createdAt": math.floor(moment), **log}
        key, payload = log.get("key"), log.get("payload", {})
        if isinstance(key, str) and isinstance(payload, dict):
            filled["payload"] = {"key": key, "result": "Success", **payload}
        return filled

    def _newest(self, now: float) -> float:
        """The createdAt of the newest log (ms since 1970), minus infinity when there is no log."""
        moments: Iterator[float] = (decode(log)["createdAt"] for log in self.readable(now))
        return next(moments, -math.inf)

    def _put(self, rows: Sequence[Row], change: bytes) -> None:
        self._added = newest_first(rows)
        self._by_id = {log.id: log for log in rows}
        self._size = sum(len(log.tail) for log in rows)
        self._edits = hashlib.blake2b(self._edits.encode() + change, digest_size=8).hexdigest()


def _json(tenant: str, log: Row) -> bytes:
    """The JSON of an added log."""
    return b'{"tenantId":"' + tenant.encode() + b'"' + log.tail


def _has(source: TenantLogs, log_id: str) -> bool:
    try:
        return source.find(log_id) is not None
    except StoredBreak:
        return True


def _placed(error: MockserverError, number: int, count: int) -> MockserverError:
    """The error with the place of its log: ``logs[NUMBER]``, or ``log`` when there is only one."""
    place = ".".join(filter(None, (f"logs[{number}]" if count > 1 else "log", error.place)))
    return MockserverError(place, error.found, error.expected, error.remedy)


def _id_taken(log_id: str) -> MockserverError:
    return MockserverError("id", f"{log_id!r}, which another log has", "an id of its own")
