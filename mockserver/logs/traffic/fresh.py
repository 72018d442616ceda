"""Fresh texts: the parts of a log that are new on each day.

*Problem.* One composed day repeats through years, but its session ids, tokens, codes and addresses must not repeat. A
log has up to ten of them, and the logs of one visit must share some: a session that begins in one log ends in another.

*Idea.* While a flow composes a visit, ``Fresh`` gives it **marks** in place of such texts: U+E000 and the two ends of a
slice. A composed log becomes a **template**: its JSON as a bytes format, and the slices that its marks named. For each
visit and day there is one **pool** of 320 random characters, the last part of an address, and the tenant; a template is
filled with slices of the pool. So equal marks give equal texts in all logs of a visit, and other texts on the next day.

The pool comes from one 64-byte hash of (seed and parameters, day, visit). Four tables translate it to four runs of 64
characters of [A-Za-z0-9_-], a fifth to a run of [0-9a-z]. The runs depend on each other, which nobody sees; five
independent hashes would cost half of the time that a log takes.

*Invariants.* A pool is a pure function of its arguments. When a visit needs more characters than a pool has, it begins
again at another offset, which cuts other texts. Faker's values hold no private characters, so a mark is always ours.

*Example.* ``{"sessionId": fresh.token(21)}`` becomes ``"sessionId":"%b"`` with the slice 0:21; the next token of the
visit begins at 21.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from mockserver.contract.jsontext import encode

_DIGEST = 64  # bytes of blake2b; each table makes as many characters of them
_URL_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LOWER = _URL_SAFE[26:62]


def _table(alphabet: bytes, factor: int) -> bytes:
    """Map 256 bytes to an alphabet, evenly; an odd ``factor`` makes each table different."""
    return bytes(alphabet[(byte * factor + byte // 64 * 7 + factor) % len(alphabet)] for byte in range(256))


_TABLES = tuple(_table(_URL_SAFE, factor) for factor in (1, 3, 5, 7))  # a sign-in and its code need 245 characters
_LOWER_TABLE = _table(_LOWER, 1)  # three records of verifications need 63
LETTERS = _DIGEST * len(_TABLES)
_ALL = LETTERS + _DIGEST
# Thousands of templates share less than a hundred slices, which the processor's cache can hold.
_slice = lru_cache(maxsize=1024)(slice)
_MARK = re.compile(rb"\xee\x80\x80(\d+):(\d*);")  # U+E000, a private character


def _mark(start: int, stop: int | None) -> str:
    return f"\ue000{start}:{'' if stop is None else stop};"


ADDRESS_END = _mark(_ALL, _ALL + 3)  # three digits, 100 to 249
TENANT = _mark(_ALL + 3, None)


class Fresh:
    """Gives marks for the fresh texts of one visit, given their length.

    ``token`` returns the mark of a text of [A-Za-z0-9_-], ``lower`` that of a text of [0-9a-z].
    """

    def __init__(self) -> None:
        self.token = _Room(0, LETTERS).take
        self.lower = _Room(LETTERS, _ALL).take


class _Room:
    """The part of a pool from ``start`` to ``stop``."""

    def __init__(self, start: int, stop: int) -> None:
        self._start = self._next = start
        self._stop = stop
        self._turn = 0

    def take(self, length: int) -> str:
        if self._next + length > self._stop:
            self._turn += 1
            self._next = self._start + 5 * self._turn
        self._next += length
        return _mark(self._next - length, self._next)


def pool(key: bytes, day: int, visit: int, tenant: bytes) -> bytes:
    """Return the fresh texts of a visit; ``key`` is the key of its composed day."""
    digest = blake2b(b"%b/%d/%d" % (key, day, visit)).digest()
    texts = map(digest.translate, (*_TABLES, _LOWER_TABLE))
    return b"".join((*texts, b"%d" % (100 + digest[0] % 150), tenant))


@dataclass(frozen=True, slots=True)
class Template:
    """A log's JSON from behind its id on: a bytes format, and what cuts from a pool the texts that fill it before
    createdAt."""

    body: bytes
    cut: Callable[[bytes], tuple[bytes, ...]]

    def render(self, pool: bytes, created_at: int) -> bytes:
        """Return the JSON with its slots filled."""
        return self.body % (*self.cut(pool), created_at)


def template(log: dict[str, Any]) -> Template:
    """Return the template of a log that may have marks in it."""
    marked = encode({**log, "createdAt": 0}).replace(b"%", b"%%")
    body = b'",' + _MARK.sub(b"%b", marked.removeprefix(b"{").removesuffix(b"0}"))
    slots = [_slice(int(start), int(stop) if stop else None) for start, stop in _MARK.findall(marked)]
    # ``itemgetter`` gives a tuple for two items or more; empty texts fill what is missing, if anything is.
    missing = 2 - len(slots)
    return Template(body + b"%b" * missing + b"%d}", itemgetter(*slots, *[_slice(0, 0)] * missing))
