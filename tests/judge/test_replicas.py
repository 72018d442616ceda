"""Replicas that are not equally fresh break nothing, however far they are behind and in whatever order they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import directly, told
from tests.support.samples import a_log, some_logs

# Which copy answers the request of a number.
Order = Callable[[int], int]
# Each example is some 150 requests.
RUNS = settings(max_examples=settings.default.max_examples * 2 // 5)


def every(period: int, phase: int) -> Order:
    return lambda number: int((number + phase) % period == 0)


def in_blocks(length: int, phase: int) -> Order:
    return lambda number: (number + phase) // length % 2


def at_random(seed: int, among: int) -> Order:
    """Which copies answer is as random as it is behind a balancer, and the same for the same seed."""
    return lambda number: int(hash((seed, number)) % 1009 % among == 0)


NUMBERS = st.integers(0, 1000)
ORDERS = st.one_of(
    st.builds(every, st.integers(2, 60), NUMBERS),
    st.builds(in_blocks, st.integers(2, 60), NUMBERS),
    st.builds(at_random, NUMBERS, st.integers(2, 5)),
)


def copies(behind: int, order: Order, grows_every: int) -> Deployment:
    """Two copies of one list, of which the second lacks the newest ``behind`` logs; others may come meanwhile."""
    newest = some_logs(60)

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        number = len(deployment.asked)
        if grows_every and number % grows_every == 0:
            newest.insert(0, a_log(10_000 + number))
        deployment.logs = newest[behind if order(number) else 0 :]
        return deployment.honest(asked)

    return Deployment(mend=mend)


@example(4, every(20, 0), 0)
@example(12, every(12, 0), 0)
@given(st.integers(0, 70), ORDERS, st.just(0) | st.integers(5, 60))
@RUNS
def test_replicas_that_are_not_equally_fresh_are_blamed_for_nothing(
    behind: int, order: Order, grows_every: int
) -> None:
    """Any number of logs, any order of requests. At worst, nothing can be judged to the end."""
    verdict = directly(copies(behind, order, grows_every), "quick")
    assert not told(verdict.failing())
    assert verdict.exit_code in (0, 2)


def overlapping(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Each later page begins with the last log of the page before."""
    given = dict(asked.pairs)
    if answered.status != 200 or not isinstance(answered.body, list) or given.keys() - {"page", "page_size"}:
        return answered
    start = (int(given.get("page", 1)) - 1) * int(given.get("page_size", 20))
    return replace(answered, body=deployment.logs[start - 1 : start - 1 + len(answered.body)]) if start else answered


@pytest.mark.parametrize(("behind", "order"), [(1, every(20, 0)), (4, every(20, 0)), (3, in_blocks(40, 0))])
def test_a_break_that_no_copy_shows_is_found_where_copies_differ(behind: int, order: Order) -> None:
    """It looks as the other copy does, and stays."""
    deployment = copies(behind, order, 0)
    replica = deployment.mend
    deployment.mend = lambda own, asked, answered: overlapping(own, asked, replica(own, asked, answered))
    verdict = directly(deployment, "full")
    assert "pages-overlap" in {finding.check.name for finding in verdict.failing()}, told(verdict.failing())
