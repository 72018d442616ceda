"""``wrong_type``: a Content-Type that the body is not."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply


@dataclass(frozen=True, slots=True)
class WrongType(Fault):
    """200 with another Content-Type."""

    type: str = parameter("text/html; charset=utf-8", help="the Content-Type that is sent")

    def __post_init__(self) -> None:
        if not self.type.isascii() or not self.type.isprintable():
            raise MockserverError("wrong_type: type", repr(self.type), "printable ASCII, as a header holds")

    def disturb(self, case: Case) -> Reply:
        """The honest body, with status 200 and this type."""
        return case.reply.with_header("Content-Type", self.type)._replace(status=200)
