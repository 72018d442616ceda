"""Whole reports are those that a person has read; ``python -m tests.support.reports`` writes them again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from tests.judge.test_reports import SCHEMA
from tests.support.reports import FOLDER, VERDICTS, main, reports


@pytest.fixture(scope="module", params=VERDICTS)
def made(request: pytest.FixtureRequest) -> tuple[str, dict[str, str]]:
    return request.param, reports(request.param)


def test_the_reports_are_those_that_were_read(made: tuple[str, dict[str, str]]) -> None:
    name, forms = made
    assert {path.name for path in (FOLDER / name).iterdir()} == set(forms)
    for file, text in forms.items():
        assert text == (FOLDER / name / file).read_text("utf-8"), f"read {name}/{file}, then renew it"


def test_one_command_renews_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.reports.FOLDER", tmp_path)
    main()
    made = {path.relative_to(tmp_path): path.read_text("utf-8") for path in tmp_path.rglob("*.*")}
    assert made == {path.relative_to(FOLDER): path.read_text("utf-8") for path in FOLDER.rglob("*.*")}


def test_all_reports_tell_the_same_counts(made: tuple[str, dict[str, str]]) -> None:
    name, forms = made
    told = json.loads(forms["report.json"])
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(told)
    counts = told["counts"]
    assert sum(counts.values()) == len(told["findings"])
    failing = [finding for finding in told["findings"] if finding["fails"]]
    assert counts["forbidden"] + counts["senseless"] == len(failing)
    assert counts["following"] == sum(bool(finding["follows_from"]) for finding in told["findings"])
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    assert listed in told["summary"]
    for form in ("report.txt", "summary.md", "report.html"):
        assert told["summary"] in forms[form].replace("&#39;", "'")
    suite = ElementTree.fromstring(forms["junit.xml"].encode())
    properties = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert {kind: int(properties[kind] or 0) for kind in counts} == counts
    assert int(suite.get("failures", 0)) == len(list(suite.iter("failure"))) == len(failing)
    assert int(suite.get("errors", 0)) == len(list(suite.iter("error"))) == (name == "refused")
    assert int(suite.get("tests", 0)) == len(list(suite.iter("testcase")))
    annotated = [line for line in forms["annotations.txt"].splitlines() if line.startswith("::error")]
    assert len(annotated) == len({finding["check"] for finding in failing}) + (name == "refused")
    assert forms["report.txt"].count("\nforbidden: ") + forms["report.txt"].startswith("forbidden: ") == sum(
        finding["weight"] == "forbidden" for finding in told["findings"]
    )


def test_every_report_names_date_profile_version_and_target(made: tuple[str, dict[str, str]]) -> None:
    for form in ("report.txt", "junit.xml", "report.json", "report.html", "summary.md"):
        for fact in ("2026-11-27T12:00:00+00:00", "0.0.0", "http://127.0.0.1:1/api/logs"):
            assert fact in made[1][form], (form, fact)
        assert re.search(r"observed|documented", made[1][form])


def test_what_fails_comes_first_and_what_is_known_is_folded_behind_the_rest() -> None:
    forms = reports("broken")
    lines = forms["report.txt"].splitlines()
    assert lines.index("forbidden: page-ignored") < lines.index("advice: nosniff") < lines.index("Known:")
    assert [line for line in lines if "page-size-cap" in line] == [
        "  valid-request-accepted (3 times), known as page-size-cap: More than 100 is refused."
    ]
    for form in ("report.html", "summary.md"):
        above, _, folded = forms[form].partition("<details><summary>1 known</summary>")
        assert "valid-request-accepted" in folded.partition("</details>")[0]
        assert "nosniff" in above
        assert "valid-request-accepted" not in above
    assert "valid-request-accepted" not in forms["annotations.txt"]


def test_an_entry_that_expired_and_one_that_no_longer_shows_are_told_in_every_form() -> None:
    forms = reports("broken")
    for form in ("report.txt", "report.json", "report.html", "summary.md", "annotations.txt"):
        assert re.search(r"old-charset(?s:.){0,150}expired: 2026-06-01", forms[form]), form
        assert re.search(r"link-base(?s:.){0,200}no longer shows", forms[form]), form
