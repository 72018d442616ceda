"""The journal: a bounded record of what one tenant was asked and what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.masking import cleaner, masked
from mockserver.reply import Request

MOST = 1000
# Characters of targets and headers that a journal holds at most: a thousand ordinary requests have a quarter of it.
MOST_TEXT = 2_000_000


@dataclass(slots=True)
class Entry:
    """One exchange.

    ``id`` counts from 1 in each tenant; ``time`` in seconds since 1970; ``path`` is behind the tenant's prefix;
    ``status`` is None where no status line was sent; ``faults`` are the texts of the rules that struck;
    ``milliseconds`` until the reply was handed over, None while it is under way; ``size`` is how many characters of
    what was sent it holds.
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
        return {
            "id": self.id, "time": self.time, "method": clean(self.request.method), "path": path, "query": query,
            "headers": [list(pair) for pair in headers], "status": self.status,
            "faults": [clean(fault) for fault in self.faults],
            "milliseconds": None if self.milliseconds is None else round(self.milliseconds, 3),
        }  # fmt: skip


class Journal:
    """The newest exchanges, so many and so much text at most; older ones are forgotten."""

    def __init__(self, most: int = MOST, most_text: int = MOST_TEXT) -> None:
        self._entries: deque[Entry] = deque()
        self._most = most
        self._most_text = most_text
        self._text = 0
        self._last = 0

    @property
    def last(self) -> int:
        """The id of the newest entry ever recorded: 0 before the first."""
        return self._last

    def record(self, request: Request, path: str, now: float, status: int | None, faults: tuple[str, ...]) -> Entry:
        """Add one exchange."""
        self._last += 1
        size = len(request.target) + sum([len(name) + len(value) for name, value in request.headers])
        entry = Entry(self._last, now, request, path, status, faults, size=size)
        self._entries.append(entry)
        self._text += size
        while len(self._entries) > self._most or (self._text > self._most_text and len(self._entries) > 1):
            self._text -= self._entries.popleft().size
        return entry

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The entries with an id above ``after``, oldest first."""
        return (entry for entry in tuple(self._entries) if entry.id > after)

    def clear(self) -> None:
        """Forget every entry; ids go on, so that a reader's cursor stays good."""
        self._entries.clear()
        self._text = 0
