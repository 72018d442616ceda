"""Ids: an invertible permutation from log numbers to 21 characters, so that an id finds its log without a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH = 21  # characters, as in real deployments
_LOW = 36**12  # the number begins in the low part: 4.7e18 logs have room
_HIGH = 36**9
_TRIPLES = tuple((a + b + c).encode() for a in DIGITS for b in DIGITS for c in DIGITS)
_SHAPE = re.compile(f"[0-9a-z]{{{LENGTH}}}")
_MASK = 2**64 - 1


def _mix(value: int, key: int) -> int:
    """64 well-mixed bits: the finalizer of splitmix64 (Steele, Lea, Flood 2014) over value plus key."""
    value = (value + key) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of one tenant's logs: an unbalanced Feistel network of two rounds over 36^9 x 36^12.

    Each of the two keys (64 bits) drives a round; equal keys give equal ids. Not a cipher: ids look random, no more.
    """

    first: int
    second: int

    @classmethod
    def of(cls, seed: int, tenant: str) -> Ids:
        """The ids that belong to a seed and a tenant."""
        digest = blake2b(f"{seed}/{tenant}".encode(), digest_size=16).digest()
        return cls(int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big"))

    def id(self, number: int) -> bytes:
        """The id of log ``number`` (from 0 to 36^12 - 1)."""
        high = _mix(number, self.first) % _HIGH
        low = (number + _mix(high, self.second)) % _LOW
        t = _TRIPLES
        rest, a = divmod(high, 46656)
        c, b = divmod(rest, 46656)
        rest, d = divmod(low, 46656)
        rest, e = divmod(rest, 46656)
        g, f = divmod(rest, 46656)
        return t[c] + t[b] + t[a] + t[g] + t[f] + t[e] + t[d]

    def number(self, log_id: str) -> int | None:
        """The number whose id this is, or None for a text that is the id of no number."""
        if not _SHAPE.fullmatch(log_id):
            return None
        high, low = int(log_id[:9], 36), int(log_id[9:], 36)
        number = (low - _mix(high, self.second)) % _LOW
        return number if high == _mix(number, self.first) % _HIGH else None
