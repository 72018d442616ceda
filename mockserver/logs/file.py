"""The seeded source: logs from a JSON-lines file, read and checked once, then held in memory."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from mockserver.contract.document import Problem, beside, contract
from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import EVERYTHING, Filters, Pairs, pairs_of
from mockserver.contract.grammar import parameter
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.key_order import arrange
from mockserver.logs.source import Opening, Source, TenantLogs

HOME = "default"

# The largest log seen of a real deployment has 3.8 kB; a line beyond this is a mistake, not a log.
LONGEST_LINE = 1_000_000
MOST_PROBLEMS = 20
# What no file of logs has: where it is passed, reading ends, for a device such as /dev/zero never does.
MOST_BYTES_A_LINE, MOST_BAD_LINES = 100 * LONGEST_LINE, 10_000


@dataclass(frozen=True, slots=True)
class Seeded:
    """TenantLogs of a JSON-lines file, checked against the contract: the curated fixture unless a path is given."""

    path: str = parameter("", help="a JSON-lines file; without it the curated logs that come with the package")

    def open(self, opening: Opening) -> Source:
        """Read the file; raises MockserverError with every bad line (the first 20) and serves nothing then."""
        path = Path(self.path) if self.path else beside("fixtures") / "logs.jsonl"
        rows, problems = read_file(path)
        broken = [problem for problem in problems if not (opening.allow_invalid and problem.is_log)]
        if broken:
            raise MockserverError(listing(broken))
        return SeededSource(rows)


@dataclass(frozen=True, slots=True)
class BadLine:
    """One problem of one line; ``is_log``: the line is an object with a text for its id and a number for createdAt,
    so that a deployment could have stored it."""

    place: str
    problem: Problem
    is_log: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Row:
    """One log: what filters and orders it, and its JSON from its id on (the tenant is put in front when served)."""

    created_at: float
    id: str
    key: str
    pairs: Pairs
    tenant: str
    tail: bytes
    valid: bool = True


def listing(problems: Sequence[BadLine]) -> str:
    """The problems a line each, the first 20 and how many more."""
    more = len(problems) - MOST_PROBLEMS
    return "\n".join([*map(str, problems[:MOST_PROBLEMS]), *([f"and {more} more"] if more > 0 else [])])


def read_file(path: Path) -> tuple[list[Row], list[BadLine]]:
    """The rows of a file, newest first, and the problems of its lines; raises MockserverError where it cannot be
    read."""
    rows: list[Row] = []
    problems: list[BadLine] = []
    seen: dict[str, int] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(_bounded(lines), 1):
                if line.strip():
                    _take(f"{path}:{number}", number, line, rows, problems, seen)
                if len(problems) >= MOST_BAD_LINES:
                    break
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        raise MockserverError(str(path), found, "a readable file of JSON lines") from None
    except ValueError as error:
        # Python's word for a NUL in a name.
        raise MockserverError(repr(str(path)), str(error), "the name of a file of JSON lines") from None
    return newest_first(rows), problems


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """The rows in the order in which they are listed: by createdAt, ties by id."""
    return sorted(rows, key=lambda row: (-row.created_at, row.id))


def _bounded(lines: Any) -> Iterator[bytes]:
    """Lines, each no longer than one byte over the bound, so that a huge one costs no memory; one without end is the
    last."""
    while line := lines.readline(LONGEST_LINE + 1):
        yield line
        left = MOST_BYTES_A_LINE
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            left -= len(line)
            if left < 0:
                return
            line = lines.readline(LONGEST_LINE + 1)


def _take(place: str, number: int, line: bytes, rows: list[Row], problems: list[BadLine], seen: dict[str, int]) -> None:
    if len(line.removesuffix(b"\n")) > LONGEST_LINE:
        problems.append(BadLine(place, Problem("", f"a line of over {LONGEST_LINE:,} bytes", "a log")))
        return
    try:
        log = decode(line)
    except ValueError as error:
        problems.append(BadLine(place, Problem("", f"no JSON ({error})", "one JSON object a line")))
        return
    found = contract().problems(log)
    storable = isinstance(log, dict) and isinstance(log.get("id"), str) and _is_number(log.get("createdAt"))
    if storable and log["id"] in seen:
        repeat = Problem("id", f"{log['id']!r} again, first on line {seen[log['id']]}", "ids that are unique")
        problems.append(BadLine(place, repeat))
    problems.extend(BadLine(place, problem, storable) for problem in found)
    if storable:
        seen.setdefault(log["id"], number)
        rows.append(row(log, valid=not found))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def row(log: dict[str, Any], valid: bool = True) -> Row:
    """The row of a log whose id is a text and createdAt a number; ``valid`` says whether it keeps the contract."""
    arranged = arrange(log, contract().log_schema)
    tail = encode({name: value for name, value in arranged.items() if name != "tenantId"})
    key, tenant = str(log.get("key")), str(log.get("tenantId", HOME))
    return Row(log["createdAt"], log["id"], key, pairs_of(log), tenant, b"," + tail[1:], valid)


class SeededSource:
    """The rows of one file, shared by every tenant.

    A tenant that the file names has the logs of that name; any other has those of ``default`` (or, where the file has
    none, of the tenant that it names most) under its own tenantId.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        parts: dict[str, list[Row]] = {}
        for each in rows:
            parts.setdefault(each.tenant, []).append(each)
        counts = Counter(each.tenant for each in rows)
        self._home = HOME if HOME in parts or not counts else counts.most_common(1)[0][0]
        self._shelves = {name: Shelf(part) for name, part in {self._home: [], **parts}.items()}
        digest = hashlib.blake2b(digest_size=8)
        for each in rows:
            digest.update(each.tail)
        self._digest = digest.hexdigest()

    def logs(self, tenant: str) -> SeededLogs:
        """The logs of one tenant."""
        return SeededLogs(tenant, self._shelves.get(tenant) or self._shelves[self._home], self._digest)


class Shelf:
    """Rows that any number of tenants share: by their ids, and newest first by filters."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.by_id = {each.id: each for each in rows}
        self.matches = lru_cache(maxsize=64)(partial(_match, rows))


class SeededLogs:
    """The logs of one tenant, in memory; see the protocol ``TenantLogs``."""

    def __init__(self, tenant: str, shelf: Shelf, digest: str) -> None:
        self._head = b'{"tenantId":' + encode(tenant)
        self._shelf = shelf
        self._version = f"seeded-{digest}-{tenant}"

    def version(self) -> str:
        """Constant: the rows never change."""
        return self._version

    def count(self, filters: Filters) -> int:
        """How many rows match."""
        return len(self._shelf.matches(filters))

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """The JSON of the matching rows from ``start`` to ``stop``."""
        return map(self._bytes, self._shelf.matches(filters)[start:stop])

    def newer(self, filters: Filters, moment: float) -> int:
        """How many matching rows were created after ``moment``."""
        return bisect_left(self._shelf.matches(filters), True, key=lambda each: each.created_at <= moment)

    def find(self, log_id: str) -> bytes | None:
        """The JSON of the row with this id."""
        each = self._shelf.by_id.get(log_id)
        return None if each is None else self._bytes(each)

    def at(self, now: float) -> TenantLogs:
        """These logs: a file does not grow."""
        return self

    def _bytes(self, each: Row) -> bytes:
        if not each.valid:
            raise StoredBreak(each.id)
        return self._head + each.tail


def _match(rows: Sequence[Row], filters: Filters) -> Sequence[Row]:
    return rows if filters == EVERYTHING else [each for each in rows if matches(each, filters)]


def matches(each: Row, filters: Filters) -> bool:
    """Whether one row is what the filters ask for: every given one exactly."""
    listed = filters.prefixes is None or each.key.startswith(filters.prefixes)
    return listed and all(pair in each.pairs for pair in filters.values)
