"""Reports as files: JUnit XML for CI systems, JSON for programs, and HTML for people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import jinja2

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode_pretty
from mockserver.judge.report.record import Record
from mockserver.judge.report.text import in_lines

# Characters that XML 1.0 cannot hold, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Record) -> bytes:
    """The record as one test suite with a case for each check, so that a CI system shows each by name."""
    checks, findings = report["checks"], report["findings"]
    failed = {finding["check"] for finding in findings if finding["fails"]}
    skipped = sum(check["outcome"] == "skipped" for check in checks)
    counts = {"tests": len(checks), "failures": len(failed), "skipped": skipped, "errors": 0}
    suite = ElementTree.Element("testsuite", name=f"mockserver check {report['target']}", time=str(report["seconds"]))
    for name, count in counts.items():
        suite.set(name, str(count))
    for check in checks:
        class_name = f"mockserver.check.{check['severity']}"
        case = ElementTree.SubElement(suite, "testcase", classname=class_name, name=check["name"])
        if check["outcome"] == "skipped":
            ElementTree.SubElement(case, "skipped", message=_for_xml(check["reason"]))
        own = [finding for finding in findings if finding["check"] == check["name"]]
        if failures := [finding for finding in own if finding["fails"]]:
            message = _for_xml(f"{check['sentence']} Came: {failures[0]['came']}")
            failure = ElementTree.SubElement(case, "failure", message=message, type=failures[0]["weight"])
            failure.text = _for_xml("\n\n".join(map(in_lines, failures)))
        if others := [finding for finding in own if not finding["fails"]]:
            ElementTree.SubElement(case, "system-out").text = _for_xml("\n\n".join(map(in_lines, others)))
    ElementTree.indent(suite)
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _for_xml(text: str) -> str:
    return _NOT_IN_XML.sub("�", text)


def html(report: Record) -> bytes:
    """The record as one HTML file that loads nothing else."""
    template = (Path(__file__).parent / "report.html.j2").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(template).render(report).encode()


REPORTS = {"junit.xml": junit, "report.json": encode_pretty, "report.html": html}


def folder(path: Path) -> None:
    """Make the folder of the reports if it is missing; raises MockserverError if that fails."""
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)


def write(report: Record, path: Path) -> None:
    """Write every report into a folder, which is made if it is missing; raises MockserverError if that fails."""
    folder(path)
    with _explained(path):
        for name, make in REPORTS.items():
            (path / name).write_bytes(make(report))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        found, expected = (error.strerror or type(error).__name__).lower(), "a folder to write reports into"
        raise MockserverError(str(path), found, expected, "choose another with --report") from None
