"""The verdict: what a run found, what it could not judge, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.judge.address import Address
from mockserver.judge.checks.check import Check
from mockserver.judge.findings import Finding
from mockserver.judge.known import Deviation
from mockserver.judge.limits import Depth


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run. ``judged`` counts judgements by rule; ``unjudged`` pairs what was not with why.

    ``vacuous`` says why nothing could be judged, or not to the end since the target was lost; ``remedy`` what to do
    then. ``left_out`` are the rules that were not selected.
    """

    target: Address
    depth: Depth
    strict: bool
    findings: tuple[Finding, ...]
    judged: dict[str, int]
    unjudged: tuple[tuple[str, str], ...]
    stale: tuple[Deviation, ...]
    logs: int
    requests: int
    seconds: float
    vacuous: str = ""
    remedy: str = ""
    left_out: frozenset[str] = frozenset()

    def failing(self) -> list[Finding]:
        """The findings that fail the run: forbidden, if strict senseless too, and none that another explains."""
        counted = ("forbidden", "senseless") if self.strict else ("forbidden",)
        grave = [finding for finding in self.findings if finding.weight in counted]
        broken = {finding.rule.name for finding in grave}
        return [finding for finding in grave if not broken & set(finding.rule.consequence_of)]

    @property
    def exit_code(self) -> int:
        """1 with a finding that counts; else 2 where nothing could be judged, or not to the end; else 0."""
        return 1 if self.failing() else 2 if self.vacuous else 0

    def of(self, rule: Check) -> list[Finding]:
        """The findings of one rule."""
        return [finding for finding in self.findings if finding.rule is rule]

    def skipped(self, rule: Check) -> str | None:
        """Why a rule was not judged at all; None where it was."""
        if rule.name in self.left_out:
            return "left out by --only or --skip"
        if self.judged.get(rule.name) or self.of(rule):
            return None
        return dict(self.unjudged).get(rule.name) or self.vacuous or "no request of this run could show it"

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        judged = f"{_counted(self.logs, 'log')} and {_counted(self.requests, 'request')}"
        scope = f"{judged} judged in {self.seconds:.1f} s, {self.depth} depth"
        counts = {
            weight: sum(f.weight == weight for f in self.findings)
            for weight in ("forbidden", "senseless", "known", "advice")
        }
        told = ", ".join(f"{count} {weight}" for weight, count in counts.items() if count)
        if self.failing():
            return f"Broken: {told} ({scope})"
        if self.vacuous:
            told = f"{self.vacuous}; {self.remedy}" if self.remedy else self.vacuous
            lack = "Not judged to the end" if self.logs and any(self.judged.values()) else "Nothing could be judged"
            return f"{lack}: {told} ({self.target.url}, {scope})"
        return f"Kept{': ' + told if told else ''} ({scope})"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
