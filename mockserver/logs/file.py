"""The seeded source: logs from a file, read and checked whole, then held in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path

from mockserver.contract.document import beside
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.grammar import parameter
from mockserver.contract.jsontext import encode
from mockserver.logs.reading import listing, read_file
from mockserver.logs.row import HOME, Row
from mockserver.logs.source import Opening, Source, TenantLogs


@dataclass(frozen=True, slots=True)
class Seeded:
    """Logs of a file, checked against the contract: the curated fixture unless a path (or only a FILE) is given."""

    path: str = parameter("", help="JSON lines, or one array; without it the curated logs that come with the package")

    @property
    def file(self) -> str:
        """The user's file that the logs come from; empty for the curated ones."""
        return self.path

    def open(self, opening: Opening) -> Source:
        """Read the file. Raises MockserverError that lists the bad logs (the first 20) when there are any."""
        path = Path(self.path) if self.path else beside("fixtures") / "logs.jsonl"
        rows, problems = read_file(path, opening.watch, opening.known)
        fatal = [problem for problem in problems if not (opening.allow_invalid and problem.is_log)]
        if fatal:
            raise MockserverError(listing(fatal))
        return SeededSource(rows)


class SeededSource:
    """The rows of one file, shared by all tenants.

    A tenant that the file names has the logs of that name. Any other tenant has those of ``default``, under its own
    tenantId; a file without ``default`` lends it the logs of the tenant with the most.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        tenants: dict[str, list[Row]] = {}
        digest = blake2b(digest_size=8)
        for row in rows:
            tenants.setdefault(row.tenant, []).append(row)
            digest.update(encode(row.tenant) + row.tail)
        self._digest = digest.hexdigest()
        self._home = HOME if HOME in tenants or not tenants else max(tenants, key=lambda name: len(tenants[name]))
        self._shelves = {name: Shelf(part) for name, part in {self._home: [], **tenants}.items()}

    def logs(self, tenant: str) -> SeededLogs:
        """Return the logs of one tenant."""
        return SeededLogs(tenant, self._shelves.get(tenant) or self._shelves[self._home], self._digest)


class Shelf:
    """Rows that any number of tenants share: by id, and newest first by filters."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.by_id = {row.id: row for row in rows}
        self.matches = lru_cache(maxsize=64)(partial(_matching, rows))


def _matching(rows: Sequence[Row], filters: Filters) -> Sequence[Row]:
    return rows if filters == EVERYTHING else [row for row in rows if row.matches(filters)]


class SeededLogs:
    """The logs of one tenant, in memory; see the protocol ``TenantLogs``."""

    def __init__(self, tenant: str, shelf: Shelf, digest: str) -> None:
        self._head = b'{"tenantId":' + encode(tenant)
        self._shelf = shelf
        self._version = f"seeded-{digest}-{tenant}"

    def version(self) -> str:
        """Return a constant, because the rows never change."""
        return self._version

    def count(self, filters: Filters) -> int:
        """Return how many rows match."""
        return len(self._shelf.matches(filters))

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """Return the JSON of the matching rows from ``start`` to ``stop`` (excluded)."""
        return map(self._json, self._shelf.matches(filters)[start:stop])

    def text(self, filters: Filters, start: int, stop: int) -> bytes:
        """Return what ``slice`` yields, with commas between."""
        return b",".join(self.slice(filters, start, stop))

    def newer(self, filters: Filters, moment: float) -> int:
        """Return how many matching rows were created after ``moment`` (ms since 1970)."""
        return bisect_left(self._shelf.matches(filters), True, key=lambda row: row.created_at <= moment)

    def find(self, log_id: str) -> bytes | None:
        """Return the JSON of the row with this id, or None."""
        row = self._shelf.by_id.get(log_id)
        return None if row is None else self._json(row)

    def at(self, now: float) -> TenantLogs:
        """Return these logs, because a file does not grow."""
        return self

    def _json(self, row: Row) -> bytes:
        if not row.valid:
            raise StoredBreak(row.id)
        return self._head + row.tail
