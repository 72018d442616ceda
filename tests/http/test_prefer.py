"""Preferences are read as RFC 7240 writes them, from the header or from its query twins."""

from __future__ import annotations

import contextlib
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.http.message import Request
from mockserver.http.prefer import Preferences, preference_applied, read_preferences


def read(*headers: str, query: str = "") -> Preferences:
    return read_preferences(Request("GET", f"/api/logs?{query}", tuple(("prefer", header) for header in headers)))


@pytest.mark.parametrize(
    ("header", "preferences", "applied"),
    [
        ("code=503", [("code", "503")], "code=503"),
        ("CODE = 503", [("code", "503")], "code=503"),
        ('code="503"', [("code", "503")], "code=503"),
        ('fault="truncate:fraction=0.5"', [("fault", "truncate:fraction=0.5")], 'fault="truncate:fraction=0.5"'),
        (r'fault="a=\"b, c\""', [("fault", 'a="b, c"')], r'fault="a=\"b, c\""'),
        ("delay=1, code=503", [("delay", "1"), ("code", "503")], "delay=1, code=503"),
        ("code=503, code=404", [("code", "503")], "code=503"),
        ('code=503; foo="a,b" ; bar, delay=1', [("code", "503"), ("delay", "1")], "code=503, delay=1"),
        ("respond-async, wait=10", [("respond-async", ""), ("wait", "10")], 'respond-async="", wait=10'),
        ("", [], ""),
        (" , ,code=503,", [("code", "503")], "code=503"),
    ],
)
def test_a_header_is_read_and_answered_as_the_standard_writes_it(
    header: str, preferences: list[tuple[str, str]], applied: str
) -> None:
    assert read(header) == tuple(preferences)
    assert preference_applied(read(header)) == applied


def test_several_headers_are_one_list() -> None:
    assert read("code=503", "delay=1") == (("code", "503"), ("delay", "1"))


def test_the_query_is_read_only_when_there_is_no_header() -> None:
    assert read(query="__code=503&__delay=1&__code=404&code=500") == (("code", "503"), ("delay", "1"))
    assert read(query="__fault=status%3Acode%3D404") == (("fault", "status:code=404"),)
    assert read("respond-async", query="__code=503") == (("respond-async", ""),)
    assert read("", query="__code=503") == ()
    assert read(query="page=2") == ()


@pytest.mark.parametrize("header", ["code=503 junk", 'code="503', "é=1"])
def test_a_header_that_breaks_the_grammar_is_an_error_that_shows_it(header: str) -> None:
    with pytest.raises(MockserverError, match=r"Prefer: found '.*', expected name=value pairs with commas between"):
        read(header)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)))
def test_any_header_is_read_or_is_an_error(header: str) -> None:
    with contextlib.suppress(MockserverError):
        applied = preference_applied(read(header))
        assert applied.isascii()
        assert bool(applied) is bool(header.strip(" ,"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_value_from_the_query_never_breaks_the_header_that_answers_it(value: str) -> None:
    applied = preference_applied(read(query=f"__fault={quote(value)}"))
    assert applied.isascii()
    assert applied.isprintable()


@pytest.mark.parametrize("header", [',{}"', 'a{}"', 'a={}"', 'a;{}"x', '{}"'])
def test_a_long_header_is_an_error_at_once(header: str) -> None:
    began = time.process_time()
    with pytest.raises(MockserverError):
        read(header.format(" " * 16_000))
    assert time.process_time() - began < 0.5


def test_an_error_shows_eighty_characters_of_what_it_does_not_read() -> None:
    header = "code=503," + "=" * 200
    with pytest.raises(MockserverError, match=f"Prefer: found '{'=' * 80}', expected name=value pairs"):
        read(header)
