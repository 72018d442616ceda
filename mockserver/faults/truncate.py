"""``truncate``: a body shorter than its Content-Length."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Stream


@dataclass(frozen=True, slots=True)
class Truncate(Fault):
    """A body shorter than Content-Length, then a close."""

    fraction: float | None = parameter(None, help="the part of the body that is sent", at_least=0, at_most=1)
    bytes: int | None = parameter(None, help="or how many bytes of it are sent", unit="bytes", at_least=0)

    def __post_init__(self) -> None:
        if self.fraction is not None and self.bytes is not None:
            raise MockserverError("truncate", "fraction and bytes", "one of them")

    def disturb(self, case: Case) -> Reply:
        """Half the body is sent when neither is given; at least one byte is missing.

        A stream, whose length is not known yet, is cut after a fraction of its first piece.
        """
        body = case.reply.body
        whole = next(iter(body), b"") if isinstance(body, Stream) else body
        fraction = 0.5 if self.fraction is None else self.fraction
        kept = int(len(whole) * fraction) if self.bytes is None else self.bytes
        if body is whole:
            kept = max(0, min(kept, len(whole) - 1))
        return case.reply.sent(cut=kept, end="close")
