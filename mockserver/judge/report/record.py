"""The record of a run: the JSON report, from which every other is made. ``schema.json`` beside this describes it."""

from __future__ import annotations

import re
from typing import Any

from mockserver import __version__
from mockserver.judge.checks.check import CHECKS, Check
from mockserver.judge.findings import Finding
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict

Record = dict[str, Any]
# What a deployment sends must not speak to the terminal that a report is printed on.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
OUTCOMES = {0: "kept", 1: "broken", 2: "nothing judged"}
# A body is kept up to so many characters.
LONGEST_BODY = 20_000


def record(verdict: Verdict, secrets: Secrets, *, bodies: bool) -> Record:
    """The verdict as JSON, cleaned of every secret; with the bodies of answers that broke a rule only if ``bodies``."""
    return {
        "mockserver": __version__,
        "target": verdict.target.url,
        "depth": verdict.depth,
        "strict": verdict.strict,
        "outcome": OUTCOMES[verdict.exit_code],
        "exit_code": verdict.exit_code,
        "summary": _clean(secrets, verdict.summary),
        "logs": verdict.logs,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "findings": [_finding(finding, verdict, secrets, bodies) for finding in verdict.findings],
        "rules": [_rule(rule, verdict, secrets) for rule in CHECKS.values()],
        "unjudged": [{"what": _clean(secrets, what), "why": _clean(secrets, why)} for what, why in verdict.unjudged],
        "stale": [{"id": d.id, "rule": d.rule, "reason": d.reason} for d in verdict.stale],
    }


def _finding(finding: Finding, verdict: Verdict, secrets: Secrets, bodies: bool) -> Record:
    answer = finding.exchange.answer
    told: Record = {
        "rule": finding.rule.name,
        "weight": finding.weight,
        "fails": finding in verdict.failing(),
        "sentence": finding.rule.sentence,
        "subject": _clean(secrets, finding.broken.subject),
        "expected": _clean(secrets, finding.broken.expected),
        "came": _clean(secrets, finding.broken.came),
        "status": answer.status,
        "times": finding.times,
        "curl": _clean(secrets, finding.exchange.probe.curl(verdict.target.url)),
    }
    if finding.deviation is not None:
        told["known"] = {"id": finding.deviation.id, "reason": finding.deviation.reason}
    if bodies:
        told["body"] = _clean(secrets, answer.body.decode(errors="replace"))[:LONGEST_BODY]
    return told


def _rule(rule: Check, verdict: Verdict, secrets: Secrets) -> Record:
    told: Record = {"name": rule.name, "severity": rule.severity, "sentence": rule.sentence}
    told["judged"] = verdict.judged.get(rule.name, 0)
    skipped = verdict.skipped(rule)
    told["outcome"] = "skipped" if skipped else _outcome(verdict.of(rule))
    return told | ({"reason": _clean(secrets, skipped)} if skipped else {})


def _outcome(findings: list[Finding]) -> str:
    if any(finding.weight != "known" for finding in findings):
        return "broken"
    return "known" if findings else "kept"


def _clean(secrets: Secrets, text: str) -> str:
    return _CONTROLS.sub("�", secrets.clean(text))
