"""``latency``: the answer, late."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import LONGEST, Case, Chance, Fault
from mockserver.http.message import Reply

# What each distribution is made of; the others' parameters have no meaning there.
_NEEDS = {"fixed": ("seconds",), "uniform": ("min", "max"), "lognormal": ("median", "sigma")}


@dataclass(frozen=True, slots=True)
class Latency(Fault):
    """The answer, late by a time that is fixed or drawn."""

    slot: ClassVar[str] = "latency"

    seconds: float | None = parameter(None, help="how late, when fixed", unit="s", at_least=0, at_most=LONGEST)
    distribution: str = parameter("fixed", help="fixed, or drawn for each request", choices=tuple(_NEEDS))
    min: float | None = parameter(None, help="the least, when uniform", unit="s", at_least=0, at_most=LONGEST)
    max: float | None = parameter(None, help="the most, when uniform", unit="s", at_least=0, at_most=LONGEST)
    median: float | None = parameter(None, help="half are later, when lognormal", unit="s", at_least=0, at_most=LONGEST)
    sigma: float | None = parameter(None, help="the spread, when lognormal: 0.4 is usual", at_least=0, at_most=10)

    def __post_init__(self) -> None:
        needed = _NEEDS[self.distribution]
        for name in ("seconds", "min", "max", "median", "sigma"):
            given = getattr(self, name) is not None
            if given != (name in needed):
                expected = "nothing" if given else "a value"
                found = f"{getattr(self, name):g}" if given else "nothing"
                raise MockserverError(f"latency: {name}", found, f"{expected} when distribution={self.distribution}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise MockserverError("latency: min", f"{self.min:g}", f"at most max, which is {self.max:g}")

    def disturb(self, case: Case) -> Reply:
        """Added to whatever another fault waits already."""
        return case.reply.sent(wait=case.reply.sending.wait + self.draw(case.chance))

    def draw(self, chance: Chance) -> float:
        """The seconds for one request."""
        if self.seconds is not None:
            return self.seconds
        if self.min is not None and self.max is not None:
            return self.min + (self.max - self.min) * chance.uniform("latency")
        # Box and Muller: two uniform numbers make a normal one; 1 - u is never 0.
        radius = math.sqrt(-2 * math.log(1 - chance.uniform("latency")))
        normal = radius * math.cos(2 * math.pi * chance.uniform("latency angle"))
        return min(LONGEST, (self.median or 0) * math.exp((self.sigma or 0) * normal))
