"""Redaction by value: a hidden value is found in every form, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.judge.secrets import Secrets, forms, personal_values
from tests.support.samples import a_log

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
    "base64 one further": lambda v: base64.b64encode(b"a" + v.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=30)
@given(VALUES)
def test_a_hidden_value_is_found_in_every_form(encoding: str, value: str) -> None:
    secrets = Secrets()
    secrets.add_personal(value, "USER")
    text = f"<{ENCODINGS[encoding](value)}>"
    assert secrets.holds(text)
    assert "USER 1" in secrets.clean(text)


@given(VALUES)
def test_no_form_is_shorter_than_what_anybody_says_by_chance(value: str) -> None:
    assert all(len(form) >= 4 for form in forms(value))


def test_the_same_value_keeps_its_name() -> None:
    secrets = Secrets()
    for value in ("somebody", "another", "somebody"):
        secrets.add_personal(value, "USER")
    assert secrets.clean("somebody, another, nobody") == "<USER 1>, <USER 2>, nobody"


def test_each_part_of_a_token_is_hidden() -> None:
    secrets = Secrets()
    secrets.add_credential("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl", "MOCKSERVER_TOKEN")
    assert secrets.clean("eyJzdWIiOiJtZSJ9") == "$MOCKSERVER_TOKEN"


def test_what_is_public_hides_nothing() -> None:
    secrets = Secrets(public="curl http://127.0.0.1:3001/api/logs")
    secrets.add_personal("127.0.0.1", "ADDRESS")
    assert secrets.clean("http://127.0.0.1:3001") == "http://127.0.0.1:3001"


def test_short_values_are_left() -> None:
    secrets = Secrets()
    secrets.add_personal("me", "USER")
    assert secrets.clean("me, some, them") == "me, some, them"


def test_addresses_users_and_agents_of_logs_are_learned() -> None:
    secrets = Secrets()
    log = a_log(5)
    secrets.learn([log, None, {"payload": []}])
    for value in (log["payload"]["ip"], log["payload"]["userId"], log["payload"]["userAgent"]):
        assert secrets.clean(f"({value})").startswith("(<")


def test_only_texts_are_personal() -> None:
    odd = {"ip": 7, "userId": None, "userAgentParsed": {"ua": "Browser"}}
    assert list(personal_values(odd)) == [("userAgent", "Browser")]
    assert not list(personal_values({"userAgentParsed": "Browser"}))
