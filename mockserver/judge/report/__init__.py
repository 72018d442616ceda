"""Reports: one verdict in several forms, none of which tells a secret.

``record`` turns the verdict into plain JSON without secrets. Every other form is a template over that record.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import jinja2

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode_pretty
from mockserver.judge.report.record import Report

# Characters that XML 1.0 cannot hold, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=jinja2.select_autoescape(("html.j2", "xml.j2")),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def _escaped(text: str, more: str = "") -> str:
    """A value of a GitHub workflow command; a property also escapes ``more``."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _cell(text: str) -> str:
    """A text in a Markdown table."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


_TEMPLATES.filters |= {"xml": lambda text: _NOT_IN_XML.sub("�", text), "command": _escaped, "cell": _cell}


def _render(template: str, report: Report) -> str:
    return _TEMPLATES.get_template(template).render(report)


# The record in lines: findings, what could not be judged, and the verdict last.
text = partial(_render, "text.j2")
# Workflow commands of GitHub Actions: one a finding, and one for a run that judged nothing.
commands = partial(_render, "commands.j2")
# The summary of a job of GitHub Actions, in Markdown.
summary = partial(_render, "summary.md.j2")
# One JUnit test suite with a case for each check, so that a CI system shows each by name.
junit = partial(_render, "junit.xml.j2")
# One HTML file that loads nothing else.
html = partial(_render, "report.html.j2")


def write(report: Report | None, path: Path) -> None:
    """Write every report into a folder, which is made if it is missing; raises MockserverError if that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if report is not None:
            (path / "junit.xml").write_text(junit(report), "utf-8")
            (path / "report.html").write_text(html(report), "utf-8")
            (path / "report.json").write_bytes(encode_pretty(report))
    except OSError as error:
        found, expected = (error.strerror or type(error).__name__).lower(), "a folder to write reports into"
        raise MockserverError(str(path), found, expected, "choose another with --report") from None


# Makes the folder alone, so that one that cannot be made is told before the run.
folder = partial(write, None)
