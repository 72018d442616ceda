"""Ids: an invertible function from log numbers to texts of 21 characters.

*Problem.* Every log has an id that looks random, and the mock must find log 123,456,789 by its id. A table of 10^12 ids
is impossible, and so is a search.

*Idea.* Computers hold a reversible step in two forms. Modulo 2^84 a multiplication by an odd number has an inverse
(Knuth, volume 2, 4.5.2), and ``x ^ (x >> 42)`` undoes itself, because the upper 42 bits stay as they are. An addition,
two multiplications and two of these shifts, in turn, spread each bit of a number over all 84 bits. The mixed value has
21 hexadecimal digits, and each digit becomes one letter of sixteen: the place of the digit (modulo 3) decides which
sixteen of the 36 letters are used, so that all 36 occur.

*Invariants.*

- ``number(id) == n`` for the id of each number ``n`` below LOGS; ids are unique, because every step is reversible.
- Any other text is the id of no number: it has the wrong length, a letter that cannot stand at its place, or (all but
  one text of 2^24) a value that leads back to a number of LOGS or more.
- The three constants come from the seed and the tenant, so each tenant has ids of its own.
- This is not a cipher. Ids look random; whoever has some of them can compute the rest.

*Example.* For seed 7 and tenant ``default``, number 0 is mixed to 0x9018644abc8b50b5842ea. Its first digits are 9, 0, 1
and 8: letter 9 of the first set, letter 0 of the second, letter 1 of the third, letter 8 of the first give ``9gx8``.

*Lanes.* The ids of a page are made together. Its numbers stand side by side in one long integer, 24 bytes for each: a
product has up to 22. Each step is one operation on all of them, and a mask then clears what a product or a shift left
above the 84 bits of a number. 20 ids take half of the time that they take one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from struct import Struct

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH = 21  # characters, as in real deployments
LOGS = 2**60  # how many numbers have an id

_BITS = 4 * LENGTH
_MASK = (1 << _BITS) - 1
_HALF = _BITS // 2
_LANE = 48  # hexadecimal digits; divisible by 3, so that the places of letters repeat in each lane
# The sixteen letters of each place, modulo 3; the third set begins with w-z and goes on with 0-b.
_LETTERS = tuple((2 * DIGITS)[start : start + 16] for start in (0, 16, 32))
_TABLES = tuple(bytes.maketrans(DIGITS[:16].encode(), letters.encode()) for letters in _LETTERS)


@lru_cache(64)
def _lanes(count: int) -> tuple[int, Struct, Struct]:
    """Return a one in each of so many lanes, and the layouts of their numbers and of their texts."""
    ones = int("1".zfill(_LANE) * count or "0", 16)
    return ones, Struct(">" + "16xQ" * count), Struct(f"{_LANE - LENGTH}x{LENGTH}s" * count)


class Ids:
    """The ids of one tenant's logs; they depend on the seed and the tenant."""

    def __init__(self, seed: int, tenant: str) -> None:
        digest = blake2b(f"{seed}/{tenant}".encode()).digest()
        start, first, second = (int.from_bytes(digest[at : at + 11], "big") & _MASK for at in (0, 11, 22))
        self._start, self._first, self._second = start, first | 1, second | 1

    def ids(self, numbers: Sequence[int]) -> list[bytes]:
        """Return the ids of numbers from 0 to LOGS - 1, some dozens at a time."""
        ones, words, texts = _lanes(len(numbers))
        mixed = self._mix(int.from_bytes(words.pack(*numbers), "big"), ones)
        page = bytearray(b"%0*x" % (texts.size, mixed))[: texts.size]  # no number would be one digit
        for place, table in enumerate(_TABLES):
            page[place::3] = page[place::3].translate(table)
        return list(texts.unpack(page))

    def number(self, log_id: str) -> int | None:
        """Return the number that has this id, or None when no number has it."""
        if len(log_id) != LENGTH:
            return None
        mixed = 0
        for place, letter in enumerate(log_id):
            digit = _LETTERS[place % 3].find(letter)
            if digit < 0:
                return None
            mixed = mixed << 4 | digit
        number = self._unmix(mixed)
        return number if number < LOGS else None

    def _mix(self, lanes: int, ones: int) -> int:
        mask = _MASK * ones
        lanes = (lanes + self._start * ones) * self._first & mask
        lanes = ((lanes ^ lanes >> _HALF) & mask) * self._second & mask
        return (lanes ^ lanes >> _HALF) & mask

    def _unmix(self, mixed: int) -> int:
        first, second = (pow(factor, -1, _MASK + 1) for factor in (self._first, self._second))
        value = (mixed ^ mixed >> _HALF) * second & _MASK
        value = (value ^ value >> _HALF) * first & _MASK
        return (value - self._start) & _MASK
