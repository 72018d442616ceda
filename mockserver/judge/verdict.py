"""The verdict: what a run found, what it could not judge, and the exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mockserver.judge.checks.check import Check
from mockserver.judge.findings import Finding, Ledger
from mockserver.judge.limits import Depth
from mockserver.judge.route import Address


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run: the ``findings``, and the ``ledger`` of what was judged and what could not be.

    ``date`` is when the run began, as ISO 8601; ``profile`` names what was known of the deployment's version of Logto.
    ``vacuous`` says why the run judged nothing, or did not come to its end; ``remedy`` says what to do then.
    """

    target: Address
    date: str
    profile: str
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
        return [finding for finding in self.findings if finding.weight in counted and not self.causes(finding)]

    def causes(self, finding: Finding) -> list[str]:
        """The names of the broken checks that explain a finding; what is known needs no explanation."""
        if finding.deviation:
            return []
        counted = ("forbidden", "senseless") if self.strict else ("forbidden",)
        broken = {other.check.name for other in self.findings if other.weight in counted}
        return [name for name in finding.check.consequence_of if name in broken]

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
        return self.ledger.unjudged.get(check.name) or self.ledger.ended or self.vacuous or "no request could show it"

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each weight; those that follow from others are counted apart."""
        kinds = ["following" if self.causes(finding) else finding.weight for finding in self.findings]
        return {kind: kinds.count(kind) for kind in ("forbidden", "senseless", "following", "known", "advice")}

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        judged = f"{_counted(self.logs, 'log')} and {_counted(self.requests, 'request')}"
        how = "other clients' requests" if self.depth == "traffic" else f"{self.depth} depth"
        scope = f"{judged} judged in {self.seconds:.1f} s, {how}"
        listed = ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count)
        if self.failing():
            return f"Broken: {listed} ({scope})"
        if self.vacuous:
            reason = f"{self.vacuous}; {self.remedy}" if self.remedy else self.vacuous
            begun = self.logs and any(self.ledger.judged.values())
            lack = "Not judged to the end" if begun else "Nothing could be judged"
            return f"{lack}: {reason} ({self.target.url}, {scope})"
        return f"Kept{': ' + listed if listed else ''} ({scope})"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
