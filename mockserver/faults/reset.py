"""``reset``: a TCP reset before the answer, or within its body."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Sending


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """A TCP reset before a byte of the answer, or within its body."""

    after: int = parameter(0, help="body bytes that are sent before it; 0: no head either", unit="bytes", at_least=0)

    def disturb(self, case: Case) -> Reply:
        """The honest answer is computed only when a part of it is sent."""
        if self.after == 0:
            return Reply(200, sending=Sending(cut=-1, end="reset"))
        return case.reply.sent(cut=self.after, end="reset")
