"""``rate_limit``: 429 after a number of requests in a window of time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import MOST_SECONDS, Case, Fault, Tally
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply


@dataclass(frozen=True, slots=True)
class RateLimit(Fault):
    """429 with Retry-After for requests above the limit."""

    limit: int = parameter(help="requests that pass in each window", at_least=0)
    window: float = parameter(60.0, help="the length of a window", unit="s", at_least=0.001, at_most=MOST_SECONDS)

    def strikes(self, now: float, tally: Tally) -> bool:
        """Count one request of the window that ``now`` is in; True above the limit. The first window began in 1970."""
        current = int(now // self.window)
        if tally.window != current:
            tally.window, tally.in_window = current, 0
        tally.in_window += 1
        return tally.in_window > self.limit

    def disturb(self, case: Case) -> Reply:
        """Retry-After, in whole seconds and at least 1, is not before the next window."""
        return error_reply(429, retry_after=max(1, math.ceil(self.window - case.now % self.window)))
