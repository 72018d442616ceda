"""Plain text: what the command prints."""

from __future__ import annotations

from mockserver.judge.report.junit import in_lines
from mockserver.judge.report.record import Record


def text(told: Record) -> str:
    """The record in lines: findings, what could not be judged, the verdict last."""
    parts = [in_lines(finding) for finding in told["findings"]]
    if told["unjudged"]:
        parts.append("Not judged:\n" + "\n".join(f"  {entry['what']}: {entry['why']}" for entry in told["unjudged"]))
    if told["stale"]:
        parts.append(
            "Known deviations that no longer show:\n" + "\n".join(f"  {e['id']} ({e['rule']})" for e in told["stale"])
        )
    return "\n\n".join([*parts, told["summary"]]) + "\n"
