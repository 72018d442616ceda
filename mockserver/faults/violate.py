"""``violate``: an answer that breaks the contract in one named way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply

if TYPE_CHECKING:
    from mockserver.faults.offences.offence import Offence


@dataclass(frozen=True, slots=True)
class Violate(Fault):
    """An answer that breaks the contract in one named way."""

    offence: str = parameter(help="which: see `mockserver offences`")

    def __post_init__(self) -> None:
        _offence(self.offence)

    def disturb(self, case: Case) -> Reply:
        """The honest answer where the offence has no sense."""
        return _offence(self.offence).change(case) or case.reply


def _offence(name: str) -> Offence:
    # Imported when used: the catalogue is large, and a server starts without it.
    from mockserver.faults.offences import find_offence

    return find_offence(name)
