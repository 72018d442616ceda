"""The target: asked gently, within a budget, and never beyond its host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import Answer
from mockserver.judge.limits import DEPTHS, Limits, WallClock, limits
from mockserver.judge.probe import PLAIN
from mockserver.judge.route import address, logs_address
from mockserver.judge.target import Gone, Spent, Target
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.judging import TestClock, broken, judged

ROOMY = Limits("full", 100, 1000.0, None)


def target(url: str, limit: Limits = ROOMY, clock: Any = None, timeout: float = 1.0) -> Target:
    tokens = {"token": lambda: "good-token"}
    return Target(logs_address(url), limit, tokens, clock or WallClock(), timeout)


def refusing(status: int, times: int, **headers: str) -> Callable[[Deployment, Asked, Answered], Answered]:
    """Refuses the first so many requests."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(status, headers=headers) if len(deployment.asked) <= times else answered

    return mend


def test_requests_are_paced() -> None:
    clock = TestClock()
    with serving(Deployment()) as url:
        asked = target(url, replace(ROOMY, rate=5.0), clock)
        for _ in range(11):
            asked.ask(PLAIN)
        asked.close()
    assert clock.moment == pytest.approx(2.0)


def test_a_budget_of_requests_is_kept() -> None:
    with serving(Deployment()) as url:
        asked = target(url, replace(ROOMY, requests=8))
        for _ in range(8):
            asked.ask(PLAIN)
        with pytest.raises(Spent, match="8 requests are used up"):
            asked.ask(PLAIN)
        asked.close()
    assert asked.requests == 8


def test_a_budget_of_seconds_is_kept() -> None:
    clock = TestClock()
    with serving(Deployment()) as url:
        asked = target(url, replace(ROOMY, rate=0.5, seconds=5.0), clock)
        for _ in range(3):
            asked.ask(PLAIN)
        with pytest.raises(Spent, match="5 seconds are used up"):
            asked.ask(PLAIN)
        asked.close()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(status: int) -> None:
    clock = TestClock()
    with serving(Deployment(mend=refusing(status, 2, **{"Retry-After": "7"}))) as url:
        asked = target(url, clock=clock)
        assert asked.ask(PLAIN).status == 200
        asked.close()
    assert clock.slept == [7.0, 7.0]


def test_a_date_to_retry_after_is_obeyed() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    clock = TestClock()
    with serving(Deployment(mend=refusing(429, 1, **{"Retry-After": moment}))) as url:
        asked = target(url, clock=clock)
        asked.ask(PLAIN)
        asked.close()
    assert clock.slept == [pytest.approx(30, abs=3)]


def test_without_retry_after_pauses_grow() -> None:
    clock = TestClock()
    with serving(Deployment(mend=refusing(429, 3))) as url:
        asked = target(url, clock=clock)
        asked.ask(PLAIN)
        asked.close()
    assert clock.slept == [0.5, 1.0, 2.0]


def test_a_target_that_keeps_saying_429_is_left() -> None:
    with serving(Deployment(mend=refusing(429, 99))) as url:
        asked = target(url, clock=TestClock())
        with pytest.raises(Gone, match="429 again and again"):
            asked.ask(PLAIN)
        asked.close()
    assert asked.requests == 4


def test_a_wait_beyond_the_budget_ends_the_run() -> None:
    with serving(Deployment(mend=refusing(429, 1, **{"Retry-After": "9999"}))) as url:
        asked = target(url, clock=TestClock())
        with pytest.raises(Gone, match="asks to wait 9999 seconds"):
            asked.ask(PLAIN)
        asked.close()


def test_three_failures_in_a_row_end_the_run() -> None:
    with serving(Deployment(mend=refusing(500, 99))) as url:
        asked = target(url)
        for _ in range(2):
            assert asked.ask(PLAIN).status == 500
        with pytest.raises(Gone, match="3 failures in a row, the last: 500"):
            asked.ask(PLAIN)
        asked.close()


def test_a_target_that_fails_on_the_way_is_told_as_that() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return answered if len(deployment.asked) < 40 else Answered(500)

    verdict = judged(Deployment(mend=mend))
    assert not broken(verdict)
    assert verdict.ledger.unjudged["the rest"].startswith("3 failures in a row")


def test_a_redirect_is_not_followed() -> None:
    other = Deployment()
    with serving(other) as elsewhere:
        deployment = Deployment(mend=lambda *_: Answered(302, headers={"Location": f"{elsewhere}/api/logs"}))
        verdict = judged(deployment)
    assert not other.asked
    assert verdict.exit_code == 2
    assert verdict.vacuous.startswith(f"not this API: 302 to {elsewhere}/api/logs")


@pytest.mark.parametrize("depth", DEPTHS)
def test_limits_are_gentler_beyond_this_machine(depth: Any) -> None:
    assert limits(depth, False, None, None, None).rate == 5.0
    assert limits(depth, True, None, None, None).rate is None
    assert limits(depth, False, None, None, 50.0).rate == 50.0


def test_the_depth_is_full_on_this_machine_and_quick_beyond() -> None:
    assert limits(None, True, None, None, None).depth == "full"
    assert limits(None, False, None, None, None) == Limits("quick", 150, 120, 5.0)


@pytest.mark.parametrize(
    "wrong", [{"depth": "deep"}, {"requests": 0}, {"seconds": 0.0}, {"seconds": float("nan")}, {"rate": 0.0}]
)
def test_limits_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MockserverError):
        replace(ROOMY, **wrong)


@pytest.mark.parametrize(
    "text", ["localhost:3001", "ftp://x", "http://", "http://[", "http://x:99999", "http://u@x", "http://x?y"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(MockserverError, match="expected a URL"):
        address(text)


def test_a_token_crosses_no_network_in_the_clear() -> None:
    far = address("http://logs.example.com")
    with pytest.raises(MockserverError, match="--insecure-http"):
        far.refuse_plain(insecure_http=False)
    far.refuse_plain(insecure_http=True)
    address("https://logs.example.com").refuse_plain(insecure_http=False)


def test_the_wall_clock_passes() -> None:
    clock = WallClock()
    before = clock.now()
    clock.sleep(0.001)
    assert clock.now() > before


def test_an_answer_knows_what_it_is() -> None:
    answer = Answer(200, (("X-A", "1"), ("x-a", "2")), b"[]")
    assert (answer.header("X-A"), answer.header("none"), answer.is_page) == ("1, 2", None, True)
