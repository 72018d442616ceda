"""The HTML page: one file to look at, without anything from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from mockserver.judge.report.record import Record

_TEMPLATE = Template((Path(__file__).parent / "page.html").read_text("utf-8"))


def page(told: Record) -> bytes:
    """The record as one self-contained page."""
    return _TEMPLATE.substitute(
        title=escape(f"{told['outcome'].capitalize()}: {told['target']}"),
        outcome=escape(told["outcome"].replace(" ", "-")),
        target=escape(told["target"]),
        summary=escape(told["summary"]),
        findings="".join(map(_finding, told["findings"])) or "<p>None.</p>",
        rules="".join(map(_rule, told["rules"])),
        unjudged="".join(_pair(entry["what"], entry["why"]) for entry in told["unjudged"]) or "<p>Nothing.</p>",
        stale="".join(_pair(f"{entry['id']} ({entry['rule']})", entry["reason"]) for entry in told["stale"])
        or "<p>None.</p>",
    ).encode()


def _finding(finding: Record) -> str:
    rows = [("expected", finding["expected"]), ("came", finding["came"])]
    if finding["times"] > 1:
        rows.append(("times", str(finding["times"])))
    if "known" in finding:
        rows.append((f"known as {finding['known']['id']}", finding["known"]["reason"]))
    subject = f" <small>{escape(finding['subject'])}</small>" if finding["subject"] else ""
    body = f"<pre>{escape(finding['body'])}</pre>" if "body" in finding else ""
    return (
        f'<article class="{finding["weight"]}"><h3>{escape(finding["rule"])}{subject} <b>{finding["weight"]}</b></h3>'
        f"<p>{escape(finding['sentence'])}</p><dl>{''.join(_pair(*row) for row in rows)}</dl>"
        f"<pre>{escape(finding['curl'])}</pre>{body}</article>"
    )


def _rule(rule: Record) -> str:
    told = rule.get("reason") or f"judged {rule['judged']} times"
    cells = (rule["name"], rule["severity"], rule["sentence"], rule["outcome"], told)
    return f'<tr class="{rule["outcome"]}">' + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>"


def _pair(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
