"""What a fault is: a frozen record that makes a reply out of a case, with a chance and a tally to go by."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from mockserver.http.message import Reply, Request

# The most seconds that any fault waits: a day-long hang is a leak, not a test.
LONGEST = 3600.0


class Chance:
    """The luck of the k-th request that a rule matches: a function of plan seed, rule text and k alone.

    Hashed, not drawn from a generator, so that no other draw, process or version can shift it.
    """

    __slots__ = ("_key",)

    def __init__(self, seed: int, rule: str, k: int) -> None:
        self._key = f"{seed}\0{rule}\0{k}\0".encode()

    def uniform(self, what: str) -> float:
        """A number in [0, 1) for the purpose named ``what``; purposes are independent of each other."""
        digest = hashlib.blake2b(self._key + what.encode(), digest_size=8).digest()
        # 53 bits are what a float in [0, 1) holds.
        return (int.from_bytes(digest) >> 11) / (1 << 53)

    def bytes(self, length: int) -> bytes:
        """So many bytes."""
        return hashlib.shake_128(self._key).digest(length)


@dataclass(slots=True)
class Tally:
    """What has happened to a rule in one tenant: requests matched, times fired, and the count of one time window."""

    matched: int = 0
    fired: int = 0
    window: int = 0
    in_window: int = 0


class Case:
    """One request about to be disturbed, and the answers to it and to others, computed when wanted.

    ``ask`` answers any request as the undisturbed API does; ``chance`` is that of the rule that fired; ``so_far`` is
    what a fault of another slot made already.
    """

    def __init__(
        self, request: Request, now: float, ask: Callable[[Request], Reply], chance: Chance, so_far: Reply | None = None
    ) -> None:
        self.request = request
        self.now = now
        self.ask = ask
        self.chance = chance
        self._so_far = so_far

    @cached_property
    def reply(self) -> Reply:
        """The reply so far: the honest one as the client would get it, unless another fault made one."""
        return self.ask(self.request) if self._so_far is None else self._so_far

    @cached_property
    def plain(self) -> Reply:
        """The honest answer without compression or condition, for faults that change what it says."""
        left_out = ("accept-encoding", "if-none-match")
        headers = tuple(pair for pair in self.request.headers if pair[0] not in left_out)
        return self.ask(self.request._replace(headers=headers))


class Fault(ABC):
    """The base of every kind. Subclasses are frozen dataclasses of ``grammar.parameter`` fields.

    ``slot``: of the rules of one slot, the first that fires takes it; faults of different slots combine.
    """

    __slots__ = ()
    slot: ClassVar[str] = "answer"

    def strikes(self, now: float, tally: Tally) -> bool:
        """Whether it is the time for this fault (``now`` in seconds since 1970); most kinds strike at any time."""
        return True

    @abstractmethod
    def disturb(self, case: Case) -> Reply:
        """What the client gets; an answer that the fault does not need is never computed."""
