"""``outage``: 503 during windows of time that recur."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import MOST_SECONDS, Case, Fault, Tally
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply


@dataclass(frozen=True, slots=True)
class Outage(Fault):
    """503 during windows of time that recur."""

    period: float = parameter(help="from the start of one outage to the next", unit="s", at_least=0.001, at_most=86_400)
    duration: float = parameter(help="how long each outage lasts", unit="s", at_least=0, at_most=MOST_SECONDS)

    def __post_init__(self) -> None:
        if self.duration > self.period:
            raise MockserverError("outage: duration", f"{self.duration:g}", f"at most period, which is {self.period:g}")

    def strikes(self, now: float, tally: Tally) -> bool:
        """Whether ``now`` is in an outage; they start at multiples of the period since 1970."""
        return now % self.period < self.duration

    def disturb(self, case: Case) -> Reply:
        """Retry-After, in whole seconds and at least 1, is not before the end of the outage."""
        return error_reply(503, retry_after=max(1, math.ceil(self.duration - case.now % self.period)))
