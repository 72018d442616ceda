"""Spellings of a secret: whatever a server does to a value, one of them stands in the text."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.http.secrets import spellings

VALUES = st.text(st.characters(codec="utf-8"), min_size=4, max_size=30)

ENCODINGS = {
    "plain": str,
    "percent": lambda v: quote(v, safe=""),
    "percent, slashes kept": quote,
    "form": quote_plus,
    "JSON": lambda v: json.dumps(v, ensure_ascii=False)[1:-1],
    "HTML": html.escape,
    "base64": lambda v: base64.b64encode(v.encode()).decode().rstrip("="),
    "base64url": lambda v: base64.urlsafe_b64encode(v.encode()).decode().rstrip("="),
    "base64 within more": lambda v: base64.b64encode(b"user:" + v.encode() + b":x").decode(),
    "base64 in a query": lambda v: quote_plus(base64.b64encode(v.encode()).decode().rstrip("=")),
    "percent in lower case": lambda v: re.sub("%..", lambda escape: escape[0].lower(), quote(v, safe="")),
    "hexadecimal": lambda v: v.encode().hex(),
    "hexadecimal in upper case": lambda v: v.encode().hex().upper(),
    "base64 one further": lambda v: base64.b64encode(b"a" + v.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=30)
@given(VALUES)
def test_an_encoded_value_contains_one_of_its_spellings(encoding: str, value: str) -> None:
    text = f"<{ENCODINGS[encoding](value)}>"
    assert any(spelling in text for spelling in spellings(value))


@given(VALUES, st.binary(max_size=5), st.binary(max_size=5))
def test_base64_contains_a_spelling_wherever_the_value_begins(value: str, before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + value.encode() + after).decode()
    assert any(spelling in text for spelling in spellings(value))


@given(VALUES)
def test_no_spelling_is_so_short_that_it_stands_in_texts_by_chance(value: str) -> None:
    assert all(len(spelling) >= 4 for spelling in spellings(value))


@given(st.text(st.characters(), max_size=5))
@example("\udcff")
def test_any_text_has_spellings(value: str) -> None:
    """Lone surrogates included, which no encoding can hold."""
    assert value in spellings(value)
