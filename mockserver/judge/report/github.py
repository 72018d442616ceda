"""GitHub Actions: annotations on standard output, and a summary of the job in Markdown."""

from __future__ import annotations

from mockserver.judge.report.record import Record


def commands(told: Record) -> str:
    """One workflow command a finding, and one for a run that judged nothing."""
    lines = [
        _command(_level(f), f["rule"], f"{f['sentence']} Expected: {f['expected']}. Came: {f['came']}. {f['curl']}")
        for f in told["findings"]
    ]
    if told["outcome"] == "nothing judged":
        lines.append(_command("error", "nothing judged", told["summary"]))
    lines += [_command("warning", entry["id"], "This known deviation no longer shows.") for entry in told["stale"]]
    return "".join(line + "\n" for line in lines)


def summary(told: Record) -> str:
    """The job summary."""
    rows = [
        f"| {f['weight']} | {_cell(f['rule'])} | {_cell(f['expected'])} | {_cell(f['came'])} |"
        for f in told["findings"]
    ]
    table = ["| | rule | expected | came |", "|---|---|---|---|", *rows] if rows else []
    unjudged = [f"- not judged: {_cell(entry['what'])} ({_cell(entry['why'])})" for entry in told["unjudged"]]
    return "\n".join(
        [f"### {told['outcome'].capitalize()}: {told['target']}", "", told["summary"], "", *table, "", *unjudged, ""]
    )


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
