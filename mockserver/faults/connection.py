"""Faults of the connection: it waits, closes, is reset, or carries bytes that are not HTTP."""

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


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """A TCP reset before a byte of the answer, or within its body."""

    after: int = parameter(0, help="body bytes that are sent before it; 0: no head either", unit="bytes", at_least=0)

    def disturb(self, case: Case) -> Reply:
        """The honest answer is computed only when a part of it is sent."""
        if self.after == 0:
            return Reply(200, sending=Sending(cut=-1, end="reset"))
        return case.reply.sent(cut=self.after, end="reset")


@dataclass(frozen=True, slots=True)
class Empty(Fault):
    """A connection that closes without a byte."""

    def disturb(self, case: Case) -> Reply:
        """No byte is sent, not even a head."""
        return Reply(200, sending=Sending(cut=-1, end="close"))


@dataclass(frozen=True, slots=True)
class Garbage(Fault):
    """Random bytes that are not HTTP, then a close."""

    bytes: int = parameter(256, help="how many are sent", unit="bytes", at_least=1, at_most=1_000_000)

    def disturb(self, case: Case) -> Reply:
        """The same request of the same plan gets the same bytes."""
        # No status line begins with this byte; without it the bytes could by chance be HTTP after all.
        raw = b"\0" + case.chance.bytes(self.bytes - 1)
        return Reply(200, sending=Sending(raw=raw, cut=-1, end="close"))


# No header has a blank in its name or lacks a colon (RFC 9112, 5). Browsers pass over such a line, but not over a NUL.
_STRAY = b"\0this line is no header\r\n"


@dataclass(frozen=True, slots=True)
class MalformedHead(Fault):
    """A head with a line that is no header, which strict clients refuse."""

    def disturb(self, case: Case) -> Reply:
        """The honest answer, with the line behind its headers; the connection then ends, as nobody may trust it."""
        return case.reply.sent(stray=_STRAY, end="close")
