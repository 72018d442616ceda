"""``dribble``: the body in pieces, spread over a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import MOST_SECONDS, Case, Fault
from mockserver.http.message import Reply


@dataclass(frozen=True, slots=True)
class Dribble(Fault):
    """The body in pieces, spread over a time."""

    slot: ClassVar[str] = "dribble"

    seconds: float = parameter(help="from the head to the last piece", unit="s", at_least=0, at_most=MOST_SECONDS)
    chunks: int = parameter(10, help="how many pieces", at_least=1, at_most=10_000)

    def disturb(self, case: Case) -> Reply:
        """The whole body arrives in the end, unless another fault cuts it."""
        return case.reply.sent(over=self.seconds, chunks=self.chunks)
