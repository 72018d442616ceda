"""``rate_limit``: so many requests in a window of time, then 429."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import LONGEST, Case, Fault, Tally
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply


@dataclass(frozen=True, slots=True)
class RateLimit(Fault):
    """429 with Retry-After past the limit."""

    limit: int = parameter(help="requests let through in each window", at_least=0)
    window: float = parameter(60.0, help="the length of a window", unit="s", at_least=0.001, at_most=LONGEST)

    def strikes(self, now: float, tally: Tally) -> bool:
        """Past the limit of the window that ``now`` is in; windows follow each other from 1970 on."""
        current = int(now // self.window)
        if tally.window != current:
            tally.window, tally.in_window = current, 0
        tally.in_window += 1
        return tally.in_window > self.limit

    def disturb(self, case: Case) -> Reply:
        """Retry-After in whole seconds, at least 1, is never before the next window."""
        return error_reply(429, retry_after=max(1, math.ceil(self.window - case.now % self.window)))
