"""``hang``: nothing for a time, then a closed connection."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import MOST_SECONDS, Case, Fault
from mockserver.http.message import Reply, Sending


@dataclass(frozen=True, slots=True)
class Hang(Fault):
    """Nothing for a time, then a closed connection."""

    seconds: float = parameter(30.0, help="how long", unit="s", at_least=0, at_most=MOST_SECONDS)

    def disturb(self, case: Case) -> Reply:
        """No byte is sent, not even a head."""
        return Reply(200, sending=Sending(wait=self.seconds, cut=-1, end="close"))
