"""``empty``: a connection that closes without a byte."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Sending


@dataclass(frozen=True, slots=True)
class Empty(Fault):
    """A connection that closes without a byte."""

    def disturb(self, case: Case) -> Reply:
        """No byte is sent, not even a head."""
        return Reply(200, sending=Sending(cut=-1, end="close"))
