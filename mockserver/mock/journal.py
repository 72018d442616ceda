"""The journal: a bounded record of one tenant's exchanges."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mockserver.http.cors import opened
from mockserver.http.encoding import decoded_start
from mockserver.http.masking import cleaner, masked, masked_headers
from mockserver.http.message import Reply, Request, Stream, field_lines, headers_of, is_bodiless

MOST = 1000
# How many bytes of a body are kept, as sent, and shown, without its encoding.
MOST_BODY = 4096
# The most bytes of one journal (a thousand ordinary exchanges take less), and of all journals of a server together.
MOST_BYTES, MOST_TOGETHER = 6_000_000, 12_000_000
# The bytes beside the texts: of an entry and of a reply (measured: Python 3.11, 64 bits).
_ENTRY, _REPLY = 450, 200


@dataclass(slots=True, eq=False)
class Excerpt:
    """What is kept of a reply: its head and the beginning of its body; equal replies share one.

    ``fields`` are the lines of its headers: to let go of one text takes a tenth of the time that its parts would take.
    ``body`` has at most ``MOST_BODY`` bytes, as sent; that of a stream grows while it is sent. ``size`` is about how
    many bytes all of it takes.
    """

    fields: str = ""
    body: bytes = b""
    size: int = 0

    def noting(self, pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
        """The pieces of a stream; the first ``most`` bytes are noted as they pass."""
        for piece in pieces:
            if len(self.body) < most:
                self.body += piece[: most - len(self.body)]
            yield piece

    def shown(self, request: Request, status: int | None) -> dict[str, Any]:
        """The excerpt as JSON values, with the credentials of the request masked."""
        clean = cleaner(request)
        headers = [line.partition(": ")[::2] for line in self.fields.split("\r\n")[:-1]]
        length = [headers.pop()] if headers and headers[-1][0] == "Content-Length" else []
        reply = opened(Reply(status or 0, tuple(headers)))
        body = decoded_start(self.body, reply.header("content-encoding"), MOST_BODY)
        # A character that was cut in two is left out.
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(body)
        sent = [] if status is None else [list(header) for header in masked_headers((*reply.headers, *length), clean)]
        return {"headers": sent, "body": clean(text)}


NOTHING = Excerpt()


def excerpt(reply: Reply, method: str) -> tuple[Excerpt, Reply]:
    """What to keep of a reply, and the reply to send in its place: a stream notes its beginning while it is sent."""
    status, _, body, sending = reply
    cut, raw = sending.cut, sending.raw or b""
    most = MOST_BODY if cut is None else min(cut, MOST_BODY)
    if method == "HEAD" or is_bodiless(status):
        most = 0
    fields = field_lines(headers_of(reply))
    if isinstance(body, bytes):
        start = (body[:most] + raw)[:MOST_BODY]
        return Excerpt(fields, start, _REPLY + len(fields) + len(start)), reply
    kept = Excerpt(fields, raw[:MOST_BODY], _REPLY + len(fields) + MOST_BODY)
    return kept, reply._replace(body=Stream(lambda: kept.noting(body, most)))


@dataclass(slots=True)
class Entry:
    """One exchange.

    ``id`` counts from 1 in each tenant; ``time`` in seconds since 1970; ``path`` is behind the tenant's prefix;
    ``status`` is None when no status line was sent; ``faults`` are the texts of the rules that struck; ``reply`` is
    what is kept of the reply; ``milliseconds`` is the time until it was handed over, None before that; ``size`` is
    about how many bytes the entry takes.
    """

    id: int
    time: float
    request: Request
    path: str
    status: int | None
    faults: tuple[str, ...]
    reply: Excerpt = NOTHING
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

    def shown_reply(self) -> dict[str, Any]:
        """What is kept of the reply as JSON values; more work than ``shown``."""
        return self.reply.shown(self.request, self.status)


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

    def record(
        self,
        request: Request,
        path: str,
        now: float,
        status: int | None,
        faults: tuple[str, ...],
        reply: Excerpt = NOTHING,
    ) -> Entry:
        """Add one exchange."""
        self.last += 1
        size = _ENTRY + reply.size + len(request.target)
        size += sum(map(len, chain.from_iterable(request.headers)))
        entry = Entry(self.last, now, request, path, status, faults, reply, size=size)
        self._entries.append(entry)
        while len(self._entries) > self._most or (self._size + size > self._most_bytes and len(self._entries) > 1):
            size -= self._entries.popleft().size
        self._size += size
        self._room.taken += size
        return entry

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The entries with an id above ``after``, oldest first."""
        return (entry for entry in tuple(self._entries) if entry.id > after)

    def clear(self) -> None:
        """Forget every entry; ids go on, so that a reader's cursor stays valid."""
        self._entries.clear()
        self._room.taken -= self._size
        self._size = 0
