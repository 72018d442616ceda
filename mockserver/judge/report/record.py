"""The record of a run: the JSON report, from which all other reports are made. ``schema.json`` describes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mockserver import __version__
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.check import Check
from mockserver.judge.findings import Finding
from mockserver.judge.known import Deviation
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict

Report = dict[str, Any]
# Characters that control a terminal or the direction of a text. A deployment must not control what a report is printed
# on. Tabs become blanks.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
OUTCOMES = {0: "kept", 1: "broken", 2: "nothing judged"}
# So many characters of a text, of a command, and of all bodies together.
LONGEST_TEXT, LONGEST_COMMAND, ALL_BODIES = 500, 8_000, 400_000


def record(verdict: Verdict, secrets: Secrets, *, bodies: bool) -> Report:
    """The verdict as JSON without any secret, failing findings first; ``bodies`` adds those of the answers shown."""

    def clean(text: str, longest: int = LONGEST_TEXT) -> str:
        return _CONTROLS.sub("�", secrets.clean(text).expandtabs(4))[:longest]

    def finding(finding: Finding) -> Report:
        answer, known = finding.exchange.answer, finding.deviation
        entry: Report = {
            "check": finding.check.name,
            "weight": finding.weight,
            "fails": finding in verdict.failing(),
            "follows_from": verdict.causes(finding),
            "sentence": finding.check.sentence,
            "subject": clean(finding.broken.subject),
            "expected": clean(finding.broken.expected),
            "came": clean(finding.broken.came),
            "status": answer.status,
            "times": finding.times,
            "curl": clean(finding.exchange.probe.curl(verdict.target.url), LONGEST_COMMAND),
        }
        if known is not None:
            entry["known"] = {"id": known.id, "reason": known.reason}
        if bodies and not secrets.overflown:
            entry["body"] = clean(answer.body.decode(errors="replace"), ALL_BODIES // len(verdict.findings))
        return entry

    return {
        "mockserver": __version__,
        "date": verdict.date,
        "target": verdict.target.url,
        "profile": verdict.profile,
        "depth": verdict.depth,
        "strict": verdict.strict,
        "outcome": OUTCOMES[verdict.exit_code],
        "exit_code": verdict.exit_code,
        "summary": clean(verdict.summary),
        "counts": verdict.counts,
        "logs": verdict.logs,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "findings": sorted(map(finding, verdict.findings), key=lambda f: (not f["fails"], f["weight"] == "known")),
        "checks": [_check(check, verdict, clean) for check in CHECKS.values()],
        "unjudged": [{"what": clean(what), "why": clean(why)} for what, why in verdict.ledger.unjudged.items()],
        "stale": list(map(_stale, verdict.ledger.stale())),
    }


def _check(check: Check, verdict: Verdict, clean: Callable[[str], str]) -> Report:
    skipped = verdict.skipped(check)
    entry: Report = {"name": check.name, "severity": check.severity, "sentence": check.sentence}
    entry["judged"] = verdict.ledger.judged[check.name]
    found = verdict.of(check)
    outcome = "broken" if any(finding.weight != "known" for finding in found) else "known" if found else "kept"
    entry["outcome"] = "skipped" if skipped else outcome
    return entry | ({"reason": clean(skipped)} if skipped else {})


def _stale(known: Deviation) -> Report:
    why = f"expired: {known.expires}" if known.expired else "no longer shows"
    return {"id": known.id, "check": known.check, "reason": known.reason, "why": why}
