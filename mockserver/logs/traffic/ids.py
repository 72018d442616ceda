"""Ids: an invertible permutation from log numbers to 21 characters, so that an id finds its log without a table.

A page's ids are made together. Its numbers stand side by side in one long integer, a *lane* of 128 bits each, and every
step of the mixing is one operation on all of them: ten times as fast as one number after another.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH = 21  # characters, as in real deployments
LOGS = 2**60  # how many numbers have an id

_LANE = 128  # bits: a product of two words fits
_WORD = 2**64 - 1
# An id is seven triples of characters, and each of them 15 bits in 16 of its lane: three of the half that is mixed
# first, above four of the half that the number begins in.
_HIGH = 0x7FFF_7FFF_7FFF
# Of the 36^3 triples, 2^15 that lie scattered.
_SCATTER, _TRIPLES = 29_657, 36**3
_TEXTS = tuple(
    (DIGITS[value // 1296] + DIGITS[value // 36 % 36] + DIGITS[value % 36]).encode()
    for value in (part * _SCATTER % _TRIPLES for part in range(2**15))
)
_SHAPE = re.compile(f"[0-9a-z]{{{LENGTH}}}")


class _Lanes(NamedTuple):
    """So many lanes: ``ones`` has a one in each, the others their masks in each; two formats read and split them."""

    ones: int
    word: int
    high: int
    low: int
    steps: tuple[tuple[int, int], ...]
    read: struct.Struct
    parts: struct.Struct


@lru_cache(maxsize=64)
def _lanes(count: int) -> _Lanes:
    ones = sum(1 << _LANE * lane for lane in range(count))
    steps = tuple(((0x7FFF << 15 * place) * ones, place) for place in range(4))
    read, parts = struct.Struct("<" + "Q8x" * count), struct.Struct(f"<{8 * count}H")
    return _Lanes(ones, _WORD * ones, _HIGH * ones, (LOGS - 1) * ones, steps, read, parts)


@lru_cache(maxsize=64)
def _row(count: int) -> struct.Struct:
    return struct.Struct(f"{LENGTH}s" * count)


def _mix(values: int, key: int, lanes: _Lanes) -> int:
    """64 well-mixed bits a lane: the finalizer of splitmix64 (Steele, Lea, Flood 2014) over its value plus key."""
    word = lanes.word
    values = (values + key * lanes.ones) & word
    values = (((values ^ (values >> 30)) & word) * 0xBF58476D1CE4E5B9) & word
    values = (((values ^ (values >> 27)) & word) * 0x94D049BB133111EB) & word
    return values ^ (values >> 31)


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of one tenant's logs: an unbalanced Feistel network of two rounds over 45 and 60 bits.

    Each of the two keys (64 bits) drives a round and is the same for all tenants of a seed, so that they share the
    work; ``spelling`` is a tenant's own order of the characters. Not a cipher: ids look random, no more.
    """

    first: int
    second: int
    spelling: bytes

    @classmethod
    def of(cls, seed: int, tenant: str) -> Ids:
        """The ids that belong to a seed and a tenant."""
        digest = blake2b(f"{seed}".encode(), digest_size=16).digest()
        own = sorted(DIGITS.encode(), key=lambda digit: blake2b(f"{seed}/{tenant}/{digit}".encode()).digest())
        spelling = bytes.maketrans(DIGITS.encode(), bytes(own))
        return cls(int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big"), spelling)

    def ids(self, numbers: Sequence[int]) -> list[bytes]:
        """The ids of logs by their numbers (from 0 to LOGS - 1), some dozens at a time."""
        return [*self.spelled(self.common(numbers))]

    def spelled(self, common: bytes) -> tuple[bytes, ...]:
        """The ids that are this tenant's spelling of what is common to all."""
        return _row(len(common) // LENGTH).unpack(common.translate(self.spelling))

    def common(self, numbers: Sequence[int]) -> bytes:
        """What the ids of all tenants, in a row, are translations of."""
        count = len(numbers)
        lanes = _lanes(count)
        values = int.from_bytes(lanes.read.pack(*numbers), "little")
        high = _mix(values, self.first, lanes) & lanes.high
        mixed = (values + (_mix(high, self.second, lanes) & lanes.low)) & lanes.low
        low = 0
        for step, shift in lanes.steps:
            low |= (mixed & step) << shift
        parts = lanes.parts.unpack((high << 64 | low).to_bytes(16 * count, "little"))
        text = b"".join(map(_TEXTS.__getitem__, parts))  # an eighth triple of each lane is empty, and left out
        return b"".join([text[at : at + LENGTH] for at in range(0, 24 * count, 24)])

    def number(self, log_id: str) -> int | None:
        """The number whose id this is, or None for a text that is the id of no number."""
        if not _SHAPE.fullmatch(log_id):
            return None
        own = DIGITS.encode().translate(self.spelling)
        common = log_id.translate(str.maketrans(own.decode(), DIGITS))
        parts = [_part(common[at : at + 3]) for at in range(0, LENGTH, 3)]
        if max(parts) >= len(_TEXTS):
            return None
        mixed = sum(part << 15 * place for place, part in enumerate(parts[:4]))
        high = sum(part << 16 * place for place, part in enumerate(parts[4:]))
        number = (mixed - _mix(high, self.second, _lanes(1))) % LOGS
        return number if high == _mix(number, self.first, _lanes(1)) & _HIGH else None


def _part(triple: str) -> int:
    """The place of three characters among the scattered ones, beyond 2^15 where they are none of them."""
    return int(triple, 36) * pow(_SCATTER, -1, _TRIPLES) % _TRIPLES
