"""The verdict: what a run found, what it could not judge, and the exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mockserver.judge.checks.check import Check
from mockserver.judge.connection import Address
from mockserver.judge.findings import Finding, Ledger
from mockserver.judge.limits import Depth


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run: the ``findings``, and the ``ledger`` of what was judged and what could not be.

    ``vacuous`` says why the run judged nothing, or did not come to its end; ``remedy`` says what to do then.
    """

    target: Address
    depth: Depth | Literal["traffic"]
    strict: bool
    findings: tuple[Finding, ...]
    ledger: Ledger
    logs: int
    requests: int
    seconds: float
    vacuous: str
    remedy: str

    def failing(self) -> list[Finding]:
        """The findings that fail the run: forbidden ones, senseless ones if strict; none that another explains."""
        counted = ("forbidden", "senseless") if self.strict else ("forbidden",)
        grave = [finding for finding in self.findings if finding.weight in counted]
        broken = {finding.check.name for finding in grave}
        return [finding for finding in grave if not broken & set(finding.check.consequence_of)]

    @property
    def exit_code(self) -> int:
        """1 if a finding fails the run; otherwise 2 if it judged nothing or did not come to its end; otherwise 0."""
        return 1 if self.failing() else 2 if self.vacuous else 0

    def of(self, check: Check) -> list[Finding]:
        """The findings of one check."""
        return [finding for finding in self.findings if finding.check is check]

    def skipped(self, check: Check) -> str | None:
        """Why a check was not judged; None if it was."""
        if check.name not in self.ledger.selected:
            return "left out by --only or --skip"
        if self.ledger.judged[check.name] or self.of(check):
            return None
        return self.ledger.unjudged.get(check.name) or self.vacuous or "no request of this run could show it"

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        judged = f"{_counted(self.logs, 'log')} and {_counted(self.requests, 'request')}"
        how = "other clients' requests" if self.depth == "traffic" else f"{self.depth} depth"
        scope = f"{judged} judged in {self.seconds:.1f} s, {how}"
        weights = [finding.weight for finding in self.findings]
        counts = {weight: weights.count(weight) for weight in ("forbidden", "senseless", "known", "advice")}
        listed = ", ".join(f"{count} {weight}" for weight, count in counts.items() if count)
        if self.failing():
            return f"Broken: {listed} ({scope})"
        if self.vacuous:
            reason = f"{self.vacuous}; {self.remedy}" if self.remedy else self.vacuous
            lack = (
                "Not judged to the end" if self.logs and any(self.ledger.judged.values()) else "Nothing could be judged"
            )
            return f"{lack}: {reason} ({self.target.url}, {scope})"
        return f"Kept{': ' + listed if listed else ''} ({scope})"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
