"""A tenant asks its armed rules in order, one a slot, and counts exactly; a request may bring rules of its own."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.grammar import show
from mockserver.faults.fault import Chance
from mockserver.faults.plan import Armed, Brought, Drawn, Plan, brought_rules, disturbed, plan
from mockserver.faults.rule import read_rule
from mockserver.http.message import Reply, Request

LIST = Request("GET", "/api/logs")


def drawn(armed: Armed, *brought: str) -> list[str]:
    return [each.rule.text for each in armed.draw(LIST, 0.0, [read_rule(text) for text in brought])]


def test_no_rule_strikes_when_none_is_armed_or_brought() -> None:
    assert drawn(Armed(Plan())) == []


def test_the_first_rule_that_strikes_takes_the_slot_and_later_ones_are_not_asked() -> None:
    armed = Armed(plan(["status:code=503,times=2", "status:code=401,times=1"]))
    assert [drawn(armed) for _ in range(4)] == [
        ["status:code=503,times=2"], ["status:code=503,times=2"], ["status:code=401,times=1"], [],
    ]  # fmt: skip


def test_latency_and_dribble_combine_with_any_other_and_come_after_it() -> None:
    armed = Armed(plan(["latency:seconds=1", "latency:seconds=9", "dribble:seconds=2", "truncate", "empty"]))
    assert drawn(armed) == ["truncate", "latency:seconds=1", "dribble:seconds=2"]


def test_brought_rules_are_asked_before_armed_ones() -> None:
    armed = Armed(plan(["status:code=500", "latency:seconds=9"]))
    assert drawn(armed, "status:code=404") == ["status:code=404", "latency:seconds=9"]
    assert drawn(armed, "latency:seconds=0.5") == ["status:code=500", "latency:seconds=0.5"]
    assert armed.rules[0].tally.matched == 1


def test_a_rule_that_is_brought_again_goes_on_counting() -> None:
    armed = Armed(Plan())
    assert [len(drawn(armed, "empty:times=2")) for _ in range(3)] == [1, 1, 0]
    for number in range(300):
        drawn(armed, f"status:code=503,skip={number}")
    assert len(drawn(armed, "empty:times=2")) == 1, "long forgotten"


@pytest.mark.parametrize(("others", "left"), [(255, 0), (256, 1)])
def test_the_counts_of_the_last_256_rules_that_were_brought_are_kept(others: int, left: int) -> None:
    armed = Armed(Plan())
    drawn(armed, "empty:times=1")
    for number in range(others):
        drawn(armed, f"status:code=503,skip={number}")
    assert len(drawn(armed, "empty:times=1")) == left


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


def test_two_tenants_of_one_plan_count_apart() -> None:
    shared = plan(["empty:times=1"])
    first, second = Armed(shared), Armed(shared)
    assert drawn(first) == drawn(second) == ["empty:times=1"]


def test_the_seed_decides_which_requests_are_struck() -> None:
    streams = [[len(drawn(armed)) for _ in range(100)] for armed in
               (Armed(plan(["empty:rate=0.5"], seed)) for seed in (1, 1, 2))]  # fmt: skip
    assert streams[0] == streams[1] != streams[2]


def test_a_plan_with_a_text_that_is_no_rule_is_an_error() -> None:
    with pytest.raises(MockserverError):
        plan(["empty", "nonsense"])


def test_each_fault_is_applied_to_the_reply_of_the_one_before() -> None:
    both = [Drawn(read_rule(text), Chance(0, text, 1)) for text in ("status:code=503", "latency:seconds=1")]
    reply = disturbed(both, LIST, 0.0, lambda request: Reply(200))
    assert (reply.status, reply.sending.wait) == (503, 1)
    assert disturbed([], LIST, 0.0, lambda request: Reply(200)) == Reply(200)


def bring(*headers: str, query: str = "") -> tuple[list[str], str]:
    request = Request("GET", f"/api/logs?{query}", tuple(("prefer", header) for header in headers))
    rules, applied = brought_rules(request)
    return [rule.text for rule in rules], applied


@pytest.mark.parametrize(
    ("header", "rules", "applied"),
    [
        ("code=503", ["status:code=503"], "code=503"),
        ("CODE = 503", ["status:code=503"], "code=503"),
        ('code="503"', ["status:code=503"], "code=503"),
        ("delay=0.5", ["latency:seconds=0.5"], "delay=0.5"),
        ('fault="truncate:fraction=0.5"', ["truncate"], 'fault="truncate:fraction=0.5"'),
        ("fault=empty", ["empty"], "fault=empty"),
        (
            r'fault="status:code=500,message=\"a, b\""',
            ['status:code=500,message="a, b"'],
            r'fault="status:code=500,message=\"a, b\""',
        ),
        ("delay=1, code=503", ["status:code=503", "latency:seconds=1"], "code=503, delay=1"),
        ("code=503, code=404", ["status:code=503"], "code=503"),
        ('code=503; foo="a,b" ; bar, delay=1', ["status:code=503", "latency:seconds=1"], "code=503, delay=1"),
        ("respond-async, wait=10, return=minimal, code=503", ["status:code=503"], "code=503"),
        ("respond-async", [], ""),
        ("", [], ""),
        (" , ,code=503,", ["status:code=503"], "code=503"),
    ],
)
def test_each_known_preference_stands_for_a_rule(header: str, rules: list[str], applied: str) -> None:
    assert bring(header) == ([rule.replace("truncate", "truncate:fraction=0.5") for rule in rules], applied)


def test_several_headers_are_one_list() -> None:
    assert bring("code=503", "delay=1")[1] == "code=503, delay=1"


def test_the_query_stands_for_rules_when_there_is_no_header() -> None:
    assert bring(query="__code=503&__delay=1&__code=404&code=500")[0] == ["status:code=503", "latency:seconds=1"]
    assert bring(query="__fault=status%3Acode%3D404")[0] == ["status:code=404"]
    assert bring("respond-async", query="__code=503") == ([], "")
    assert brought_rules(Request("GET", "/api/logs?page=2")) == Brought()


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("code=abc", "status: code"),
        ("code", "status: code"),
        ("delay=-1", "latency: seconds"),
        ('fault="nonsense"', "one of dribble"),
        ("fault", "KIND"),
        ("code=503 junk", "name=value"),
        ('code="503', "name=value"),
        ("é=1", "name=value"),
    ],
)
def test_a_preference_that_cannot_be_read_is_refused_with_the_known_ones(header: str, message: str) -> None:
    with pytest.raises(Refused) as caught:
        bring(header)
    assert caught.value.status == 400
    assert message in caught.value.message
    assert caught.value.data == {"preferences": ["code", "delay", "fault"]}


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)))
def test_any_header_brings_rules_or_is_refused(header: str) -> None:
    with contextlib.suppress(Refused):
        rules, applied = bring(header)
        assert bool(rules) is bool(applied)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_rule_from_the_query_never_breaks_the_header_that_answers_it(message: str) -> None:
    text = quote(show("status", {"code": 503, "message": message}))
    applied = bring(query=f"__fault={text}")[1]
    assert applied.isascii()
    assert applied.isprintable()
