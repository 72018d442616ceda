"""Known deviations: a request and an answer that both fit, a reason, and a time."""

from __future__ import annotations

import copy
import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.document import Contract, contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.check import Context
from mockserver.judge.checks.headers import link
from mockserver.judge.findings import Finding, Ledger
from mockserver.judge.known import Deviation, conditions, deviations, known_deviations, observed_deviations
from mockserver.judge.probe import PLAIN, Probe, asking
from tests.support.judging import TODAY

CAPPED = "valid-request-accepted"
CAP = """
- id: page-size-cap
  check: valid-request-accepted
  when: page_size > 100
  answer: {status: 400, code: guard.invalid_pagination}
  reason: Logto caps page_size at 100
  expires: 2027-06-01
"""


def read(tmp_path: Path, text: str, today: datetime.date = TODAY) -> tuple[Deviation, ...]:
    file = tmp_path / "known.yaml"
    file.write_text(text)
    return deviations(file, today)


def evidence(**facts: Any) -> dict[str, Any]:
    return {"status": 400, "code": "guard.invalid_pagination"} | facts


def test_a_deviation_applies_where_request_and_answer_both_fit(tmp_path: Path) -> None:
    (cap,) = read(tmp_path, CAP)
    assert cap.explains(asking(page_size=1000), evidence())
    assert not cap.explains(asking(page_size=1), evidence())
    assert not cap.explains(PLAIN, evidence())
    assert not cap.explains(asking(page_size=1000), evidence(status=422))
    assert not cap.explains(asking(page_size="many"), evidence())


def test_a_deviation_ends_when_it_expires(tmp_path: Path) -> None:
    for day, explains in ((1, True), (2, False)):
        (cap,) = read(tmp_path, CAP, datetime.date(2027, 6, day))
        assert cap.explains(asking(page_size=1000), evidence()) is explains


def test_a_deviation_that_has_expired_is_told_and_explains_nothing(tmp_path: Path) -> None:
    """Whether or not the run could show it."""
    ledger = Ledger(frozenset({CAPPED}), read(tmp_path, CAP + "  sometimes: true\n", datetime.date(2028, 1, 1)))
    ledger.find(CHECKS[CAPPED], Break("200", "400"), exchange(asking(page_size=101)))
    assert [finding.weight for finding in ledger] == ["forbidden"]
    assert [deviation.id for deviation in ledger.stale()] == ["page-size-cap"]


def test_one_difference_is_one_finding_whichever_of_its_entries_applies(tmp_path: Path) -> None:
    ledger = Ledger(frozenset(CHECKS), read(tmp_path, CAP + CAP.replace("page_size >", "page >")))
    for probe, subject in ((asking(page=101), "page"), (asking(page_size=101), "page_size")):
        ledger.find(CHECKS[CAPPED], Break("200", "400", subject), exchange(probe))
    assert [(finding.weight, finding.times) for finding in ledger] == [("known", 2)]


@pytest.mark.parametrize(
    ("when", "probe", "holds"),
    [
        ("", PLAIN, True),
        ("page >= 2", asking(page=2), True),
        ("page <= 2", asking(page=3), False),
        ("page < 1", asking(page="0.5"), True),
        ("page = 2", asking(page="2"), True),
        ("page != 2", asking(page="2"), False),
        ("page != 2", PLAIN, False),
        ("method = GET", PLAIN, True),
        ("query ~ %00", asking(userId="a\0"), True),
        ("userId ~ ^a.c$", asking(userId="abc"), True),
        ("page > 1 and page_size > 1", asking(page=2, page_size=1), False),
        ("page > 1 and page_size > 1", asking(page=2, page_size=2), True),
    ],
)
def test_conditions_ask_for_facts_of_the_request(when: str, probe: Probe, holds: bool) -> None:
    known = Deviation("x", "answered", conditions("here", when), (), "because")
    assert known.asks(probe) is holds


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "found unreadable YAML (while parsing a flow node"),
        ("a: 1", "expected a list of deviations"),
        ("- 7", "expected an object of id, check"),
        ("- {id: a, check: answered, reason: b, until: c}", "member: found 'until'"),
        ("- {id: a, reason: b}", "known.yaml: entry 1: found no check, expected id, check and reason in every entry"),
        ("- {id: a, check: anwsered, reason: b}", "did you mean answered?"),
        ("- {id: a, check: answered, reason: b, expires: soon}", "expected a date"),
        ("- {id: a, check: answered, reason: b, expires: 2027-06-01 12:00:00}", "expected a date"),
        ("- {id: a, check: [[answered]], reason: b}", "check: found ['answered'], expected the name of a check"),
        ("- {id: a, check: {answered: 1}, reason: b}", "expected the name of a check, or a list of names"),
        ("- {id: a, check: answered, reason: b, when: 'page ~ ['}", "found '[', expected a regular expression after ~"),
        ("- {id: a, check: answered, reason: b, when: page > many}", "found 'many', expected a number after >"),
        ("- {id: a, check: answered, reason: b, expires: '2027-02-30'}", "found 2027-02-30, expected a date"),
        ("- {id: '', check: answered, reason: b}", "entry 1: id: found '', expected a name"),
        ("- {id: a, check: answered, reason: b, sometimes: often}", "sometimes: found 'often', expected true if"),
        (
            "- &a {id: a, check: answered, reason: b}\n- *a",
            "found unreadable YAML (the alias *a, which is",
        ),
        ("- {id: a, check: answered, reason: b, answer: {1: 2}}", "found unreadable YAML (Dict key must be str)"),
        ("[" * 100_000, "found unreadable YAML (nested deeper than 20 levels), expected a list of deviations in YAML"),
        ("- " * 100_000, "found unreadable YAML (nested deeper than 20 levels), expected a list of deviations in YAML"),
        ("#" * 1_000_001, "found unreadable YAML (more than 1000000 bytes), expected a list of deviations in YAML"),
        ("- {id: a, check: answered, reason: b, answer: 400}", "expected an object such as"),
        ("- {id: a, check: answered, reason: b, when: page too large}", "found 'page too large'"),
    ],
)
def test_an_entry_that_does_not_read_says_why(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(MockserverError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(MockserverError, match="found no such file or directory, expected a readable YAML file"):
        deviations(tmp_path / "none.yaml", TODAY)


def test_the_deviations_of_logto_are_those_of_the_facts() -> None:
    facts = {name: fact for name, fact in contract().facts.items() if fact.deviations}
    checks = [entry["check"] for fact in facts.values() if fact.holds("1.36.0") for entry in fact.deviations]
    known = known_deviations("observed")
    assert {deviation.id for deviation in known} == {name for name, fact in facts.items() if fact.holds("1.36.0")}
    assert len(known) == sum(1 if isinstance(check, str) else len(check) for check in checks)
    assert all(deviation.reason == facts[deviation.id].observed for deviation in known)


def test_a_window_of_time_is_known_of_1_42_alone() -> None:
    facts = evidence(status=400, code="guard.invalid_input")
    known = [
        any(d.explains(asking(start_time="abc"), facts) for d in known_deviations(name) if d.check == CAPPED)
        for name in ("documented", "observed", "observed-1.42")
    ]
    assert known == [False, False, True]


def test_a_deviation_holds_for_the_versions_of_its_fact_and_for_its_own() -> None:
    document = copy.deepcopy(contract().document)
    facts = document["paths"]["/api/logs"]["get"]["x-observed"]
    shared = {"documented": "x", "observed": "x", "seen": ["1.42.0"], "value": 1}
    facts["newer"] = shared | {"since": "1.42.0", "deviations": [{"check": "answered"}]}
    facts["mixed"] = shared | {"deviations": [{"check": "link", "before": "1.42.0"}, {"check": "answered"}]}
    made = Contract(encode(document))
    older, newer = (
        {(each.id, each.check) for each in observed_deviations(made, version)} for version in ("1.36.0", "1.42.0")
    )
    assert older - newer == {("mixed", "link")}
    assert newer - older >= {("newer", "answered")}
    assert older & newer >= {("mixed", "answered")}


def exchange(probe: Probe) -> ProbeExchange:
    return ProbeExchange(
        probe, Answer(400, (("Content-Type", "application/json"),), b'{"code":"guard.invalid_pagination"}')
    )


def test_a_known_finding_stands_apart_from_a_new_one(tmp_path: Path) -> None:
    ledger = Ledger(frozenset(CHECKS), read(tmp_path, CAP))
    for size in (1000, 101, 1):
        ledger.find(CHECKS["valid-request-accepted"], Break("200", "400"), exchange(asking(page_size=size)))
    known, new = sorted(ledger, key=lambda finding: finding.weight, reverse=True)
    assert (known.weight, known.times, known.exchange.probe.query) == ("known", 2, "page_size=101")
    assert (new.weight, new.times, new.exchange.probe.query) == ("forbidden", 1, "page_size=1")


def test_what_had_its_chance_and_did_not_show_is_stale(tmp_path: Path) -> None:
    ledger = Ledger(frozenset(CHECKS), read(tmp_path, CAP + "  sometimes: false\n"))
    ledger.exercise(exchange(PLAIN))
    assert not ledger.stale()
    ledger.exercise(exchange(asking(page_size=101)))
    assert [d.id for d in ledger.stale()] == ["page-size-cap"]
    ledger.find(CHECKS["valid-request-accepted"], Break("200", "400"), exchange(asking(page_size=101)))
    assert not ledger.stale()


def test_what_shows_sometimes_is_never_stale(tmp_path: Path) -> None:
    ledger = Ledger(frozenset(CHECKS), read(tmp_path, CAP + "  sometimes: true\n"))
    ledger.exercise(exchange(asking(page_size=101)))
    assert not ledger.stale()


def test_checks_that_were_not_selected_find_nothing() -> None:
    ledger = Ledger(frozenset({"answered"}))
    ledger.find(CHECKS["schema"], Break("x", "y"), exchange(PLAIN))
    assert not list(ledger)


def test_a_deviation_from_a_check_that_is_not_judged_is_never_stale(tmp_path: Path) -> None:
    ledger = Ledger(frozenset({"answered"}), read(tmp_path, CAP))
    ledger.exercise(exchange(asking(page_size=101)))
    assert not ledger.stale()


@pytest.mark.parametrize(
    ("probe", "status", "check"),
    [
        (asking(page=0), 500, "answered"),
        (asking(page=-1), 500, "answered"),
        (asking(page="-Infinity"), 500, "answered"),
        (asking(page="\0"), 500, "answered"),
        (replace(PLAIN, raw="a=%00"), 500, "answered"),
        (asking(page="0.5"), 200, "invalid-request-refused"),
        (asking(page="-1.5"), 200, "invalid-request-refused"),
    ],
)
def test_what_logto_does_not_do_is_not_known_of_it(probe: Probe, status: int, check: str) -> None:
    facts = evidence(status=status, code="")
    assert not any(d.explains(probe, facts) for d in known_deviations("observed") if d.check == check)


def test_a_link_that_loses_api_is_known_and_one_that_leads_anywhere_is_not() -> None:
    for path, expected in (("/logs", True), ("/api/users", False)):
        headers = (
            ("Content-Type", "application/json"),
            ("Link", f'<https://logs.example.com{path}?page=1>; rel="first"'),
        )
        exchange = ProbeExchange(PLAIN, Answer(200, headers, b"[]"))
        (broken,) = link(Context(exchange)) or ()
        assert bool(Finding(CHECKS["link"], broken, exchange).known_among(known_deviations("observed"))) is expected


def test_a_page_size_that_logto_refuses_is_not_known_beside_a_page_that_it_reads() -> None:
    facts = evidence(status=200, code="", subject="page, page_size")
    assert not any(d.explains(asking(page="1.5", page_size=0), facts) for d in known_deviations("observed"))


@pytest.mark.parametrize("probe", [asking(page="0.5"), asking(page=2**63), asking(userId="a\0b")])
def test_what_logto_breaks_on_is_known_of_it(probe: Probe) -> None:
    facts = evidence(status=500, code="")
    assert any(d.explains(probe, facts) for d in known_deviations("observed") if d.check == "answered")
