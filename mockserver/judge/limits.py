"""Limits: how much of a target a run may ask, and the clock it keeps to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, unknown

Depth = Literal["quick", "full", "fuzz"]
DEPTHS: tuple[Depth, ...] = get_args(Depth)

# Kept for requests with failing credentials, at the end and few: a deployment may count them against the caller.
FAILING_CREDENTIALS: dict[Depth, int] = {"quick": 8, "full": 20, "fuzz": 20}


class Clock(Protocol):
    """Time as a run meets it."""

    def now(self) -> float:
        """Seconds, from any beginning."""

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""


class WallClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Seconds, never turning back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


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
        if not self.seconds > 0:
            raise MockserverError("max-seconds", str(self.seconds), "more than 0")
        if self.rate is not None and not self.rate > 0:
            raise MockserverError("rate", str(self.rate), "more than 0")


# Each filter of the document brings probes of its own. Quick needs 29 requests for each of three filters, full 200 for
# each; the rest is for deployments that grow and for answers that are asked again.
_FILTERS = len(contract().filters)
REQUESTS: dict[Depth, int] = {"quick": 30 * _FILTERS, "full": 300 * _FILTERS, "fuzz": 4000}
SECONDS: dict[Depth, float] = {"quick": 120, "full": 600, "fuzz": 300}
FAR_RATE = 5.0


def limits(
    depth: Depth | None, loopback: bool, requests: int | None, seconds: float | None, rate: float | None
) -> Limits:
    """The limits of a run: what was asked, else by depth, and gentler where others share the target."""
    chosen: Depth = depth or ("full" if loopback else "quick")
    return Limits(
        chosen,
        REQUESTS.get(chosen, 1) if requests is None else requests,
        SECONDS.get(chosen, 1) if seconds is None else seconds,
        rate if rate is not None or loopback else FAR_RATE,
    )
