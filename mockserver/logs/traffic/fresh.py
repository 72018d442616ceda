"""Fresh texts: the parts of a log that are new on each day, as marks in a composed log that become slots of a template.

All fresh texts of a log are slices of one **pool**: letters of [A-Za-z0-9_-], letters of [0-9a-z], an address's last
part, which are its visit's on that day; and its tenant. One hash, spread by translation tables, then only
slices: an honest hash of so many letters would take half of the time that a log takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from mockserver.contract.jsontext import encode

_DIGEST = 64  # bytes of blake2b; each table makes as many letters of them
_URL_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LOWER = _URL_SAFE[26:62]


def _table(alphabet: bytes, factor: int) -> bytes:
    """256 letters of an alphabet, evenly; ``factor`` (odd) tells one table from another."""
    return bytes(alphabet[(byte * factor + byte // 64 * 7 + factor) % len(alphabet)] for byte in range(256))


_TABLES = tuple(_table(_URL_SAFE, factor) for factor in (1, 3, 5, 7))  # a sign-in and its code need 245
_LOWER_TABLE = _table(_LOWER, 1)  # and three records of verifications 63
LETTERS = _DIGEST * len(_TABLES)
_ALL = LETTERS + _DIGEST
_MARK = re.compile(rb"\xee\x80\x80(\d+):(\d*);")  # U+E000, from a private area: in no text of Faker's


def _mark(start: int, stop: int | None) -> str:
    return f"\ue000{start}:{'' if stop is None else stop};"


ADDRESS_END = _mark(_ALL, _ALL + 3)  # three digits, 100 to 249
TENANT = _mark(_ALL + 3, None)


class Fresh:
    """Hands out marks for the fresh texts of one visit."""

    __slots__ = ("_lower", "_tokens")

    def __init__(self) -> None:
        self._tokens = _Room(0, LETTERS)
        self._lower = _Room(LETTERS, _ALL)

    def token(self, length: int) -> str:
        """The mark of a text of [A-Za-z0-9_-]."""
        return self._tokens.take(length)

    def lower(self, length: int) -> str:
        """The mark of a text of [0-9a-z]."""
        return self._lower.take(length)


class _Room:
    """A run of the pool; once all is taken, texts are cut anew from other offsets, which makes other texts."""

    __slots__ = ("_next", "_start", "_stop", "_turn")

    def __init__(self, start: int, stop: int) -> None:
        self._start = self._next = start
        self._stop = stop
        self._turn = 0

    def take(self, length: int) -> str:
        if self._next + length > self._stop:
            self._turn += 1
            self._next = self._start + 5 * self._turn
        start = self._next
        self._next += length
        return _mark(start, self._next)


@lru_cache(maxsize=256)  # the visits that go on at one time: a page shows several logs of each
def pool(key: bytes, day: int, visit: int, tenant: bytes) -> bytes:
    """The fresh texts of a log: a pure function of its day's key, the day, the visit and its tenant."""
    digest = blake2b(b"%b/%d/%d" % (key, day, visit)).digest()
    spread = digest.translate
    a, b, c, d = _TABLES
    end = b"%d" % (100 + digest[0] % 150)
    return b"".join((spread(a), spread(b), spread(c), spread(d), spread(_LOWER_TABLE), end, tenant))


def front(tenant: bytes) -> bytes:
    """The JSON of a log up to its id; behind the id comes what a template renders."""
    return b'{"tenantId":"' + tenant + b'","id":"'


@dataclass(frozen=True, slots=True)
class Template:
    """A log's JSON from behind its id on, with slots.

    ``body`` is a bytes format, ``pick`` takes all its values but createdAt from a pool; ``names_tenant``: one of them
    is the tenant.
    """

    body: bytes
    pick: Callable[[bytes], tuple[bytes, ...]]
    names_tenant: bool

    def render(self, pool: bytes, created_at: int) -> bytes:
        """The JSON with its slots filled."""
        return self.body % (*self.pick(pool), created_at)


def template(log: dict[str, Any]) -> Template:
    """The template of a log that has a key and a payload with marks in it."""
    marked = encode({**log, "createdAt": 0}).replace(b"%", b"%%")
    body = b'",' + _MARK.sub(b"%b", marked.removeprefix(b"{").removesuffix(b"0}")) + b"%d}"
    return Template(body, _picker(tuple(_MARK.findall(marked))), TENANT.encode() in marked)


@cache
def _picker(marks: tuple[tuple[bytes, bytes], ...]) -> Callable[[bytes], tuple[bytes, ...]]:
    """Shared by the templates with the same slots: thousands of their own would not stay in a processor's cache."""
    if len(marks) > 1:
        return itemgetter(*map(_slot, marks))
    # Of one slot, itemgetter gives no tuple.
    return lambda pool: tuple(pool[_slot(mark)] for mark in marks)


@cache
def _slot(mark: tuple[bytes, bytes]) -> slice:
    start, stop = mark
    return slice(int(start), int(stop) if stop else None)
