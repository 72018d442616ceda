"""Plans run in tenants: rules in order, one a slot, counted exactly, returned to by reset."""

from __future__ import annotations

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.faults.fault import Chance
from mockserver.faults.plan import Armed, Drawn, Plan, disturbed, plan
from mockserver.faults.rule import read_rule
from mockserver.http.message import Reply, Request

LIST = Request("GET", "/api/logs")


def drawn(armed: Armed, *brought: str) -> list[str]:
    return [each.rule.text for each in armed.draw(LIST, 0.0, [read_rule(text) for text in brought])]


def test_nothing_armed_and_nothing_brought_draws_nothing() -> None:
    assert drawn(Armed(Plan())) == []


def test_the_first_rule_that_fires_decides_and_later_ones_are_not_asked() -> None:
    armed = Armed(plan(["status:code=503,times=2", "status:code=401,times=1"]))
    assert [drawn(armed) for _ in range(4)] == [
        ["status:code=503,times=2"], ["status:code=503,times=2"], ["status:code=401,times=1"], [],
    ]  # fmt: skip


def test_latency_and_dribble_combine_with_any_other_and_come_after_it() -> None:
    armed = Armed(plan(["latency:seconds=1", "latency:seconds=9", "dribble:seconds=2", "truncate", "empty"]))
    assert drawn(armed) == ["truncate", "latency:seconds=1", "dribble:seconds=2"]


def test_what_a_request_brings_comes_before_what_is_armed() -> None:
    armed = Armed(plan(["status:code=500", "latency:seconds=9"]))
    assert drawn(armed, "status:code=404") == ["status:code=404", "latency:seconds=9"]
    assert drawn(armed, "latency:seconds=0.5") == ["status:code=500", "latency:seconds=0.5"]
    assert armed.rules[0].tally.matched == 1


def test_a_rule_that_requests_bring_again_goes_on_counting() -> None:
    armed = Armed(Plan())
    assert [len(drawn(armed, "empty:times=2")) for _ in range(3)] == [1, 1, 0]
    for number in range(300):
        drawn(armed, f"status:code=503,skip={number}")
    assert len(drawn(armed, "empty:times=2")) == 1, "long forgotten"


def test_rules_are_armed_and_disarmed_by_number() -> None:
    armed = Armed(plan(["empty"]))
    added = armed.arm(read_rule("hang"))
    assert [each.id for each in armed.rules] == ["1", "2"]
    assert armed.disarm("1").rule.text == "empty"
    assert armed.rules == [added]
    with pytest.raises(MockserverError, match="expected one of 2"):
        armed.disarm("1")
    armed.clear()
    assert armed.rules == []


def test_reset_returns_to_the_plan_with_nothing_counted() -> None:
    armed = Armed(plan(["empty:times=1"], seed=3))
    assert [drawn(armed), drawn(armed)] == [["empty:times=1"], []]
    armed.arm(read_rule("hang"))
    armed.reset()
    assert [drawn(armed), drawn(armed)] == [["empty:times=1"], []]


def test_two_courses_of_one_plan_do_not_meet() -> None:
    shared = plan(["empty:times=1"])
    first, second = Armed(shared), Armed(shared)
    assert drawn(first) == drawn(second) == ["empty:times=1"]


def test_the_seed_decides_the_stream() -> None:
    streams = [[len(drawn(armed)) for _ in range(100)] for armed in
               (Armed(plan(["empty:rate=0.5"], seed)) for seed in (1, 1, 2))]  # fmt: skip
    assert streams[0] == streams[1] != streams[2]


def test_a_plan_of_what_is_no_rule_is_refused() -> None:
    with pytest.raises(MockserverError):
        plan(["empty", "nonsense"])


def test_faults_are_applied_one_on_the_other() -> None:
    both = [Drawn(read_rule(text), Chance(0, text, 1)) for text in ("status:code=503", "latency:seconds=1")]
    reply = disturbed(both, LIST, 0.0, lambda request: Reply(200))
    assert (reply.status, reply.sending.wait) == (503, 1)
    assert disturbed([], LIST, 0.0, lambda request: Reply(200)) == Reply(200)
