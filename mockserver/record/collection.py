"""Collections: recorded logs on disk, each once, until all of them are there.

*Problem.* A run may bring millions of logs in any order, meet some again, and break at any moment. The file that it
writes must be whole, newest first.

*Idea.* SQLite has all of it: an index of ids, a transaction for each page, an order at the end, in a few MB of memory.
A collection in a file outlives a broken run, which then goes on behind its last page. Only pseudonyms reach the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from mockserver.contract.document import Log
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode, encode

_TABLES = """
create table if not exists logs (id text primary key, created real, text blob);
create table if not exists places (place integer primary key, owner integer);
create table if not exists state (purpose text, progress text);
"""


class Collection:
    """Logs under pseudonyms, each id once, and what a run must know to go on. ``len`` is the number of logs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._size = int(self._one("select count(*) from logs"))

    def __len__(self) -> int:
        return self._size

    @property
    def progress(self) -> Any:
        """What ``commit`` was given last; None at first."""
        return decode(self._one("select progress from state"))

    def add(self, place: str, logs: Sequence[Log], rename: Callable[[Log], Log]) -> int:
        """Add those logs whose id is not there yet; returns how many. Raises MockserverError for what is no log."""
        for log in logs:
            is_log = isinstance(log, dict) and isinstance(log.get("id"), str)
            if not (is_log and type(log.get("createdAt")) in (int, float)):
                expected = "logs with a text for id and a number for createdAt"
                raise MockserverError(place, "something else in the list", expected, "is this Logto's GET /api/logs?")
        renamed = [(log["createdAt"], rename(log)) for log in logs]
        rows = [(new["id"], float(created), encode(new)) for created, new in renamed]
        before = self._db.total_changes
        self._db.executemany("insert or ignore into logs values (?, ?, ?)", rows)
        added = self._db.total_changes - before
        self._size += added
        return added

    def commit(self, progress: Any = None) -> None:
        """Keep what was added, and where the run is."""
        self._db.execute("update state set progress = ?", (encode(progress).decode(),))
        self._db.commit()

    def keep(self, count: int | None, since: float) -> None:
        """Drop all but the newest ``count`` logs (None: no bound) of those created since ``since`` (ms since 1970)."""
        self._db.execute("delete from logs where created < ?", (since,))
        if count is not None:
            newest = "select rowid from logs order by created desc, rowid limit ?"
            self._db.execute(f"delete from logs where rowid not in ({newest})", (count,))  # noqa: S608  # a constant
        self._size = int(self._one("select count(*) from logs"))

    def newest_first(self) -> Iterator[bytes]:
        """Yield the logs as JSON; those of one moment come in the order in which they were added."""
        return (text for (text,) in self._db.execute("select text from logs order by created desc, rowid"))

    def owner(self, place: int, owner: int) -> int:
        """Return the owner of a place; see ``Pseudonyms``."""
        self._db.execute("insert or ignore into places values (?, ?)", (place, owner))
        return int(self._one("select owner from places where place = ?", place))

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()[0]


@contextmanager
def collection(path: str, purpose: str) -> Iterator[Collection]:
    """Open the collection in a file, or for an empty path a temporary one.

    The file is deleted at the end of the block. If the block fails it is kept, unless it is empty. ``purpose`` is what
    a run must have in common with the one that it goes on with. Raises MockserverError if it has not, and whenever the
    file cannot be read or written.
    """
    logs, is_over = None, False
    try:
        with closing(sqlite3.connect(path, timeout=0)) as db:
            db.execute("pragma locking_mode = exclusive")
            db.executescript(_TABLES)
            db.execute("delete from state where not exists (select * from logs)")
            db.execute("insert into state select ?, 'null' where not exists (select * from state)", (purpose,))
            if db.execute("select purpose from state").fetchone() != (purpose,):
                found = "logs of a run with another target, key, filter, --since or --shift"
                remedy = "give what that run was given, its key too, or delete the file"
                raise MockserverError(path, found, "a run that this one can go on with", remedy)
            logs = Collection(db)
            yield logs
            is_over = True
    except sqlite3.Error as error:
        raise MockserverError(path or "temporary file", str(error), "a place that this run alone writes to") from None
    finally:
        if path and logs is not None and (is_over or not len(logs)):
            Path(path).unlink()
