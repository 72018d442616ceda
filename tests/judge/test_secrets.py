"""Redaction by value: a hidden value is found in every spelling, and nothing else is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.http.secrets import spellings
from mockserver.judge.secrets import Secrets, personal_values
from tests.support.samples import a_log

VALUES = st.text(st.characters(codec="utf-8"), min_size=4, max_size=30)


@settings(max_examples=30)
@given(VALUES)
def test_a_hidden_value_is_found_in_every_spelling(value: str) -> None:
    secrets = Secrets()
    secrets.add_personal(value, "USER")
    for spelling in spellings(value):
        assert any(secrets.finds(f"<{spelling}>"))
        assert "USER 1" in secrets.clean(f"<{spelling}>")


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
