"""Ids: an invertible function from log numbers to texts of 21 characters.

*Problem.* Every log has an id that looks random, and the mock must find log 123,456,789 by its id. A table of 10^12 ids
is impossible, and so is a search.

*Idea.* Computers hold a reversible step in two forms. Modulo 2^84 a multiplication by an odd number has an inverse
(Knuth, volume 2, 4.5.2), and ``x ^ (x >> 42)`` undoes itself, because the upper 42 bits stay as they are. An addition,
two multiplications and two of these shifts, in turn, spread each bit of a number over all 84 bits. The mixed value has
21 hexadecimal digits, and each digit becomes one letter of sixteen: the place of the digit (modulo 3) decides which
sixteen of the 36 letters are used, so that all 36 occur. The order of the 36 letters is the tenant's own.

*Invariants.*

- ``number(id) == n`` for the id of each number ``n`` below LOGS; ids are unique, because every step is reversible.
- Any other text is the id of no number: it has the wrong length, a letter that cannot stand at its place, or (all but
  one text of 2^24) a value that leads back to a number of LOGS or more.
- The three constants come from the seed, so all tenants share the mixing. The order of letters comes from the seed and
  the tenant, so each tenant has ids of its own, and those of another tenant are texts of another shape.
- This is not a cipher. Ids look random; whoever has some of them can compute the rest.

*Example.* Number 0 is mixed to a value that begins with the digits 9, 0, 1 and 8. Its id begins with letter 9 of the
first sixteen letters of the tenant's order, letter 0 of the next sixteen, letter 1 of the last four and the first
twelve, and letter 8 of the first sixteen again.

*Lanes.* The ids of a page are made together. Its numbers stand side by side in one long integer, 24 bytes for each: a
product has up to 22. Each step is one operation on all of them, and a mask then clears what a product or a shift left
above the 84 bits of a number. A page then costs a tenant one translation of bytes, a tenth of 20 ids one by one.
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
# For each place, modulo 3: hexadecimal digits to the places of their letters among 3 times 16.
_PLACES = tuple(bytes.maketrans(b"0123456789abcdef", bytes(range(at, at + 16))) for at in (0, 16, 32))


@lru_cache(64)
def _lanes(count: int) -> tuple[int, Struct, Struct]:
    """Return a one in each of so many lanes, and the layouts of their numbers and of their digits."""
    ones = int("1".zfill(_LANE) * count or "0", 16)
    return ones, Struct(">" + "16xQ" * count), Struct(f"{_LANE - LENGTH}x{LENGTH}s" * count)


@lru_cache(64)
def _row(count: int) -> Struct:
    return Struct(f"{LENGTH}s" * count)


class Ids:
    """The ids of one tenant's logs; they depend on the seed and the tenant."""

    def __init__(self, seed: int, tenant: str) -> None:
        digest = blake2b(f"{seed}".encode()).digest()
        start, first, second = (int.from_bytes(digest[at : at + 11], "big") & _MASK for at in (0, 11, 22))
        self._start, self._first, self._second = start, first | 1, second | 1
        own = sorted(DIGITS, key=lambda letter: blake2b(f"{seed}/{tenant}/{letter}".encode()).digest())
        self._letters = "".join(own + own)[:48]
        self._table = bytes.maketrans(bytes(range(48)), self._letters.encode())

    def places(self, numbers: Sequence[int]) -> bytes:
        """Return what the ids of all tenants have in common: of each letter its place in the tenant's order.

        The numbers are from 0 to LOGS - 1, some dozens at a time.
        """
        ones, words, digits = _lanes(len(numbers))
        mixed = self._mix(int.from_bytes(words.pack(*numbers), "big"), ones)
        page = bytearray(b"%0*x" % (digits.size, mixed))[: digits.size]  # no number would be one digit
        for place, table in enumerate(_PLACES):
            page[place::3] = page[place::3].translate(table)
        return b"".join(digits.unpack(page))

    def texts(self, places: bytes) -> tuple[bytes, ...]:
        """Return this tenant's ids with these places."""
        return _row(len(places) // LENGTH).unpack(places.translate(self._table))

    def number(self, log_id: str) -> int | None:
        """Return the number that has this id, or None when no number has it."""
        if len(log_id) != LENGTH:
            return None
        mixed = 0
        for place, letter in enumerate(log_id):
            first = place % 3 * 16
            digit = self._letters.find(letter, first, first + 16) - first
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
