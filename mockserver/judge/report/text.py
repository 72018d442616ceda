"""Reports as plain text: what the command prints, and what GitHub Actions reads."""

from __future__ import annotations

from mockserver.judge.report.record import Record


def text(report: Record) -> str:
    """The record in lines: findings, what could not be judged, and the verdict last."""
    parts = list(map(in_lines, report["findings"]))
    if unjudged := [f"  {entry['what']}: {entry['why']}" for entry in report["unjudged"]]:
        parts.append("\n".join(["Not judged:", *unjudged]))
    if stale := [f"  {entry['id']} ({entry['check']})" for entry in report["stale"]]:
        parts.append("\n".join(["Known deviations that no longer show:", *stale]))
    return "\n\n".join([*parts, report["summary"]]) + "\n"


def in_lines(finding: Record) -> str:
    """One finding in lines."""
    lines = [
        f"{finding['weight']}: {finding['check']}" + (f" ({finding['subject']})" if finding["subject"] else ""),
        f"  {finding['sentence']}",
        f"  expected: {finding['expected']}",
        f"  came:     {finding['came']}" + (f" ({finding['times']} times)" if finding["times"] > 1 else ""),
        f"  repeat:   {finding['curl']}",
    ]
    if "known" in finding:
        lines.insert(2, f"  known as {finding['known']['id']}: {finding['known']['reason']}")
    if "body" in finding:
        lines.append(f"  body:     {finding['body']}")
    return "\n".join(lines)


def commands(report: Record) -> str:
    """Workflow commands of GitHub Actions: one a finding, and one for a run that judged nothing."""
    lines = [
        _command(_level(f), f["check"], f"{f['sentence']} Expected: {f['expected']}. Came: {f['came']}. {f['curl']}")
        for f in report["findings"]
    ]
    if report["outcome"] == "nothing judged":
        lines.append(_command("error", "nothing judged", report["summary"]))
    lines += [_command("warning", entry["id"], "This known deviation no longer shows.") for entry in report["stale"]]
    return "".join(line + "\n" for line in lines)


def summary(report: Record) -> str:
    """The summary of a job of GitHub Actions, in Markdown."""
    cells = ("weight", "check", "expected", "came")
    rows = [f"| {' | '.join(_cell(finding[name]) for name in cells)} |" for finding in report["findings"]]
    table = ["| | check | expected | came |", "|---|---|---|---|", *rows] if rows else []
    unjudged = [f"- not judged: {_cell(entry['what'])} ({_cell(entry['why'])})" for entry in report["unjudged"]]
    title = f"### {report['outcome'].capitalize()}: {report['target']}"
    return "\n".join([title, "", report["summary"], "", *table, "", *unjudged, ""])


def _level(finding: Record) -> str:
    if finding["fails"]:
        return "error"
    return "warning" if finding["weight"] == "senseless" else "notice"


def _command(level: str, title: str, text: str) -> str:
    return f"::{level} title={_escaped(title, ',:')}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
