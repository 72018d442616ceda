"""Reports: one verdict in every form, each readable by what reads it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge import report
from mockserver.judge.checks import CHECKS
from mockserver.judge.known import known_deviations
from mockserver.judge.report import commands, summary, text
from mockserver.judge.report.record import record
from mockserver.judge.run import Judge
from mockserver.judge.secrets import Secrets
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.judging import case

SCHEMA = json.loads((Path(report.__file__).parent / "schema.json").read_text())


# Characters that control a terminal, or turn the direction of a text.
CONTROLS = "\x0b\x1b[31m\x9b\u202e\u2066"


def hostile(deployment: Deployment) -> Answered:
    """A refusal whose code controls a terminal."""
    answered = deployment.refusal(400)
    if isinstance(answered.body, dict):
        answered.body["code"] = f"some{CONTROLS}code"
    return answered


def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Breaks checks of each severity, one of them with text that no format likes."""
    if answered.status == 200 and isinstance(answered.body, list):
        answered.headers |= {"Server": "thing/1.0", "Content-Type": 'text/<b>"&|%'}
        size = dict(asked.pairs).get("page_size", "")
        return hostile(deployment) if size.isdigit() and int(size) > 100 else answered
    return Answered(403) if answered.status == 401 else answered


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return made(keep=False)


def made(keep: bool, **how: Any) -> dict[str, Any]:
    with serving(Deployment(mend=mend, error=how.pop("error", "logto"))) as url:
        secrets = Secrets()
        verdict = Judge(case(url, "quick", **how), secrets).run()
    return record(verdict, secrets, bodies=keep)


def test_the_record_keeps_its_schema(told: dict[str, Any]) -> None:
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(told)
    assert {check["name"] for check in told["checks"]} == set(CHECKS)
    assert told["outcome"] == "broken"
    assert {"forbidden", "senseless", "advice"} <= {finding["weight"] for finding in told["findings"]}


def test_the_record_of_a_run_with_known_deviations_and_bodies_keeps_its_schema() -> None:
    told = made(keep=True, deviations=known_deviations("observed"))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(told)
    assert any("body" in finding for finding in told["findings"])
    assert told["stale"]


def test_known_findings_are_told_with_their_reason(tmp_path: Path) -> None:
    class Capped(Deployment):
        def refusal(self, status: int) -> Answered:
            return Answered(status, {"code": "guard.invalid_pagination"}, {"Content-Type": "application/json"})

    deployment = Capped(mend=lambda d, a, x: d.refusal(400) if dict(a.pairs).get("page_size") in ("101", "1000") else x)
    with serving(deployment) as url:
        verdict = Judge(case(url, "quick", deviations=known_deviations("observed")), Secrets()).run()
    told = record(verdict, Secrets(), bodies=False)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(told)
    assert told["outcome"] == "kept"
    assert {check["name"]: check["outcome"] for check in told["checks"]}["valid-request-accepted"] == "known"
    assert "known as page-size-cap: More than 100 is refused." in text(told)
    report.write(told, tmp_path)
    assert "known as page-size-cap" in (tmp_path / "report.html").read_text()


def test_junit_has_a_case_for_each_check(told: dict[str, Any], tmp_path: Path) -> None:
    report.write(told, tmp_path / "deep" / "reports")
    suite = ElementTree.parse(tmp_path / "deep" / "reports" / "junit.xml").getroot()
    assert [each.get("name") for each in suite] == list(CHECKS)
    failed = {each.get("name") for each in suite if each.find("failure") is not None}
    assert failed == {finding["check"] for finding in told["findings"] if finding["fails"]}
    assert int(suite.get("failures", 0)) == len(failed)
    skipped = [each for each in suite if each.find("skipped") is not None]
    assert int(suite.get("skipped", 0)) == len(skipped)
    assert all(each.find("skipped").get("message") for each in skipped)  # type: ignore[union-attr]  # None would fail the test as well
    (advised,) = (each for each in suite if each.get("name") == "server-version")
    assert advised.find("failure") is None
    assert "advice: server-version" in str(advised.findtext("system-out"))


def test_the_page_is_one_file_of_its_own(told: dict[str, Any], tmp_path: Path) -> None:
    report.write(told, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Reader().feed(page)
    assert not open_tags
    assert "<script" not in page
    assert "text/&lt;b&gt;" in page
    assert all(finding["check"] in page for finding in told["findings"])


def test_the_json_report_is_the_record(told: dict[str, Any], tmp_path: Path) -> None:
    report.write(told, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text()) == told


def test_annotations_are_one_line_a_finding(told: dict[str, Any]) -> None:
    lines = commands(told).splitlines()
    assert len(lines) == len(told["findings"])
    printed = commands(told) + text(told) + json.dumps(told, ensure_ascii=False)
    assert "code some�" in printed
    assert not re.search(f"[\x00-\x09\x0b-\x1f{CONTROLS}]".replace("[31m", ""), printed)
    assert all(re.fullmatch(r"::(error|warning|notice) title=[^:,]+::.+", line) for line in lines)
    assert "%25" in "".join(lines)


def test_annotations_say_that_nothing_was_judged_and_what_is_stale() -> None:
    told = made(keep=False, token="wrong") | {"stale": [{"id": "old", "check": "answered", "reason": "x"}]}
    assert commands(told).splitlines()[0].startswith("::error title=nothing judged::Nothing could be judged")
    assert "::warning title=old::" in commands(told)
    assert "### Nothing judged" in summary(told)
    assert "Known deviations that no longer show:\n  old (answered)" in text(told)


def test_annotations_weigh_as_the_run_does() -> None:
    told = made(keep=False, strict=False)
    levels = {
        f["weight"]: line.split()[0] for f, line in zip(told["findings"], commands(told).splitlines(), strict=True)
    }
    assert levels == {"forbidden": "::error", "senseless": "::warning", "advice": "::notice"}


def test_the_summary_is_a_table(told: dict[str, Any]) -> None:
    rows = [line for line in summary(told).splitlines() if line.startswith("| ")]
    assert len(rows) == len(told["findings"]) + 1
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_the_text_ends_with_the_verdict(told: dict[str, Any]) -> None:
    lines = text(told).splitlines()
    assert lines[-1] == told["summary"]
    assert lines[0] == "forbidden: content-type"
    assert any(line.startswith("  repeat:   curl ") for line in lines)


def test_a_page_without_findings_says_so(tmp_path: Path) -> None:
    with serving(Deployment()) as url:
        verdict = Judge(case(url, "quick", selected=frozenset({"json"})), Secrets()).run()
    told = record(verdict, Secrets(), bodies=False) | {"unjudged": []}
    report.write(told, tmp_path)
    assert "<p>None.</p>" in (tmp_path / "report.html").read_text()
    assert text(told) == told["summary"] + "\n"
    assert told["summary"].startswith("Kept (")


def test_a_folder_that_cannot_be_made_is_told(told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MockserverError, match="found file exists, expected a folder to write reports into; choose"):
        report.write(told, tmp_path / "file")
