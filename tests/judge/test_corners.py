"""Breaks that show where two things meet: a page without a size, a page under filters, the last window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.support.deployment import Answered, Asked, Deployment
from tests.support.filters import LOOKS
from tests.support.judging import TestClock, judged, told
from tests.support.samples import some_logs

Mend = Callable[[Deployment, Asked, Answered], Answered]


def listed(when: Callable[[dict[str, str]], bool], **otherwise: int | None) -> Mend:
    """A deployment that answers some queries as if they had been others: None takes a parameter away."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        given = dict(asked.pairs)
        if answered.status != 200 or not isinstance(answered.body, list) or not when(given):
            return answered
        changed = {**given, **{name: str(value) for name, value in otherwise.items()}}
        kept = [(name, value) for name, value in changed.items() if otherwise.get(name, 0) is not None]
        return deployment.honest(replace(asked, query=urlencode(kept)))

    return mend


def filters_of(given: dict[str, str]) -> set[str]:
    return given.keys() & set(LOOKS)


def is_later(given: dict[str, str]) -> bool:
    return given.get("page", "1") != "1"


def no_depth(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """No page holds what comes after the hundredth log, and nothing counts."""
    deployment.tells_total = False
    return replace(answered, body=[]) if asked.query in ("page=2&page_size=100", "page=3&page_size=50") else answered


def loses_the_oldest(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """The last log is on no page that is smaller than the largest."""
    deployment.tells_total = False
    if answered.status == 200 and isinstance(answered.body, list) and "page_size=100" not in asked.query:
        return replace(answered, body=[log for log in answered.body if log["id"] != deployment.logs[-1]["id"]])
    return answered


QUICK: dict[str, tuple[Mend, str]] = {
    "a page without a size is the first": (
        listed(lambda given: "page" in given and "page_size" not in given, page=1),
        "page-ignored",
    ),
    "a later page forgets a filter": (
        listed(lambda given: len(filters_of(given)) > 1 and is_later(given), userId=None),
        "filters-combined",
    ),
    "a later page under filters is the first": (
        listed(lambda given: len(filters_of(given)) > 1 and is_later(given), page=1),
        "pages-overlap",
    ),
    "an empty filter finds other logs": (listed(lambda given: "" in given.values(), page=2), "filter-empty"),
}
FULL: dict[str, tuple[Mend, str]] = {
    "a filtered page without a size is longer": (
        listed(lambda given: bool(filters_of(given)) and "page_size" not in given, page_size=30),
        "default-page-size",
    ),
    "a filtered later page without a size is the first": (
        listed(lambda given: bool(filters_of(given)) and "page_size" not in given and is_later(given), page=1),
        "page-ignored",
    ),
    "a value that is neither common nor rare finds nothing": (
        listed(lambda given: given.get("logKey") == "RevokeToken", page=999),
        "logs-missing",
    ),
    "nothing after the hundredth": (no_depth, "logs-missing"),
    "the oldest log is lost": (loses_the_oldest, "logs-missing"),
}


@pytest.mark.parametrize("name", QUICK)
def test_quick_depth_sees_where_two_parameters_meet(name: str) -> None:
    mend, rule = QUICK[name]
    verdict = judged(Deployment(some_logs(230), tells_total=False, mend=mend), "quick", TestClock())
    assert rule in {finding.check.name for finding in verdict.failing()}, told(verdict.findings)
    assert verdict.requests <= 150


@pytest.mark.parametrize("name", FULL)
def test_full_depth_sees_the_corners(name: str) -> None:
    mend, rule = FULL[name]
    verdict = judged(Deployment(some_logs(230), tells_total=False, mend=mend), "full", TestClock())
    assert rule in {finding.check.name for finding in verdict.failing()}, told(verdict.findings)


def test_an_overlap_is_found_while_logs_come() -> None:
    """It looks like a replica that is behind, and never catches up."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        given = dict(asked.pairs)
        if answered.status != 200 or not isinstance(answered.body, list) or not is_later(given) or filters_of(given):
            return answered
        start = (int(given["page"]) - 1) * int(given.get("page_size", 20)) - 1
        return replace(answered, body=deployment.logs[start : start + len(answered.body)])

    verdict = judged(Deployment(some_logs(230), grows_every=9, mend=mend), "quick", TestClock())
    assert "pages-overlap" in {finding.check.name for finding in verdict.failing()}


def test_logs_that_are_deleted_while_they_are_judged_break_nothing() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if len(deployment.asked) % 7 == 0:
            deployment.logs.pop()
        return answered

    verdict = judged(Deployment(some_logs(101), mend=mend), "quick", TestClock())
    assert not told(verdict.failing())


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_a_total_that_counts_too_few_is_no_page_past_the_end(depth: str) -> None:
    """The page promises no total: what it says wrongly must not fail a run as forbidden."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        counted = int(answered.headers.get("Total-Number", 0))
        return replace(answered, headers={**answered.headers, "Total-Number": "100"}) if counted > 100 else answered

    verdict = judged(Deployment(some_logs(230), mend=mend), depth, TestClock(), strict=False)
    assert not told(verdict.failing())
    assert "total-number" in {finding.check.name for finding in verdict.findings}
