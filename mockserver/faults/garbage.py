"""``garbage``: random bytes that are not HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Sending


@dataclass(frozen=True, slots=True)
class Garbage(Fault):
    """Random bytes that are not HTTP, then a close."""

    bytes: int = parameter(256, help="how many are sent", unit="bytes", at_least=1, at_most=1_000_000)

    def disturb(self, case: Case) -> Reply:
        """The same request of the same plan gets the same bytes."""
        # No status line begins with this byte; without it the bytes could by chance be HTTP after all.
        raw = b"\0" + case.chance.bytes(self.bytes - 1)
        return Reply(200, sending=Sending(raw=raw, cut=-1, end="close"))
