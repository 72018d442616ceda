"""A composed day: whatever its parameters are, everybody comes, errors have their share, and no value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.contract.jsontext import decode
from mockserver.logs.traffic.agents import agents
from mockserver.logs.traffic.day import MOST_VISITS, VISITS, Day, compose
from mockserver.logs.traffic.errors import MESSAGES
from mockserver.logs.traffic.fresh import pool
from mockserver.logs.traffic.users import SAML
from tests.support.traffic import Log

# Texts that a program writes by mistake for a value that it does not have.
NOTHING = re.compile(r"\b(None|undefined|NaN|null|nan|inf|Infinity|\[object Object\])\b|[\ue000-\uf8ff]")
DAYS = [(1, 0.0), (1, 0.5), (2, 0.99), (16, 0.1), (16, 0.9), (60, 0.3), (100, 0.1), (100, 0.99), (300, 0.7)]


def logs_of(day: Day) -> Iterator[Log]:
    for log in day.logs:
        rest = log.template.render(pool(day.key, 0, log.visit, b"acme"), log.offset)
        yield decode(b'{"tenantId":"acme","id":"%b%b' % (b"0" * 21, rest))


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, names of members too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(("users", "rate"), DAYS)
def test_everybody_comes_and_errors_have_their_share(users: int, rate: float) -> None:
    day = compose(5, users, SAML + 1, rate)
    logs = list(logs_of(day))
    assert len({log["payload"].get("userId") for log in logs} - {None}) == users
    share = sum(log["payload"]["result"] == "Error" for log in logs) / len(logs)
    assert abs(share - rate) < 0.03
    assert day.logs[-1].visit < MOST_VISITS * (VISITS + 2 * users) + users


def test_everybody_comes_on_a_day_of_errors_alone() -> None:
    """But for the first visits, which play each troubled flow once."""
    logs = list(logs_of(compose(5, 40, 8, 1.0)))
    assert len({log["payload"].get("userId") for log in logs} - {None}) == 40
    assert sum(log["payload"]["result"] == "Success" for log in logs) < len(logs) / 50


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.9])
def test_no_text_stands_for_a_missing_value_and_no_mark_is_left(rate: float) -> None:
    for log in logs_of(compose(2, 30, SAML + 1, rate)):
        assert [text for text in texts(log) if NOTHING.search(text)] == [], log["key"]


@pytest.mark.parametrize("seed", range(3))
def test_the_request_of_a_saml_service_names_its_issuer(seed: int) -> None:
    logs = [log for log in logs_of(compose(seed, 30, SAML + 1, 0.3)) if log["key"] == "SamlApplication.AuthnRequest"]
    issuers = [log["payload"]["extractResultData"]["issuer"] for log in logs]
    assert issuers
    assert all(re.fullmatch(r"https://[a-z0-9-]+\.example\.com", issuer) for issuer in issuers)
    for log, issuer in zip(logs, issuers, strict=True):
        assert ("error" in log["payload"]) == (issuer == "https://unknown.example.com")


def test_exactly_the_user_agents_of_bots_are_verified_as_bots() -> None:
    bots = {agent.text for agent in agents("bot")}
    payloads = [log["payload"] for seed in range(4) for log in logs_of(compose(seed, 60, 8, 0.1))]
    judged = [payload for payload in payloads if "injectedHeaders" in payload]
    assert {payload["userAgent"] in bots for payload in judged} == {True, False}
    for payload in judged:
        assert payload["injectedHeaders"]["botVerified"] == ("true" if payload["userAgent"] in bots else "false")


def test_a_day_has_every_error_that_has_a_message_but_those_of_users_without_a_username() -> None:
    """Such users come from a file alone."""
    errors = (log["payload"].get("error") for log in logs_of(compose(0, 100, SAML + 1, 0.1)))
    codes = {error["code"] for error in errors if isinstance(error, dict)}
    assert MESSAGES.keys() - codes == {"user.email_already_in_use", "user.phone_already_in_use"}
    assert codes <= MESSAGES.keys()
