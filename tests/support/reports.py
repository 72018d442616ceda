"""Whole reports of a few verdicts, and what a run at full depth asks and leaves out.

``python -m tests.support.reports`` writes them again, for a person to read.
"""

from __future__ import annotations

import datetime
import json
import re
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
from tests.support.filters import LOOKS
from tests.support.judging import directly
from tests.support.samples import some_logs

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


# How many logs a deployment has for which full depth is told: fewer than fill a page of the default size, or many.
COUNTS = (1, 2, 3, 10, 30, 150)
PROBED = "full-depth.json"
REQUESTS = "requests.txt"
USUAL = [("authorization", "Bearer good-token"), ("accept", "*/*")]


def probed(count: int) -> dict[str, object]:
    """What a run at full depth leaves out, and what it asks beside filters, of a deployment of so many logs.

    ``pages`` are [page, page_size], 0 for none; ``odd`` holds no positive number, or no parameter of the document.
    """
    deployment = Deployment(some_logs(count))
    verdict = directly(deployment, "full")
    queries = {each.query: dict(each.pairs) for each in deployment.asked if not LOOKS.keys() & dict(each.pairs).keys()}
    numbers = {query: given for query, given in queries.items() if _is_paging(query, given)}
    asked = sorted({(int(given.get("page", 0)), int(given.get("page_size", 0))) for given in numbers.values()})
    return {
        "requests": len(deployment.asked),
        "left_out": verdict.ledger.unjudged,
        "sizes": [size for page, size in asked if not page],
        "pages": [(page, size) for page, size in asked if page],
        "odd": sorted(queries.keys() - numbers.keys()),
    }


def _is_paging(query: str, given: dict[str, str]) -> bool:
    return urlencode(given) == query and all(
        name in ("page", "page_size") and re.fullmatch("[1-9][0-9]*", text) for name, text in given.items()
    )


def full_depth() -> str:
    """What is ``probed``, and the findings of a broken deployment in their order, a fact a line."""
    told = {f"{count} logs": probed(count) for count in COUNTS}
    odd = [each.pop("odd") for each in told.values()]
    findings = [(each.check.name, each.broken.subject) for each in directly(Deployment(mend=broken)).findings]
    told["any"] = {"odd": odd[0], "findings": findings} | {
        f"odd of {name}": more for name, more in zip(told, odd, strict=True) if more != odd[0]
    }
    return re.sub(r"\n {6,}|\n {4}(?=[\]}])", " ", json.dumps(told, indent=2)) + "\n"


def requests() -> str:
    """Every request, in its order, that a run at either depth sends to a deployment of 150 logs, other methods too.

    Beside the headers that each request has; what repeats itself is shortened.
    """
    lines = []
    for depth in ("quick", "full"):
        deployment = Deployment(some_logs(150))
        directly(deployment, depth, unsafe=True)
        for asked in deployment.asked:
            headers = [f"{name}: {value}" for name, value in asked.headers.items() if (name, value) not in USUAL]
            bare = [] if "authorization" in asked.headers else ["(no token)"]
            line = " ".join([depth, asked.method, f"{asked.path}?{asked.query}", *bare, *headers, asked.body.decode()])
            # Python makes the tags of the deployment anew in each process.
            line = re.sub('"[-0-9a-f]{9,}"', '"(tag)"', line.rstrip())
            lines.append(re.sub(r"(.{1,9}?)\1{9,}", lambda run: f"({run[1]} x {len(run[0]) // len(run[1])})", line))
    return "\n".join(lines) + "\n"


def main() -> None:
    (FOLDER / PROBED).write_text(full_depth(), "utf-8")
    (FOLDER / REQUESTS).write_text(requests(), "utf-8")
    for name in VERDICTS:
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        for file, text in reports(name).items():
            (FOLDER / name / file).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
