"""``latency``: the answer comes late."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import MOST_SECONDS, Case, Chance, Fault
from mockserver.http.message import Reply

# The parameters that each distribution needs; it takes none of the others.
_NEEDS = {"fixed": ("seconds",), "uniform": ("min", "max"), "lognormal": ("median", "sigma")}


@dataclass(frozen=True, slots=True)
class Latency(Fault):
    """The answer, late by a time that is fixed or random."""

    slot: ClassVar[str] = "latency"

    seconds: float | None = parameter(None, help="how late, when fixed", unit="s", at_least=0, at_most=MOST_SECONDS)
    distribution: str = parameter("fixed", help="fixed, or random for each request", choices=tuple(_NEEDS))
    min: float | None = parameter(None, help="the shortest, when uniform", unit="s", at_least=0, at_most=MOST_SECONDS)
    max: float | None = parameter(None, help="the longest, when uniform", unit="s", at_least=0, at_most=MOST_SECONDS)
    median: float | None = parameter(
        None, help="half of the answers are later, when lognormal", unit="s", at_least=0, at_most=MOST_SECONDS
    )
    sigma: float | None = parameter(None, help="the spread, when lognormal: 0.4 is usual", at_least=0, at_most=10)

    def __post_init__(self) -> None:
        needed = _NEEDS[self.distribution]
        for name in chain.from_iterable(_NEEDS.values()):
            value = getattr(self, name)
            if (value is None) == (name in needed):
                found, expected = ("nothing", "a value") if value is None else (f"{value:g}", "nothing")
                raise MockserverError(f"latency: {name}", found, f"{expected} when distribution={self.distribution}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise MockserverError("latency: min", f"{self.min:g}", f"at most max, which is {self.max:g}")

    def disturb(self, case: Case) -> Reply:
        """The time is added to what another fault waits already."""
        return case.reply.sent(wait=case.reply.sending.wait + self.draw(case.chance))

    def draw(self, chance: Chance) -> float:
        """The seconds that one request waits."""
        if self.seconds is not None:
            return self.seconds
        if self.min is not None and self.max is not None:
            return self.min + (self.max - self.min) * chance.uniform("latency")
        # Box and Muller (1958): two uniform numbers make a normal one. A chance is below 1, so the logarithm exists.
        radius = math.sqrt(-2 * math.log(1 - chance.uniform("latency")))
        normal = radius * math.cos(2 * math.pi * chance.uniform("latency angle"))
        return min(MOST_SECONDS, (self.median or 0) * math.exp((self.sigma or 0) * normal))
