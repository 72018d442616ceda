"""HARs: the answers of ``GET /api/logs`` in what the developer tools of a browser saved (HTTP Archive 1.2).

A HAR may be huge, and mixes these answers with everything else that a page asks for. It is read entry by entry: the
memory depends on the largest entry, of ``LONGEST_ENTRY`` characters at most.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from mockserver.contract.document import LIST_PATH, Log
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import Pairs, matches
from mockserver.contract.jsontext import decode
from mockserver.http.encoding import decoded_start
from mockserver.logs.reading import JsonReader, no_json
from mockserver.record.collection import Collection

# A page of 100 logs has about 100 kB; the largest answer that the judge reads has 16 MB.
LONGEST_ENTRY = 16_000_000
_EXPECTED = "a HAR with answers of GET /api/logs"
_REMEDY = "save it in the browser's developer tools, with content, after the logs were shown"
# The list, or one log, at any origin and below any path.
_IS_LOGS = re.compile(rf"[^?#]*{LIST_PATH}(?:/[^/?#]+)?/?(?:[?#]|$)").match


class Har:
    """The logs of a HAR that match the filters."""

    def __init__(self, path: Path, filters: Pairs) -> None:
        self._path = path
        self._filters = filters
        self._read = self._unread = 0

    @property
    def lost(self) -> str:
        """What is said of answers about logs that could not be read; empty if there were none."""
        return f"{self._unread:,} answers about logs have no body that is JSON" if self._unread else ""

    def read(self, logs: Collection, rename: Callable[[Log], Log]) -> Iterator[float]:
        """Add the logs of each entry; yields the part that is done, 0 to 1.

        Raises MockserverError for a file that is no HAR, or holds no answer about logs that can be read.
        """
        place = f"{self._path} (entry 0)"
        try:
            with self._path.open("rb") as file:
                size = self._path.stat().st_size
                for number, entry in enumerate(_entries(file)):
                    found = [log for log in self._logs(entry) if matches(log, self._filters)]
                    logs.add(place, found, rename)
                    place = f"{self._path} (entry {number + 1})"
                    yield file.tell() / size
        except (ValueError, RecursionError) as error:
            raise MockserverError(place, f"no HAR ({no_json(error)})", _EXPECTED, _REMEDY) from None
        if not self._read:
            raise MockserverError(str(self._path), self.lost or "no answer about logs", _EXPECTED, _REMEDY)

    def _logs(self, entry: Any) -> list[Any]:
        """Return the logs of an entry, and count whether it could be read."""
        match entry:
            case {
                "request": {"method": "GET", "url": str(url)},
                "response": {"status": 200 | 304, "content": dict(content), "headers": list(headers)},
            } if _IS_LOGS(url):
                try:
                    value = decode(_body(content, headers))
                except ValueError:
                    self._unread += 1
                    return []
                self._read += 1
                return value if isinstance(value, list) else [value]
        return []


def _body(content: dict[str, Any], headers: list[Any]) -> bytes:
    """Return a body as it was before it was compressed and encoded; raises ValueError for one that is not there."""
    text = str(content.get("text", "")).encode(errors="replace")
    if content.get("encoding") != "base64":
        return text
    pairs = [(str(h.get("name")).lower(), str(h.get("value")).lower()) for h in headers if isinstance(h, dict)]
    return decoded_start(b64decode(text), dict(pairs).get("content-encoding"), LONGEST_ENTRY)


def _entries(file: IO[bytes]) -> Iterator[Any]:
    """Yield the entries of a HAR; raises ValueError where it is none, and RecursionError."""
    reader = JsonReader(file, LONGEST_ENTRY)
    reader.passes("\ufeff")
    for _ in _members(reader, "log"):
        for _ in _members(reader, "entries"):
            yield from (entry for _, entry in reader.elements())


def _members(reader: JsonReader, wanted: str) -> Iterator[None]:
    """Pass the object that begins here; yield where the wanted value begins, which the caller must pass."""
    reader.expect("{")
    is_end = reader.passes("}")
    while not is_end:
        name = reader.take()[1]
        reader.expect(":")
        if name == wanted:
            yield
        else:
            reader.take()
        is_end = reader.passes("}")
        if not is_end:
            reader.expect(",")
