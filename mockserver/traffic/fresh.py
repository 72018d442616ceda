"""Fresh texts: the parts of a log that are new on each day, as marks in a composed log that become slots of a template.

All fresh texts of one visit on one day are slices of one **pool**: letters drawn by hashing (key, day, visit), the same
letters in lower case, an address's last part, and the tenant. One hash a visit, then only slices.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import shake_128
from operator import itemgetter
from typing import Any

LETTERS = 336  # of [A-Za-z0-9_-] a visit: 252 bytes of the hash; the longest sign-in needs about 300
_ALPHABET = bytes.maketrans(b"+/", b"-_")
_LOWER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+/", b"abcdefghijklmnopqrstuvwxyz01")
_MARK = re.compile(rb"\xee\x80\x80(\d+):(\d*);")  # U+E000, from a private area: in no text of Faker's


def _mark(start: int, stop: int | None) -> str:
    return f"\ue000{start}:{'' if stop is None else stop};"


ADDRESS_END = _mark(2 * LETTERS, 2 * LETTERS + 3)  # three digits, 100 to 249
TENANT = _mark(2 * LETTERS + 3, None)


class Fresh:
    """Hands out marks for the fresh texts of one visit; beyond the pool's letters it begins again at other offsets."""

    __slots__ = ("_next", "_turn")

    def __init__(self) -> None:
        self._next = self._turn = 0

    def token(self, length: int) -> str:
        """The mark of a text of [A-Za-z0-9_-]."""
        start = self._take(length)
        return _mark(start, start + length)

    def lower(self, length: int) -> str:
        """The mark of a text of [0-9a-z]."""
        start = LETTERS + self._take(length)
        return _mark(start, start + length)

    def _take(self, length: int) -> int:
        if self._next + length > LETTERS:
            self._turn += 1
            self._next = 5 * self._turn
        start = self._next
        self._next += length
        return start


def pool(key: bytes, day: int, visit: int, tenant: bytes) -> bytes:
    """The fresh texts of a visit on a day: a pure function of all four."""
    digest = shake_128(b"%b/%d/%d" % (key, day, visit)).digest(LETTERS // 4 * 3)
    letters = b2a_base64(digest, newline=False)
    return b"%b%b%d%b" % (letters.translate(_ALPHABET), letters.translate(_LOWER), 100 + digest[0] % 150, tenant)


@dataclass(frozen=True, slots=True)
class Template:
    """A log's JSON with slots: ``body`` is a bytes format, ``pick`` takes its values out of a pool."""

    body: bytes
    pick: Callable[[bytes], Any]

    def render(self, pool: bytes) -> bytes:
        """The JSON with its slots filled."""
        return self.body % self.pick(pool)


def template(marked: bytes) -> Template:
    """The template of JSON text with marks in it."""
    slots = [slice(int(start), int(stop) if stop else None) for start, stop in _MARK.findall(marked)]
    return Template(_MARK.sub(b"%b", marked.replace(b"%", b"%%")), itemgetter(*slots) if slots else _nothing)


def _nothing(_: bytes) -> tuple[()]:
    return ()
