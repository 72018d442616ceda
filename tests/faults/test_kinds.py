"""Laws of the registry of faults, tried on every kind."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import grammar
from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.faults.fault import Case, Chance
from mockserver.faults.kinds import KINDS
from mockserver.faults.rule import Conditions, Rule, build_rule, matches, read_rule
from mockserver.http.message import Reply, Request, Stream, json_reply

HONEST = json_reply(200, [{"id": "a"}])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "status, truncate, violate"),
        ("statuss", "did you mean status?"),
        ("status", "code: found nothing"),
        ("status:code=99", "from 200 to 999"),
        ("status:code=true", "a whole number"),
        ("hang:seconds=-1", "from 0 to 3,600"),
        ("hang:seconds=nan", "a number"),
        (
            "hang:minutes=1",
            f"one of {', '.join(sorted(['seconds', 'every', 'rate', 'skip', 'times', *contract().parameters]))}",
        ),
        ("latency", "seconds: found nothing, expected a value when distribution=fixed"),
        ("latency:seconds=1,min=0", "min: found 0, expected nothing when distribution=fixed"),
        ("latency:distribution=uniform,min=2,max=1", "at most max"),
        ("latency:distribution=normal", "one of fixed, uniform, lognormal"),
        ("truncate:fraction=0.5,bytes=3", "one of them"),
        ("truncate:fraction=1.5", "from 0 to 1"),
        ("garbage:bytes=0", "from 1"),
        ("dribble", "seconds"),
        ("wrong_type:type=é", "printable ASCII"),
        ("rate_limit:limit=-1", "from 0"),
        ("rate_limit:limit=1,window=0", "from 0.001"),
        ("outage:period=1,duration=2", "at most period"),
        ("violate", "offence: found nothing"),
        ("violate:offence=envelop", "did you mean envelope?"),
        ("empty:rate=1.5", "rate: found '1.5', expected a number from 0 to 1"),
        ("empty:times=0", "from 1"),
        ("empty:skip=-1", "from 0"),
        ("empty:every=0", "from 1"),
        ("empty:page=0", "a whole number from 1"),
        ("empty:page=one", "a whole number from 1"),
        ("empty,", "one of"),
        ("", "KIND"),
    ],
)
def test_a_text_that_is_no_rule_is_an_error_that_lists_what_is_known(text: str, message: str) -> None:
    with pytest.raises(MockserverError) as caught:
        read_rule(text)
    assert message in str(caught.value)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(MockserverError):
        build_rule("nonsense", {})


PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(0, 1000),
    "float": st.floats(0, 3600),
    "str": st.text(max_size=20),
}


@st.composite
def written_rules(draw: st.DrawFn) -> Rule:
    """Any rule that can be made: of any kind, with any of its parameters and conditions."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    names = [*dataclasses.fields(KINDS[kind]), *dataclasses.fields(Conditions)]  # type: ignore[arg-type]  # always dataclasses
    values: dict[str, Any] = {}
    for field in names:
        required = field.default is dataclasses.MISSING
        if required or draw(st.booleans()):
            choices = ("envelope", "overlap") if field.name == "offence" else field.metadata["choices"]
            plausible = PLAUSIBLE[str(field.type).partition(" ")[0]]
            values[field.name] = draw(st.sampled_from(choices) if choices else plausible)
    for name, parameter in contract().parameters.items():
        if draw(st.booleans()):
            values[name] = draw(st.integers(1, 9) if parameter.type == "integer" else st.text(max_size=5))
    try:
        return build_rule(kind, values)
    except MockserverError:
        return build_rule(kind, MINIMAL[kind])


MINIMAL: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS} | {
    "status": {"code": 503},
    "latency": {"seconds": 1},
    "dribble": {"seconds": 1},
    "rate_limit": {"limit": 1},
    "outage": {"period": 2, "duration": 1},
    "violate": {"offence": "overlap"},
}


@given(written_rules())
def test_reading_the_text_of_a_rule_gives_an_equal_rule(rule: Rule) -> None:
    assert read_rule(rule.text) == rule
    assert build_rule(rule.kind, rule.fields) == rule


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_documented_frozen_and_named(kind: str) -> None:
    record = KINDS[kind]
    made_ = build_rule(kind, MINIMAL[kind]).fault
    assert Rule(made_, Conditions(), matches()()).kind == kind
    assert (record.__doc__ or "").endswith(".")
    assert all(field.metadata["help"] for field in dataclasses.fields(record))  # type: ignore[arg-type]  # always a dataclass
    assert dataclasses.is_dataclass(record)
    assert grammar.build(record, kind, grammar.values_of(made_)) == made_
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        made_.slot = "other"  # type: ignore[misc]  # frozen, which is what is shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_reply_of_every_honest_answer(kind: str) -> None:
    made_ = build_rule(kind, MINIMAL[kind]).fault
    for honest in (HONEST, Reply(204), Reply(500, (), b""), Reply(200, (), Stream(lambda: (b"[", b"]")))):
        case = Case(Request("GET", "/api/logs"), 0.0, lambda request, honest=honest: honest, Chance(0, "", 1))  # type: ignore[misc]  # the lambda binds the loop's value
        assert isinstance(made_.disturb(case), Reply)
