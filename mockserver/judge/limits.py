"""Limits: how much a run may ask of its target, and the clock that it keeps to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, unknown

Depth = Literal["quick", "full", "fuzz"]
DEPTHS: tuple[Depth, ...] = get_args(Depth)

# Each filter of the document brings probes of its own. Quick sees most with about 45 requests for each of three, full
# everything with about 180 for each. The rest is for doubts and for logs that come in.
_FILTERS = len(contract().filters)
REQUESTS: dict[Depth, int] = {"quick": 50 * _FILTERS, "full": 230 * _FILTERS, "fuzz": 4000}
SECONDS: dict[Depth, float] = {"quick": 120, "full": 600, "fuzz": 300}
# Requests a second, beyond this machine.
FAR_RATE = 5.0
# The most bytes of an answer that is judged while its client waits: some 30 ms. 100 of the largest logs have 380 kB.
LARGEST_JUDGED = 512 * 1024


class Clock(Protocol):
    """The time of a run."""

    def now(self) -> float:
        """Seconds from any beginning; never turns back."""

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""


class WallClock:
    """The clock of the machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a run may take: ``requests`` and ``seconds`` in all, ``rate`` in requests a second (None: no limit)."""

    depth: Depth
    requests: int
    seconds: float
    rate: float | None

    def __post_init__(self) -> None:
        if self.depth not in DEPTHS:
            raise unknown("depth", self.depth, DEPTHS)
        if self.requests < 1:
            raise MockserverError("max-requests", str(self.requests), "at least 1")
        for name, value in (("max-seconds", self.seconds), ("rate", self.rate)):
            if value is not None and not value > 0:
                raise MockserverError(name, str(value), "more than 0")


def limits(
    depth: Depth | None, loopback: bool, requests: int | None, seconds: float | None, rate: float | None
) -> Limits:
    """The limits of a run: those given, else those of the depth. A target beyond this machine is asked less, slower."""
    chosen: Depth = depth or ("full" if loopback else "quick")
    return Limits(
        chosen,
        REQUESTS.get(chosen, 1) if requests is None else requests,
        SECONDS.get(chosen, 1) if seconds is None else seconds,
        rate if rate is not None or loopback else FAR_RATE,
    )
