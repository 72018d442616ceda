"""JUnit XML: a case a rule, so that a CI system shows each by name."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from mockserver.judge.report.record import Record

# What XML 1.0 cannot hold, even escaped.
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(told: Record) -> bytes:
    """The record as one test suite."""
    rules, findings = told["rules"], told["findings"]
    failed = {finding["rule"] for finding in findings if finding["fails"]}
    skipped = sum(rule["outcome"] == "skipped" for rule in rules)
    counts = {"tests": len(rules), "failures": len(failed), "skipped": skipped, "errors": 0}
    suite = ElementTree.Element("testsuite", name=f"mockserver check {told['target']}", time=str(told["seconds"]))
    for name, count in counts.items():
        suite.set(name, str(count))
    for rule in rules:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"mockserver.check.{rule['severity']}", name=rule["name"]
        )
        if rule["outcome"] == "skipped":
            ElementTree.SubElement(case, "skipped", message=_speakable(rule["reason"]))
        own = [finding for finding in findings if finding["rule"] == rule["name"]]
        for kind, chosen in (
            ("failure", [f for f in own if f["fails"]]),
            ("system-out", [f for f in own if not f["fails"]]),
        ):
            if chosen:
                element = ElementTree.SubElement(case, kind)
                element.text = _speakable("\n\n".join(map(in_lines, chosen)))
                if kind == "failure":
                    element.set("message", _speakable(f"{rule['sentence']} Came: {chosen[0]['came']}"))
                    element.set("type", chosen[0]["weight"])
    ElementTree.indent(suite)
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def in_lines(finding: Record) -> str:
    """One finding in plain lines."""
    lines = [
        f"{finding['weight']}: {finding['rule']}" + (f" ({finding['subject']})" if finding["subject"] else ""),
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


def _speakable(text: str) -> str:
    return _UNSPEAKABLE.sub("�", text)
