"""The record of a run: the JSON report, from which all other reports are made. ``schema.json`` describes it."""

from __future__ import annotations

import re
from typing import Any

from mockserver import __version__
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.check import Check
from mockserver.judge.findings import Finding
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict

Report = dict[str, Any]
# Characters that control a terminal or the direction of a text. A deployment must not control what a report is printed
# on. Tabs become blanks.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
OUTCOMES = {0: "kept", 1: "broken", 2: "nothing judged"}
# A report keeps so many characters of a body.
LONGEST_BODY = 20_000


def record(verdict: Verdict, secrets: Secrets, *, bodies: bool) -> Report:
    """The verdict as JSON without any secret. ``bodies`` adds the bodies of answers that broke a check."""

    def clean(text: str) -> str:
        return _CONTROLS.sub("�", secrets.clean(text).expandtabs(4))

    def finding(finding: Finding) -> Report:
        answer, known = finding.exchange.answer, finding.deviation
        entry: Report = {
            "check": finding.check.name,
            "weight": finding.weight,
            "fails": finding in verdict.failing(),
            "sentence": finding.check.sentence,
            "subject": clean(finding.broken.subject),
            "expected": clean(finding.broken.expected),
            "came": clean(finding.broken.came),
            "status": answer.status,
            "times": finding.times,
            "curl": clean(finding.exchange.probe.curl(verdict.target.url)),
        }
        if known is not None:
            entry["known"] = {"id": known.id, "reason": known.reason}
        if bodies:
            entry["body"] = clean(answer.body.decode(errors="replace"))[:LONGEST_BODY]
        return entry

    def check(check: Check) -> Report:
        skipped = verdict.skipped(check)
        entry: Report = {"name": check.name, "severity": check.severity, "sentence": check.sentence}
        entry["judged"] = verdict.ledger.judged[check.name]
        entry["outcome"] = "skipped" if skipped else _outcome(verdict.of(check))
        return entry | ({"reason": clean(skipped)} if skipped else {})

    return {
        "mockserver": __version__,
        "target": verdict.target.url,
        "depth": verdict.depth,
        "strict": verdict.strict,
        "outcome": OUTCOMES[verdict.exit_code],
        "exit_code": verdict.exit_code,
        "summary": clean(verdict.summary),
        "logs": verdict.logs,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "findings": list(map(finding, verdict.findings)),
        "checks": list(map(check, CHECKS.values())),
        "unjudged": [{"what": clean(what), "why": clean(why)} for what, why in verdict.ledger.unjudged.items()],
        "stale": [{"id": d.id, "check": d.check, "reason": d.reason} for d in verdict.ledger.stale()],
    }


def _outcome(findings: list[Finding]) -> str:
    if any(finding.weight != "known" for finding in findings):
        return "broken"
    return "known" if findings else "kept"
