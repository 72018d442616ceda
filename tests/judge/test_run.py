"""The judge as a whole: what explains a finding, and what is left unjudged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge.checks import CHECKS, find_check
from mockserver.judge.checks.listing import LISTING
from mockserver.judge.probes import PROBES, UNSAFE
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import broken, judged
from tests.support.samples import a_log, some_logs


def test_a_size_that_is_refused_leaves_smaller_references() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        size = int(dict(asked.pairs).get("page_size", "1")) if answered.status == 200 else 0
        return deployment.refusal(400) if size > 20 else answered

    verdict = judged(Deployment(mend=mend), "quick")
    assert broken(verdict) == {"valid-request-accepted"}
    assert not verdict.skipped(find_check("page-ignored"))


@pytest.mark.parametrize("status", [400, 500])
def test_a_page_that_is_refused_ends_the_walk(status: int) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        is_second = dict(asked.pairs).get("page") == "2" and answered.status == 200
        return deployment.refusal(status) if is_second else answered

    verdict = judged(Deployment(some_logs(300), mend=mend))
    assert broken(verdict) == {"valid-request-accepted" if status == 400 else "answered"}


def test_a_reference_that_is_refused_leaves_its_relations_unjudged() -> None:
    """The plainest request is refused after the preflight, and is a reference for parameters that nobody knows."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        again = len(deployment.asked) > 3 and not asked.query and answered.status == 200
        return deployment.refusal(400) if again else answered

    verdict = judged(Deployment(mend=mend), "quick")
    assert broken(verdict) == {"valid-request-accepted"}


def test_a_reference_that_is_refused_when_asked_again_ends_its_relation() -> None:
    """Page 2 is never right, and the reference that should show it is refused from then on."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        given = dict(asked.pairs)
        if answered.status == 200 and given == {"page_size": "100"} and len(deployment.asked) > 8:
            return deployment.refusal(400)
        wrong = answered.status == 200 and given.get("page") == "2"
        return replace(answered, body=answered.body[1:]) if wrong else answered

    assert "valid-request-accepted" in broken(judged(Deployment(mend=mend), "quick"))


def test_a_last_page_that_is_refused_leaves_what_follows_it_unjudged() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.refusal(400) if dict(asked.pairs).get("page") == "8" else answered

    verdict = judged(Deployment(some_logs(150), mend=mend), "quick")
    assert broken(verdict) == {"valid-request-accepted"}
    assert verdict.skipped(find_check("past-the-end"))


def test_a_deployment_that_refuses_every_size_is_judged_by_the_rest() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.refusal(400) if "page_size" in asked.query and answered.status == 200 else answered

    verdict = judged(Deployment(mend=mend), "quick")
    assert broken(verdict) == {"valid-request-accepted"}
    assert verdict.skipped(find_check("pages-gap"))


def test_the_end_is_found_without_totals() -> None:
    """A page that is larger than the whole list shows how many logs there are."""
    verdict = judged(Deployment(tells_total=False), "quick")
    assert verdict.ledger.judged["past-the-end"]


def test_a_far_end_is_left_alone_at_quick_depth() -> None:
    verdict = judged(Deployment(some_logs(1100)), "quick")
    assert verdict.ledger.unjudged["past-the-end"].startswith("the last page is beyond page 50")


def test_filters_without_data_are_said_to_be_unjudged() -> None:
    unjudged = judged(Deployment(some_logs(30, minimal=True)), "quick").ledger.unjudged
    assert unjudged["filter by userId"].startswith("a filter without data")
    assert unjudged["filters by userId, applicationId, logKey together"] == "no log seen holds a value for each"


def test_without_a_second_token_403_is_said_to_be_unjudged() -> None:
    verdict = judged(Deployment(), "quick", forbidden_token=None)
    assert verdict.skipped(find_check("forbidden-status")) == "no second token: see --forbidden-token"


def test_without_a_token_an_open_deployment_is_judged_and_found_open() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.honest(replace(asked, headers={"authorization": "Bearer good-token"}))

    verdict = judged(Deployment(mend=mend), "quick", token=None)
    assert "token-required" in broken(verdict)
    assert verdict.ledger.unjudged["a tampered token"] == "no token was given"


def test_a_break_seen_once_in_many_requests_is_counted() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        spoilt = answered.status == 200 and len(deployment.asked) % 10 == 0 and asked.method == "GET"
        return replace(answered, raw=b"[") if spoilt and isinstance(answered.body, list) else answered

    (finding,) = (f for f in judged(Deployment(mend=mend), "quick").findings if f.check.name == "json")
    assert 3 <= finding.times <= 15


def test_a_race_between_count_and_list_is_no_finding() -> None:
    """A total that is one too low once, as when a log comes between counting and listing."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if len(deployment.asked) % 10 == 0 and answered.headers.get("Total-Number", "0") != "0":
            answered.headers["Total-Number"] = str(int(answered.headers["Total-Number"]) - 200)
        return answered

    assert not broken(judged(Deployment(mend=mend), "quick"))


def test_a_finding_that_another_explains_does_not_count() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if answered.status == 200 and isinstance(answered.body, list):
            pairs = [pair for pair in asked.pairs if pair[0] != "page"]
            return deployment.honest(replace(asked, query="&".join(f"{n}={v}" for n, v in pairs)))
        return answered

    verdict = judged(Deployment(some_logs(90), mend=mend), "quick")
    assert "past-the-end" in broken(verdict)
    assert {finding.check.name for finding in verdict.failing()} == {"page-ignored"}


def test_explanations_run_in_no_circle() -> None:
    def depth(name: str, above: tuple[str, ...] = ()) -> None:
        assert name not in above
        for cause in CHECKS[name].consequence_of:
            depth(cause, (*above, name))

    for name in CHECKS:
        depth(name)
    assert set(LISTING) <= set(CHECKS)


def test_every_family_of_probes_has_a_name_of_its_own_and_says_what_it_sends() -> None:
    families = (*PROBES, UNSAFE)
    assert len({family.name for family in families}) == len(families)
    assert all(family.run.__doc__ for family in families)


def test_an_unknown_check_lists_the_known_ones() -> None:
    with pytest.raises(MockserverError, match="did you mean schema"):
        find_check("shema")


def test_odd_logs_do_not_stop_the_judge() -> None:
    """Logs that are no objects, that lack what filters look at, or whose members are of other types."""
    odd = [7, None, {}, {"id": 3, "key": [], "payload": 4}, {**a_log(1), "payload": {"userId": 5}}]
    verdict = judged(
        Deployment(mend=lambda d, a, answered: replace(answered, body=odd) if a.method == "GET" else answered), "quick"
    )
    assert "schema" in broken(verdict)
