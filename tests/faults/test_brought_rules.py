"""A request brings rules by three preferences; other preferences are for other servers, and ignored."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import Refused
from mockserver.contract.grammar import show
from mockserver.faults.plan import Brought, brought_rules
from mockserver.http.message import Request


def brought(*headers: str, query: str = "") -> tuple[list[str], str]:
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
    assert brought(header) == ([rule.replace("truncate", "truncate:fraction=0.5") for rule in rules], applied)


def test_several_headers_are_one_list() -> None:
    assert brought("code=503", "delay=1")[1] == "code=503, delay=1"


def test_the_query_stands_for_rules_when_there_is_no_header() -> None:
    assert brought(query="__code=503&__delay=1&__code=404&code=500")[0] == ["status:code=503", "latency:seconds=1"]
    assert brought(query="__fault=status%3Acode%3D404")[0] == ["status:code=404"]
    assert brought("respond-async", query="__code=503") == ([], "")
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
        brought(header)
    assert caught.value.status == 400
    assert message in caught.value.message
    assert caught.value.data == {"preferences": ["code", "delay", "fault"]}


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)))
def test_any_header_brings_rules_or_is_refused(header: str) -> None:
    with contextlib.suppress(Refused):
        brought(header)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_rule_from_the_query_never_breaks_the_header_that_answers_it(message: str) -> None:
    text = quote(show("status", {"code": 503, "message": message}))
    applied = brought(query=f"__fault={text}")[1]
    assert applied.isascii()
    assert applied.isprintable()
