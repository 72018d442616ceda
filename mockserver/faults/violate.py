"""``violate``: an answer that breaks the contract in one named way."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver import offences
from mockserver.fault import Case, Fault
from mockserver.grammar import parameter
from mockserver.reply import Reply


@dataclass(frozen=True, slots=True)
class Violate(Fault):
    """An answer that breaks the contract in one named way."""

    offence: str = parameter(help="which: see `mockserver offences`")

    def __post_init__(self) -> None:
        offences.offence(self.offence)

    def disturb(self, case: Case) -> Reply:
        """The honest answer where the offence has no sense."""
        return offences.offence(self.offence).change(case) or case.reply
