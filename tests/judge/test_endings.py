"""How a run ends: with what it could not judge, what it left alone, and what it never asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import Answer
from mockserver.judge.checks import CHECKS, find_check
from mockserver.judge.limits import Limits
from mockserver.judge.probes.paging import OVERFLOWING_QUICK
from mockserver.judge.run import Judge, _nothing_to_judge
from mockserver.judge.secrets import Secrets
from tests.strangers.__main__ import judged as stranger_judged
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import TestClock, broken, case, judged
from tests.support.samples import some_logs

Mend = Callable[[Deployment, Asked, Answered], Answered]


@pytest.mark.parametrize(
    ("changes", "mend", "why"),
    [
        ({"token": "wrong"}, None, "the token was refused: 401"),
        ({"token": None}, None, "a token is needed"),
        ({}, lambda *_: Answered(404, headers={"Content-Type": "text/plain"}), "not this API: 404"),
        ({}, lambda *_: Answered(200, headers={"Content-Type": "text/html"}, raw=b"<html>"), "not this API: 200"),
        ({}, lambda *_: Answered(302, headers={"Location": "/login"}), "not this API: 302 to /login ("),
        ({}, lambda *_: Answered(502, headers={"Content-Type": "text/html"}, raw=b"<html>"), "3 failures in a row"),
        ({}, lambda *_: Answered(503), "3 failures in a row, the last: 503"),
        ({}, lambda *_: Answered(500), "3 failures in a row, the last: 500"),
    ],
)
def test_what_cannot_be_judged_ends_with_2(changes: dict[str, str | None], mend: Mend | None, why: str) -> None:
    deployment = Deployment(mend=mend) if mend else Deployment()
    verdict = judged(deployment, clock=TestClock(), **changes)
    assert verdict.exit_code == 2
    assert verdict.vacuous.startswith(why)
    assert len(deployment.asked) <= 3
    assert not broken(verdict)
    assert verdict.skipped(find_check("schema")) == verdict.vacuous


def test_a_first_answer_that_no_client_reads_is_a_finding_and_ends_the_run() -> None:
    """Its head has a line that is no header."""
    verdict = stranger_judged("LineWithoutColon", "quick").verdict
    assert (verdict.exit_code, broken(verdict), verdict.requests) == (1, {"answered"}, 1)
    assert verdict.vacuous == "no client reads the answer: a head that breaks the grammar of HTTP"
    assert verdict.remedy == "see RFC 9112, 5 and 6.3"


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (Answered(401), "the token was refused: 401 (no content type, 0 bytes); give one of this deployment, with "),
        (Answered(404), "not this API: 404 (no content type, 0 bytes); expected 200 with an array of logs; give the "),
    ],
)
def test_what_cannot_be_judged_says_where_and_what_to_do(answered: Answered, told: str) -> None:
    verdict = judged(Deployment(mend=lambda *_: answered), depth="quick")
    assert told in verdict.summary
    assert f" ({verdict.target.url}, 0 logs and " in verdict.summary


def test_where_nobody_answers_it_says_where_and_what_to_do() -> None:
    summary = Judge(case("http://127.0.0.1:1", "quick"), Secrets()).run().summary
    assert "unreachable: a refused connection; check the address, and what runs there (http://127" in summary


def test_a_token_that_expires_on_the_way_is_no_finding() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return answered if len(deployment.asked) < 30 else deployment.refusal(401)

    verdict = judged(Deployment(mend=mend))
    assert not broken(verdict)
    assert verdict.ledger.unjudged["the rest"].startswith("the token is no longer accepted")
    assert verdict.exit_code == 2


def test_a_target_that_is_lost_on_the_way_is_neither_red_nor_green() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return answered if len(deployment.asked) < 30 else Answered(500)

    verdict = judged(Deployment(mend=mend))
    assert (verdict.exit_code, bool(verdict.failing()), verdict.logs > 0) == (2, False, True)
    assert verdict.summary.startswith("Not judged to the end: 3 failures in a row, the last: 500")


def test_a_token_refused_now_and_then_is_a_finding() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.refusal(401) if len(deployment.asked) == 12 else answered

    assert broken(judged(Deployment(mend=mend), "quick")) == {"valid-request-accepted"}


def test_a_finding_outranks_what_was_not_judged() -> None:
    verdict = judged(Deployment([], content_type="text/plain"), "quick")
    assert (verdict.exit_code, verdict.logs) == (1, 0)
    assert verdict.summary.startswith("Broken: 1 forbidden")


def test_a_spent_budget_is_told_for_each_rule_it_left_unjudged() -> None:
    verdict = judged(Deployment(), limits=Limits("full", 12, 60.0, None))
    assert verdict.requests <= 12
    assert verdict.skipped(find_check("pages-gap")) == "12 requests are used up"
    assert (verdict.exit_code, verdict.vacuous) == (2, "12 requests are used up before filters alone was judged")


@pytest.mark.parametrize("limit", [Limits("quick", 2, 60.0, None), Limits("quick", 4, 60.0, None)])
def test_a_budget_that_ends_before_anything_was_compared_is_no_green(limit: Limits) -> None:
    verdict = judged(Deployment(), limits=limit)
    assert verdict.exit_code == 2
    assert verdict.summary.startswith(f"Not judged to the end: {limit.requests} requests are used up")


@pytest.mark.parametrize(("depth", "most"), [("quick", 20), ("full", 40)])
def test_failing_credentials_are_few(depth: str, most: int) -> None:
    deployment = Deployment()
    judged(deployment, depth)
    valid = ("Bearer good-token", "Bearer poor-token")
    failing = [asked for asked in deployment.asked if asked.headers.get("authorization") not in valid]
    assert 10 < len(failing) <= most


def test_quick_depth_asks_no_page_beyond_fifty_but_one_that_no_deployment_has() -> None:
    deployment = Deployment(some_logs(3000))
    judged(deployment, "quick")
    pages = [text for asked in deployment.asked for name, text in asked.pairs if name == "page" and text.isdigit()]
    assert {page for page in map(int, pages) if page > 50} == {OVERFLOWING_QUICK}


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_only_get_head_and_options_are_asked_unless_unsafe(depth: str) -> None:
    deployment = Deployment()
    judged(deployment, depth)
    assert {asked.method for asked in deployment.asked} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("forbidden-status", "no second token: see --forbidden-token"),
        ("read-only", "other methods are asked with --unsafe alone"),
    ],
)
def test_a_choice_of_checks_of_which_none_was_judged_is_no_green(name: str, why: str) -> None:
    verdict = judged(Deployment(), "quick", selected=frozenset({name}), forbidden_token=None)
    assert verdict.exit_code == 2
    chosen = f"Nothing could be judged: none of the checks chosen by --only or --skip was judged ({why}) ("
    assert verdict.summary.startswith(chosen)


def test_a_choice_that_leaves_no_check_is_bad_usage() -> None:
    with pytest.raises(MockserverError, match="none, after --only and --skip"):
        case("http://127.0.0.1:1", selected=frozenset())


def test_a_check_that_was_left_out_is_reported_as_that_however_broken_it_is() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(405) if asked.method == "HEAD" else answered

    verdict = judged(Deployment(mend=mend), "quick", selected=frozenset(CHECKS) - {"head", "read-only", "allow-named"})
    assert verdict.skipped(find_check("head")) == "left out by --only or --skip"
    assert "read-only" not in verdict.ledger.unjudged
    assert verdict.exit_code == 0


def test_logs_that_are_others_at_every_look_are_no_green() -> None:
    """Nothing contradicts such answers, since nothing can be compared with anything."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        logs = answered.body if isinstance(answered.body, list) else None
        count = len(deployment.asked)
        fresh = logs and [
            {**log, "id": f"{count}-{n}", "createdAt": 1_760_000_000_000 + count} for n, log in enumerate(logs)
        ]
        return replace(answered, body=fresh or answered.body)

    verdict = judged(Deployment(mend=mend, tags=False), "quick")
    assert verdict.exit_code == 2
    assert verdict.summary.startswith("Not judged to the end: the logs changed at every look, which left unjudged: ")


HTML = (("Content-Type", "text/html"),)


@pytest.mark.parametrize(
    ("answer", "with_token", "why", "remedy"),
    [
        (Answer(0, lost="no address for that host"), True, "unreachable: no address for", "check the address"),
        (Answer(0, lost="a refused connection"), True, "unreachable: a refused connection", "check the address"),
        (Answer(0, lost="a failing connection (OSError)"), True, "unreachable: a failing", "check the address"),
        (Answer(0, lost="no whole answer in time"), True, "no answer to judge: no whole answer", "check the address"),
        (Answer(0, lost="a head that is too long"), True, "no client reads the answer: a head", "see RFC 9112"),
        (Answer(401), False, "a token is needed: see --token and --client-id", ""),
        (Answer(403), False, "a token is needed: see --token and --client-id", ""),
        (Answer(401), True, "the token was refused: 401", "give one of this deployment, with scope all"),
        (Answer(403), True, "the token was refused: 403", "give one of this deployment, with scope all"),
        (Answer(402), True, "", ""),
        (Answer(404), True, "not this API: 404", "expected 200 with an array of logs"),
        (Answer(404), False, "not this API: 404", "expected 200 with an array of logs"),
        (Answer(405), True, "", ""),
        (Answer(299), True, "", ""),
        (Answer(300), True, "not this API: 300", "expected 200 with an array of logs"),
        (Answer(399), True, "not this API: 399", "expected 200 with an array of logs"),
        (Answer(400), True, "", ""),
        (Answer(200, HTML, b"<p>"), True, "not this API: 200", "expected 200 with an array of logs"),
        (Answer(499, HTML, b"<p>"), True, "not this API: 499", "expected 200 with an array of logs"),
        (Answer(500, HTML, b"<p>"), True, "", ""),
        (Answer(200, HTML, b"[]"), True, "", ""),
    ],
)
def test_a_first_answer_says_whether_there_is_anything_to_judge_and_what_to_do(
    answer: Answer, with_token: bool, why: str, remedy: str
) -> None:
    told = _nothing_to_judge(answer, with_token=with_token)
    assert [bool(text) for text in told] == [bool(why), bool(remedy)]
    assert told[0].startswith(why)
    assert told[1].startswith(remedy)
