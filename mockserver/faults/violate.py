"""``violate``: an answer that breaks the contract in one named way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Request

if TYPE_CHECKING:
    from mockserver.faults.offences.offence import Offence


@dataclass(frozen=True, slots=True)
class Violate(Fault):
    """An answer that breaks the contract in one named way."""

    offence: str = parameter(help="which way: `mockserver offences` lists them")

    def __post_init__(self) -> None:
        _offence(self.offence)

    def concerns(self, request: Request, reads: bool) -> bool:
        """What the offence says that it is about."""
        return _offence(self.offence).concerns(request, reads)

    def disturb(self, case: Case) -> Reply:
        """The answer stays honest when the offence does not apply to it."""
        return _offence(self.offence).change(case) or case.reply


def _offence(name: str) -> Offence:
    # Imported when used: a server that needs no offence starts without the large catalogue.
    from mockserver.faults.offences import find_offence

    return find_offence(name)
