"""Preferences: RFC 7240 as it is written, three names of our own, everything else somebody else's."""

from __future__ import annotations

import contextlib
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import Refused
from mockserver.contract.grammar import show
from mockserver.faults.preference import NOTHING, preference
from mockserver.http.message import Request


def asked(*headers: str, query: str = "") -> tuple[list[str], str]:
    request = Request("GET", f"/api/logs?{query}", tuple(("prefer", header) for header in headers))
    found = preference(request)
    return [rule.text for rule in found.rules], found.applied


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
def test_the_header_is_read_as_the_standard_writes_it(header: str, rules: list[str], applied: str) -> None:
    assert asked(header) == ([rule.replace("truncate", "truncate:fraction=0.5") for rule in rules], applied)


def test_several_headers_are_one_list() -> None:
    assert asked("code=503", "delay=1")[1] == "code=503, delay=1"


def test_the_twins_are_read_where_there_is_no_header() -> None:
    assert asked(query="__code=503&__delay=1&__code=404&code=500")[0] == ["status:code=503", "latency:seconds=1"]
    assert asked(query="__fault=status%3Acode%3D404")[0] == ["status:code=404"]
    assert asked("respond-async", query="__code=503") == ([], "")
    assert preference(Request("GET", "/api/logs?page=2")) is NOTHING


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
def test_what_cannot_be_done_is_refused_with_what_is_known(header: str, message: str) -> None:
    with pytest.raises(Refused) as caught:
        asked(header)
    assert caught.value.status == 400
    assert message in caught.value.message
    assert caught.value.data == {"preferences": ["code", "delay", "fault"]}


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)))
def test_any_header_is_read_or_refused(header: str) -> None:
    with contextlib.suppress(Refused):
        asked(header)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_a_twin_holds_never_breaks_the_header_that_answers_it(message: str) -> None:
    text = quote(show("status", {"code": 503, "message": message}))
    applied = asked(query=f"__fault={text}")[1]
    assert applied.isascii()
    assert applied.isprintable()


@pytest.mark.parametrize("header", [',{}"', 'a{}"', 'a={}"', 'a;{}"x', '{}"'])
def test_a_long_header_is_refused_at_once(header: str) -> None:
    began = time.process_time()
    with pytest.raises(Refused):
        asked(header.format(" " * 16_000))
    assert time.process_time() - began < 0.5
