"""``garbage``: random bytes that are no HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Sending


@dataclass(frozen=True, slots=True)
class Garbage(Fault):
    """Random bytes that are no HTTP, then a close."""

    bytes: int = parameter(256, help="how many", unit="bytes", at_least=1, at_most=1_000_000)

    def disturb(self, case: Case) -> Reply:
        """The same bytes for the same request of the same plan."""
        # A first byte that no status line has, or by chance it could be HTTP/0.9 or 1.1 after all.
        raw = b"\0" + case.chance.bytes(self.bytes - 1)
        return Reply(200, sending=Sending(raw=raw, cut=-1, end="close"))
