"""``empty``: the connection closed without a byte."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Sending


@dataclass(frozen=True, slots=True)
class Empty(Fault):
    """The connection closed without a byte."""

    def disturb(self, case: Case) -> Reply:
        """Not a byte, at once."""
        return Reply(200, sending=Sending(cut=-1, end="close"))
