"""What a run asks, and what it says it left out: each probe that was not sent is told once, with why."""

from __future__ import annotations

from collections import Counter

import pytest

from mockserver.judge.checks import CHECKS
from mockserver.judge.limits import Depth, Limits
from mockserver.judge.probes import PROBES
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import TestClock, directly, told
from tests.support.samples import some_logs

FILTERS = ("userId", "applicationId", "logKey")
ALWAYS = {
    "read-only": "other methods are asked with --unsafe alone",
    "open numbers": "part of --depth full",
    "repeated parameters": "part of --depth full",
    "generated requests": "part of --depth fuzz",
}
SPARSE = {f"defaults under {name}": "no value that more than 20 of the logs seen hold" for name in FILTERS}
ONE_WINDOW = SPARSE | {"deep pages of odd sizes": "no page of more than 100 logs"}
SOME = ONE_WINDOW | {"pages under filters together": "no three of the newest logs share values of two filters"}
FEW = SOME | {"default-page-size": "no more than 20 logs"}
NO_SPREAD = {
    f"pages filtered by {name}": "no value that some of the newest logs hold, and others not" for name in FILTERS
}
ONE_PAGE = dict.fromkeys(("page-ignored", "pages-overlap", "pages-gap"), "one page only")
# The only log has no user and no application.
ALONE = (
    {f"filter by {name}": "a filter without data: no log seen holds a value for it" for name in FILTERS[:2]}
    | {
        f"filters by {names} together": "no log seen holds a value for each"
        for names in ("userId, applicationId, logKey", "userId, applicationId", "applicationId, logKey")
    }
    | {"one-log": "no second log with an id", "answers-apart": "no two logs"}
)


@pytest.mark.parametrize(
    ("count", "left"),
    [
        (1, FEW | NO_SPREAD | ONE_PAGE | ALONE),
        (2, FEW | NO_SPREAD | ONE_PAGE),
        (3, FEW | NO_SPREAD),
        (5, FEW | NO_SPREAD),
        (20, FEW),
        (21, SOME),
        (30, SOME),
        (150, {"defaults under userId": SPARSE["defaults under userId"]}),
    ],
)
def test_a_run_tells_what_it_left_out(count: int, left: dict[str, str]) -> None:
    verdict = directly(Deployment(some_logs(count)), "quick")
    assert verdict.ledger.unjudged == ALWAYS | left
    assert verdict.exit_code == 0


def test_nobody_knows_the_end_of_a_long_list_that_is_not_counted() -> None:
    unjudged = directly(Deployment(some_logs(1500), tells_total=False), "quick").ledger.unjudged
    assert unjudged["past-the-end"] == "neither all logs nor Total-Number were seen"


# So far that its first log has no number of 32 bits.
FAR = (2**26 + 1, 64)
# The pages that a list of 30 logs at most is asked for, as (page, page_size); 0 stands for none.
SHORT = [FAR, (1, 0), (2, 2), (2, 20), (2, 100)]
LONG = [
    FAR,
    (1, 0),
    (2, 0),
    (2, 1),
    (2, 2),
    (2, 50),
    (3, 5),
    (4, 50),
    (5, 20),
    (5, 50),
    (4, 30),
    (8, 20),
    (9, 20),
]


@pytest.mark.parametrize(
    ("count", "sizes", "pages"),
    [
        (1, [], [*SHORT, (1, 20)]),
        (2, [], [*SHORT, (1, 20), (2, 1)]),
        (3, [3], [*SHORT, (1, 20), (2, 1), (2, 2)]),
        (5, [3, 4], [*SHORT, (1, 20), (2, 1), (2, 2)]),
        (20, [3, 4], [*SHORT, (1, 20), (2, 1), (2, 2), (3, 5)]),
        (21, [3, 4], [*SHORT, (2, 0), (2, 1), (2, 2), (3, 5), (3, 20)]),
        (30, [3, 4], [*SHORT, (2, 0), (2, 1), (2, 2), (3, 5), (3, 20)]),
        (150, [3, 4, 101, 1000], [*LONG, (1, 1000), (22, 7)]),
    ],
)
def test_the_sizes_and_pages_of_a_quick_run_fit_the_logs(
    count: int, sizes: list[int], pages: list[tuple[int, int]]
) -> None:
    deployment = Deployment(some_logs(count))
    directly(deployment, "quick")
    asked = [dict(each.pairs) for each in deployment.asked if each.method == "GET" and "authorization" in each.headers]
    numbers = [given for given in asked if all(text.isdecimal() and text != "0" for text in given.values())]
    alone = {int(given["page_size"]) for given in numbers if given.keys() == {"page_size"}}
    assert alone == {1, 2, 7, 45, 50, 100} | set(sizes)
    paged = {(int(given["page"]), int(given.get("page_size", 0))) for given in numbers if "page" in given}
    assert paged == set(pages)


def test_the_invalid_numbers_of_a_quick_run() -> None:
    deployment = Deployment(some_logs(30))
    directly(deployment, "quick")
    asked = Counter(tuple(each.pairs) for each in deployment.asked)
    for name in ("page", "page_size"):
        assert {text for ((first, text),) in (pairs for pairs in asked if len(pairs) == 1) if first == name} >= {
            "0", "-1", "1.5",
        }  # fmt: skip
    assert (("page", "2"), ("page_size", "0")) in asked
    assert (("page", "-1"), ("page_size", "10")) in asked


def test_findings_come_in_the_order_of_the_checks_and_then_of_their_subjects() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if answered.status == 400:
            return Answered(500)
        return answered if answered.status != 200 else Answered(200, answered.body, {"Content-Type": "text/plain"})

    findings = directly(Deployment(mend=mend), "quick").findings
    assert [(f.check.name, f.broken.subject) for f in findings] == [
        ("answered", "500, page"), ("answered", "500, page_size"), ("content-type", ""), ("nosniff", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("requests", [20, 100])
def test_what_a_budget_left_is_told_once_for_each_family(requests: int) -> None:
    deployment = Deployment(some_logs(30))
    verdict = directly(deployment, limits=Limits("full", requests, 60.0, None))
    spent = [what for what, why in verdict.ledger.unjudged.items() if why == f"{requests} requests are used up"]
    assert not set(spent) & set(CHECKS)
    assert set(spent) <= {family.name for family in PROBES}
    assert verdict.skipped(CHECKS["head"]) == f"{requests} requests are used up"


def test_a_token_that_has_no_part_to_change_leaves_changes_out() -> None:
    unjudged = directly(Deployment(), "quick", token="good-token").ledger.unjudged
    assert "a token cut short" not in unjudged

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        headers = dict(asked.headers)
        if headers.get("authorization") == "Bearer tok":
            headers["authorization"] = "Bearer good-token"
        return deployment.honest(Asked(asked.method, asked.path, asked.query, headers))

    unjudged = directly(Deployment(mend=mend), "quick", token="tok").ledger.unjudged
    assert unjudged["a token cut short"] == "the token has no such part"


class Slow:
    """A deployment that ignores ``page``, and takes so many seconds for each answer."""

    def __init__(self, clock: TestClock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds

    def __call__(self, deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        self.clock.moment += self.seconds
        kept = "&".join(f"{name}={text}" for name, text in asked.pairs if name != "page")
        is_page = answered.status == 200 and isinstance(answered.body, list)
        return deployment.honest(Asked(asked.method, asked.path, kept, asked.headers)) if is_page else answered


def test_a_slow_server_that_ignores_the_page_is_never_kept() -> None:
    """The time ends before pages are judged."""
    clock = TestClock()
    verdict = directly(Deployment(mend=Slow(clock, 9.0)), "quick", clock=clock)
    assert verdict.exit_code == 2
    assert verdict.summary.startswith("Not judged to the end: 120 seconds are used up before filters alone was judged")
    assert verdict.remedy == "allow more by --max-requests and --max-seconds"


@pytest.mark.parametrize("depth", ["quick", "full"])
@pytest.mark.parametrize("requests", range(10, 100, 10))
def test_a_budget_that_ends_before_pages_and_tokens_are_judged_is_no_green(depth: Depth, requests: int) -> None:
    deployment = Deployment(some_logs(30))
    verdict = directly(deployment, limits=Limits(depth, requests, 60.0, None))
    proofs = {check.name for family in PROBES for check in family.proves}
    proved = all(verdict.ledger.judged[name] or name in verdict.ledger.unjudged for name in proofs)
    tampered = any("eyJ" in each.headers.get("authorization", "") for each in deployment.asked)
    assert (verdict.exit_code == 0) is (proved and tampered and not verdict.vacuous), verdict.summary


def test_tokens_are_judged_before_the_tail_of_a_budget() -> None:
    names = [family.name for family in PROBES]
    last = max(names.index(family.name) for family in PROBES if family.proves)
    assert names[: last + 1] == [
        "defaults", "filters alone", "no valid token", "a token without the scope", "a tampered token", "pages",
    ]  # fmt: skip
    verdict = directly(Deployment(), limits=Limits("quick", 70, 60.0, None))
    assert verdict.exit_code == 0, verdict.summary
    assert {"token-required", "scope-required"} <= {name for name, count in verdict.ledger.judged.items() if count}


def test_a_run_that_could_compare_nothing_is_no_green() -> None:
    """Each size is refused, and whoever asks leaves that out: then nothing shows defaults, filters and pages."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.refusal(400) if "page_size" in asked.query and answered.status == 200 else answered

    verdict = directly(Deployment(mend=mend), "quick", selected=frozenset(CHECKS) - {"valid-request-accepted"})
    assert not told(verdict.failing())
    assert verdict.exit_code == 2
    assert "no answer showed whether these are kept: default-page, default-page-size, page-ignored, " in verdict.summary
