"""Kinds of faults that blind batches of strangers showed, each by the check that quick depth charges."""

from __future__ import annotations

import pytest

from tests.strangers.__main__ import judged

CHARGES = {
    "BlocksOfHundred": "page-size-ignored",
    "EmptyTokenOpens": "token-required",
    "EncodedNamesUnknown": "page-size-exceeded",
    "EndlessNext": "link",
    "FirstLogForOddId": "one-log",
    "FreshIds": "log-unchanged",
    "GzipNeverFinished": "answered",
    "GzipOnlyInName": "answered",
    "HeadIgnoresQuery": "head",
    "HeadLengthZero": "head",
    "LinkPrevZero": "link",
    "LocaleStarFails": "answered",
    "LoginPageForBrowsers": "token-required",
    "OneLogInSeconds": "one-log",
    "OperatorInBrackets": "unknown-parameter",
    "OriginalUrlOpens": "token-required",
    "PastedQuery": "answered",
    "PreflightByHeader": "token-required",
    "QueryLanguage": "answered",
    "RecentDetailOnly": "one-log",
    "RefusalStored": "valid-request-accepted",
    "SessionCookieOpens": "token-required",
    "SinceAnyTime": "conditional",
    "TagOfTotal": "strong-etag",
    "Ticks": "created-at-unit",
    "TwoDatabases": "order-stable",
    "TypeWithoutBody": "status-documented",
    "UnaccentedFilter": "filter-inexact",
    "WeightsNotRead": "status-documented",
    "ZeroTime": "created-at-unit",
}


@pytest.mark.parametrize("name", CHARGES)
def test_quick_depth_charges_the_check_that_fits(name: str) -> None:
    verdict = judged(name, "quick").verdict
    assert CHARGES[name] in {finding.check.name for finding in verdict.failing()}


def test_full_depth_charges_what_it_alone_asks_for() -> None:
    for name, check in (("NullIsSomebody", "token-required"), ("HyphensIgnored", "filter-inexact")):
        assert {finding.check.name for finding in judged(name, "full").verdict.failing()} == {check}


def test_answers_that_may_come_from_an_empty_copy_are_told_and_do_not_fail() -> None:
    verdict = judged("TimeoutIsEmpty", "quick").verdict
    assert verdict.exit_code == 0
    assert "answers without logs" in verdict.ledger.unjudged
