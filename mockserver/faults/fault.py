"""What a fault is: a frozen record that makes a reply out of a case, with a chance and a tally to go by."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from mockserver.http.message import Reply, Request

# The most seconds of whatever a fault does: a wait of a day is a leak, not a test.
MOST_SECONDS = 3600.0


class Chance:
    """What is random about the k-th request that a rule matches: a function of plan seed, rule text and k alone.

    It is a hash and not a generator, so that no other rule, request, process or version can change it; see ``plan``.
    """

    __slots__ = ("_key",)

    def __init__(self, seed: int, rule: str, k: int) -> None:
        self._key = f"{seed}\0{rule}\0{k}\0".encode()

    def uniform(self, purpose: str) -> float:
        """A number in [0, 1); the numbers for different purposes are independent of each other."""
        digest = hashlib.blake2b(self._key + purpose.encode(), digest_size=8).digest()
        # A float in [0, 1) holds 53 bits.
        return (int.from_bytes(digest) >> 11) / (1 << 53)

    def bytes(self, length: int) -> bytes:
        """Random bytes of that length."""
        return hashlib.shake_128(self._key).digest(length)


@dataclass(slots=True)
class Tally:
    """What has happened to a rule in one tenant: requests matched, times fired, and the requests of one time window."""

    matched: int = 0
    fired: int = 0
    window: int = 0
    in_window: int = 0


@dataclass
class Case:
    """One request that a fault strikes, and the answers to it and to others; each is computed when it is first used.

    ``now``: seconds since 1970. ``ask`` answers any request as the mock does without faults. ``chance`` is that of the
    rule that struck. ``so_far`` is the reply that a fault of another slot made already, or None.
    """

    request: Request
    now: float
    ask: Callable[[Request], Reply]
    chance: Chance
    so_far: Reply | None = None

    @cached_property
    def reply(self) -> Reply:
        """The reply so far: that of another fault, else the honest one as the client would get it."""
        return self.ask(self.request) if self.so_far is None else self.so_far

    @cached_property
    def plain_request(self) -> Request:
        """The request without the headers that ask for compression, or make it conditional."""
        kept = (pair for pair in self.request.headers if pair[0] not in ("accept-encoding", "if-none-match"))
        return self.request._replace(headers=tuple(kept))

    @cached_property
    def plain(self) -> Reply:
        """The honest answer, neither compressed nor conditional, for faults that change what it says."""
        return self.ask(self.plain_request)


class Fault(ABC):
    """The base of every kind. Subclasses are frozen dataclasses of ``grammar.parameter`` fields.

    ``slot``: one rule of each slot strikes a request at most; faults of different slots combine (see ``plan``).
    """

    __slots__ = ()
    slot: ClassVar[str] = "answer"

    def concerns(self, request: Request, reads: bool) -> bool:
        """Whether it can strike a request, and counts it: one that reads a list or a log. An offence may be about
        others."""
        return reads

    def strikes(self, now: float, tally: Tally) -> bool:
        """Whether it is the time for this fault (``now`` in seconds since 1970); most kinds strike at any time."""
        return True

    @abstractmethod
    def disturb(self, case: Case) -> Reply:
        """The reply that the client gets. Of ``case`` it uses only what it needs, since each answer costs time."""
