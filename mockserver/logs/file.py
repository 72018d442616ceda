"""The seeded source: logs from a JSON-lines file, read and checked once, then held in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mockserver.contract.document import Problem, beside, contract
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.grammar import parameter
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.row import HOME, Row, newest_first
from mockserver.logs.source import Opening, Source, TenantLogs

# The largest log seen of a real deployment has 3.8 kB; a longer line than this is a mistake, not a log.
LONGEST_LINE = 1_000_000
MOST_PROBLEMS = 20
# No file of logs has these. Reading ends there, because a device such as /dev/zero never ends.
MOST_BYTES_A_LINE, MOST_BAD_LINES = 100 * LONGEST_LINE, 10_000


@dataclass(frozen=True, slots=True)
class Seeded:
    """Logs of a JSON-lines file, checked against the contract: the curated fixture unless a path is given."""

    path: str = parameter("", help="a JSON-lines file; without it the curated logs that come with the package")

    def open(self, opening: Opening) -> Source:
        """Read the file. Raises MockserverError that lists the bad lines (the first 20) when there are any."""
        path = Path(self.path) if self.path else beside("fixtures") / "logs.jsonl"
        rows, problems = read_file(path)
        fatal = [problem for problem in problems if not (opening.allow_invalid and problem.is_log)]
        if fatal:
            raise MockserverError(listing(fatal))
        return SeededSource(rows)


@dataclass(frozen=True, slots=True)
class BadLine:
    """One problem of one line. ``is_log``: a deployment could have stored the line, since it is an object with a text
    for its id and a number for createdAt."""

    place: str
    problem: Problem
    is_log: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


def listing(problems: Sequence[BadLine]) -> str:
    """Return the first 20 problems, one a line, and how many more there are."""
    more = len(problems) - MOST_PROBLEMS
    return "\n".join([*map(str, problems[:MOST_PROBLEMS]), *([f"and {more} more"] if more > 0 else [])])


def read_file(path: Path) -> tuple[list[Row], list[BadLine]]:
    """Return the rows of a file, newest first, and the problems of its lines.

    Raises MockserverError when the file cannot be read.
    """
    rows: list[Row] = []
    problems: list[BadLine] = []
    first_lines: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        log, line_problems = _check(line)
        is_log = isinstance(log, dict) and type(log.get("id")) is str and type(log.get("createdAt")) in (int, float)
        if is_log:
            rows.append(Row.of(log, valid=not line_problems))
            first = first_lines.setdefault(log["id"], number)
            if first != number:
                repeat = Problem("id", f"{log['id']!r} again, first on line {first}", "ids that are unique")
                problems.append(BadLine(f"{path}:{number}", repeat))
        problems += [BadLine(f"{path}:{number}", problem, is_log) for problem in line_problems]
        if len(problems) >= MOST_BAD_LINES:
            break
    return newest_first(rows), problems


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, each cut one byte over the bound, so that a huge line costs no memory.

    Nothing comes behind a line that does not end.
    """
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                yield line
                read = 0
                while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                    read += len(line)
                    if read > MOST_BYTES_A_LINE:
                        return
                    line = file.readline(LONGEST_LINE + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MockserverError(str(path), reason, "a readable file of JSON lines") from None
    except ValueError as error:
        # Python raises this for a NUL in a name.
        raise MockserverError(repr(str(path)), str(error), "the name of a file of JSON lines") from None


def _check(line: bytes) -> tuple[Any, list[Problem]]:
    """Return the parsed line (None when it is not JSON) and its problems."""
    if len(line.removesuffix(b"\n")) > LONGEST_LINE:
        return None, [Problem("", f"a line of over {LONGEST_LINE:,} bytes", "a log")]
    try:
        log = decode(line)
    except ValueError as error:
        return None, [Problem("", f"no JSON ({error})", "one JSON object a line")]
    return log, contract().problems(log)


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
            digest.update(row.tail)
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
