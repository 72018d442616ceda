"""Findings: one for each cause, with the smallest request, and none of a break that is not the target's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.findings import Ledger
from mockserver.judge.probe import Probe, asking
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import directly, told


def found(*breaks: tuple[str, Probe]) -> list[tuple[str, int, str]]:
    """Subject, times and query of each finding that breaks of these subjects make."""
    ledger = Ledger(frozenset(CHECKS))
    for subject, probe in breaks:
        ledger.find(CHECKS["answered"], Break("an answer", "500", subject), ProbeExchange(probe, Answer(500)))
    return [(f.broken.subject, f.times, f.exchange.probe.query) for f in ledger]


PAGE, SIZE = ("500, page", asking(page=0)), ("500, page_size", asking(page_size=0))
BOTH = ("500, page, page_size", asking(page=0, page_size=0))


def test_a_break_with_more_around_it_is_the_same_break() -> None:
    assert found(PAGE, BOTH, BOTH) == found(BOTH, PAGE, BOTH) == [("500, page", 3, "page=0")]


def test_a_break_around_two_known_ones_counts_for_the_first_and_leaves_them_two() -> None:
    """It says nothing of which one broke."""
    assert found(PAGE, SIZE, BOTH) == [("500, page", 2, "page=0"), ("500, page_size", 1, "page_size=0")]


def test_breaks_of_other_parameters_are_others() -> None:
    assert found(SIZE, PAGE) == [("500, page", 1, "page=0"), ("500, page_size", 1, "page_size=0")]


def test_the_smallest_request_shows_a_break() -> None:
    assert found(("500", asking(userId="abc")), ("500", asking(userId="a")), ("500", asking(userId="b"))) == [
        ("500", 3, "userId=a")
    ]


def caps(most: int, refuses: bool) -> Callable[[Deployment, Asked, Answered], Answered]:
    """Pages hold at most so many logs: larger sizes are refused, or answered as that size."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        size = dict(asked.pairs).get("page_size", "")
        if answered.status != 200 or not size.isdigit() or int(size) <= most:
            return answered
        if refuses:
            return deployment.refusal(400)
        return deployment.honest(replace(asked, query=urlencode({**dict(asked.pairs), "page_size": most})))

    return mend


@pytest.mark.parametrize("depth", ["quick", "full"])
@pytest.mark.parametrize(("most", "refuses", "check"), [
    (100, True, "valid-request-accepted"), (50, True, "valid-request-accepted"), (19, True, "valid-request-accepted"),
    (50, False, "page-size-ignored"), (30, False, "page-size-ignored"),
])  # fmt: skip
def test_a_cap_on_page_size_is_one_finding(depth: str, most: int, refuses: bool, check: str) -> None:
    verdict = directly(Deployment(mend=caps(most, refuses)), depth)
    assert [finding.check.name for finding in verdict.failing()] == [check], told(verdict.failing())


def test_two_different_server_errors_are_two_findings() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        given = dict(asked.pairs)
        breaks = given.get("page_size") == "0" or len(given.get("userId", "")) > 200
        return Answered(500) if breaks and answered.status < 500 else answered

    failing = directly(Deployment(mend=mend), "full").failing()
    assert [(f.check.name, f.broken.subject) for f in failing] == [
        ("answered", "500, page_size"),
        ("answered", "500, userId"),
    ]


def test_server_errors_of_two_codes_are_two_findings() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        page = dict(asked.pairs).get("page", "")
        if page not in ("0", "-1"):
            return answered
        return Answered(500, {"code": f"code{page}"}, {"Content-Type": "application/json"})

    failing = directly(Deployment(mend=mend), "quick").failing()
    assert {f.broken.subject for f in failing} == {"500, code-1, page", "500, code0, page"}


def test_a_server_that_breaks_now_and_then_is_one_finding() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(500) if len(deployment.asked) % 11 == 0 else answered

    verdict = directly(Deployment(mend=mend), "full")
    assert [(f.check.name, f.broken.subject) for f in verdict.failing()] == [("answered", "500")]
