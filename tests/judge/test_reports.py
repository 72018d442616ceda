"""Reports: one verdict in every form, each readable by what reads it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
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


# A refusal whose code controls a terminal.
HOSTILE = Answered(400, {"code": f"some{CONTROLS}code"}, {"Content-Type": "application/json"})


def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Breaks checks of each severity, one of them with text that no format likes."""
    if answered.status == 200 and isinstance(answered.body, list):
        answered.headers |= {"Server": "thing/1.0", "Content-Type": 'text/<b>"&|%'}
        size = dict(asked.pairs).get("page_size", "")
        return HOSTILE if size.isdigit() and int(size) > 100 else answered
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
    cases = list(suite.iter("testcase"))
    assert [each.get("name") for each in cases] == list(CHECKS)
    failed = {each.get("name") for each in cases if each.find("failure") is not None}
    assert failed == {finding["check"] for finding in told["findings"] if finding["fails"]}
    assert int(suite.get("failures", 0)) == len(failed)
    skipped = [each for each in cases if each.find("skipped") is not None]
    assert int(suite.get("skipped", 0)) == len(skipped)
    assert all(each.find("skipped").get("message") for each in skipped)  # type: ignore[union-attr]  # None would fail the test as well
    (advised,) = (each for each in cases if each.get("name") == "server-version")
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


def test_annotations_are_one_line_a_check_and_ten_at_most(told: dict[str, Any]) -> None:
    lines = commands(told).splitlines()
    names = list(dict.fromkeys(finding["check"] for finding in told["findings"]))
    assert [line.partition("title=")[2].partition(":")[0] for line in lines] == names[:10]
    many = told | {"findings": [finding | {"check": f"check-{n}"} for n in range(12) for finding in told["findings"]]}
    assert len(commands(many).splitlines()) == 10
    printed = commands(told) + text(told) + json.dumps(told, ensure_ascii=False)
    assert "code some�" in printed
    assert not re.search(f"[\x00-\x09\x0b-\x1f{CONTROLS}]".replace("[31m", ""), printed)
    assert all(re.fullmatch(r"::(error|warning|notice) title=[^:,]+::.+", line) for line in lines)
    assert "%25" in "".join(lines)


def test_annotations_say_that_nothing_was_judged_and_what_is_stale() -> None:
    told = made(keep=False, token="wrong") | {
        "stale": [{"id": "old", "check": "answered", "reason": "x", "why": "no longer shows"}]
    }
    assert commands(told).splitlines()[0].startswith("::error title=nothing judged::Nothing could be judged")
    assert "::warning title=old::" in commands(told)
    assert "### Nothing judged" in summary(told)
    assert "Known deviations that do not apply:\n  old (answered): no longer shows" in text(told)
    assert "- known deviation that does not apply: old (answered): no longer shows" in summary(told)


def test_every_form_tells_what_was_not_judged_and_what_is_stale(tmp_path: Path) -> None:
    stale = {"id": "older-<than>-this", "check": "answered", "reason": "x", "why": "expired: 2026-01-01"}
    told = made(keep=False) | {"stale": [stale]}
    report.write(told, tmp_path)
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    page = re.sub(r"<[^>]+>", " ", (tmp_path / "report.html").read_text())
    forms = [text(told), summary(told), str(suite.findtext("system-out")), (tmp_path / "report.json").read_text(), page]
    for form in map(html.unescape, forms):
        assert "older-<than>-this" in form
        assert stale["why"] in form
        assert all(entry["why"] in form for entry in told["unjudged"])
    assert told["unjudged"]


def test_annotations_weigh_as_the_run_does() -> None:
    told = made(keep=False, strict=False)
    weights = {finding["check"]: finding["weight"] for finding in told["findings"]}
    lines = commands(told).splitlines()
    levels = {weights[line.partition("title=")[2].partition(":")[0]]: line.split()[0] for line in lines}
    assert levels == {"forbidden": "::error", "senseless": "::warning", "advice": "::notice"}


def test_a_run_that_judged_nothing_is_an_error_in_junit() -> None:
    told = made(keep=False, token="wrong")
    suite = ElementTree.fromstring(report.junit(told))
    (error,) = suite.iter("error")
    assert (suite.get("errors"), suite.get("failures"), error.get("message")) == ("1", "0", told["summary"])
    assert int(suite.get("tests", 0)) == len(list(suite.iter("testcase"))) == len(CHECKS) + 1


def test_what_follows_from_another_finding_says_so_in_every_form() -> None:
    def ignores(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        pairs = [f"{name}={value}" for name, value in asked.pairs if name != "page"]
        is_page = answered.status == 200 and isinstance(answered.body, list)
        return deployment.honest(replace(asked, query="&".join(pairs))) if is_page else answered

    with serving(Deployment(mend=ignores)) as url:
        verdict = Judge(case(url, "quick"), Secrets()).run()
    told = record(verdict, Secrets(), bodies=False)
    following = [finding for finding in told["findings"] if finding["follows_from"]]
    assert following
    assert not any(finding["fails"] for finding in following)
    for form in (text(told), report.junit(told), report.html(told), commands(told), summary(told)):
        assert re.search("follows from", form, re.IGNORECASE)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(told)


def test_what_fails_comes_first_and_what_is_known_last() -> None:
    known = tuple(replace(d, check="server-version", when=(), answer=()) for d in known_deviations("observed")[:1])
    told = made(keep=False, strict=False, deviations=known)
    order = [(not finding["fails"], finding["weight"] == "known") for finding in told["findings"]]
    assert order == sorted(order)
    assert order[-1] == (True, True)


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
    assert text(told).splitlines()[1:] == [told["summary"]]
    assert told["summary"].startswith("Kept (")


def test_a_folder_that_cannot_be_made_is_told(told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MockserverError, match="found file exists, expected a folder to write reports into; choose"):
        report.write(told, tmp_path / "file")
