"""Whole reports of a few verdicts: ``python -m tests.support.reports`` writes them again, for a person to read."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from mockserver.contract.jsontext import encode_pretty
from mockserver.judge import report
from mockserver.judge.known import Deviation, known_deviations
from mockserver.judge.report.record import record
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import directly

FOLDER = Path(__file__).parent.parent / "judge" / "reports"
EXPIRED = Deviation(
    "old-charset", "charset", (), (), "It said latin-1 once.", datetime.date(2026, 6, 1), expired=True
)  # fmt: skip


def broken(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Ignores the page, refuses large pages as Logto does, and breaks on two parameters in one way each."""
    given = dict(asked.pairs)
    if answered.status == 400 and given.get("page_size") == "0":
        return Answered(500, {"code": "size|<b>"}, {"Content-Type": "application/json"})
    if answered.status == 400 and given.get("page") == "1.5":
        return Answered(500, headers={"Content-Type": "text/plain"}, raw=b"100% \xf0\x9f\x98\xb1")
    if answered.status != 200 or not isinstance(answered.body, list):
        return answered
    if len(given.get("page_size", "")) > 2 and given["page_size"] != "100":
        return Answered(400, {"code": "guard.invalid_pagination"}, {"Content-Type": "application/json"})
    pairs = [(name, text) for name, text in asked.pairs if name != "page"]
    return deployment.honest(replace(asked, query=urlencode(pairs)))


def _kept() -> Verdict:
    return directly(Deployment(), "quick")


def _broken() -> Verdict:
    known = (*(d for d in known_deviations("observed") if d.id in ("page-size-cap", "link-base")), EXPIRED)
    return directly(Deployment(mend=broken), "quick", deviations=known, profile="observed")


def _refused() -> Verdict:
    return directly(Deployment(), "quick", token="another-token")


VERDICTS: dict[str, Callable[[], Verdict]] = {"kept": _kept, "broken": _broken, "refused": _refused}


def reports(name: str) -> dict[str, str]:
    """The reports of a verdict by file name, as of a fixed moment and version."""
    verdict = replace(VERDICTS[name](), date="2026-11-27T12:00:00+00:00")
    told = record(verdict, Secrets(), bodies=False) | {"mockserver": "0.0.0"}
    return {
        "report.txt": report.text(told),
        "junit.xml": report.junit(told),
        "report.json": encode_pretty(told).decode(),
        "report.html": report.html(told),
        "annotations.txt": report.commands(told),
        "summary.md": report.summary(told),
    }


def main() -> None:
    for name in VERDICTS:
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        for file, text in reports(name).items():
            (FOLDER / name / file).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
