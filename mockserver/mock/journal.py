"""The journal: a bounded record of one tenant's exchanges."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.http.masking import cleaner, masked
from mockserver.http.message import Request

MOST = 1000
# The most bytes of one journal (a thousand ordinary requests take a third), and of all journals of a server together.
MOST_BYTES, MOST_TOGETHER = 2_000_000, 4_000_000
# The bytes of an entry beside the text of its request (measured: Python 3.11, 64 bits).
_ENTRY = 450


@dataclass(slots=True)
class Entry:
    """One exchange.

    ``id`` counts from 1 in each tenant; ``time`` in seconds since 1970; ``path`` is behind the tenant's prefix;
    ``status`` is None when no status line was sent; ``faults`` are the texts of the rules that struck;
    ``milliseconds`` is the time until the reply was handed over, None before that; ``size`` is about how many bytes the
    entry takes.
    """

    id: int
    time: float
    request: Request
    path: str
    status: int | None
    faults: tuple[str, ...]
    milliseconds: float | None = None
    size: int = 0

    def shown(self) -> dict[str, Any]:
        """The entry as JSON values, with credentials masked."""
        path, query, headers = masked(self.request, self.path)
        clean = cleaner(self.request)
        took = None if self.milliseconds is None else round(self.milliseconds, 3)
        method, faults = clean(self.request.method), [clean(fault) for fault in self.faults]
        line = {"id": self.id, "time": self.time, "method": method, "path": path, "query": query}
        reply = {"status": self.status, "faults": faults, "milliseconds": took}
        return {**line, "headers": [list(header) for header in headers], **reply}


@dataclass(slots=True)
class Room:
    """How many bytes the journals of one server take together."""

    taken: int = 0


class Journal:
    """The newest exchanges, up to a number and a size; older ones are forgotten.

    ``last`` is the id of the newest entry ever recorded: 0 before the first.
    """

    def __init__(self, room: Room | None = None, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._room = room or Room()
        self._entries: deque[Entry] = deque()
        self._most = most
        self._most_bytes = most_bytes
        self._size = 0
        self.last = 0

    def record(self, request: Request, path: str, now: float, status: int | None, faults: tuple[str, ...]) -> Entry:
        """Add one exchange."""
        self.last += 1
        size = _ENTRY + len(request.target) + sum([len(name) + len(value) for name, value in request.headers])
        entry = Entry(self.last, now, request, path, status, faults, size=size)
        self._entries.append(entry)
        while len(self._entries) > self._most or (self._size + size > self._most_bytes and len(self._entries) > 1):
            size -= self._entries.popleft().size
        self._grow(size)
        return entry

    def _grow(self, size: int) -> None:
        self._size += size
        self._room.taken += size

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The entries with an id above ``after``, oldest first."""
        return (entry for entry in tuple(self._entries) if entry.id > after)

    def clear(self) -> None:
        """Forget every entry; ids go on, so that a reader's cursor stays valid."""
        self._entries.clear()
        self._grow(-self._size)
