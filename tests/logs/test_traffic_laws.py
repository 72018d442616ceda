"""Laws that hold for every composed day, whatever its seed and its share of errors are."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from mockserver.logs.traffic.agents import agents
from mockserver.logs.traffic.day import compose
from mockserver.logs.traffic.flows import FLOWS
from mockserver.logs.traffic.users import SAML
from tests.conftest import FIXTURES
from tests.logs.test_traffic_day import logs_of
from tests.support.traffic import Log

USERS = 100
DAYS = [(seed, rate) for seed in (1, 7) for rate in (0.0, 0.1, 0.5, 0.9)]
every_day = pytest.mark.parametrize(("seed", "rate"), DAYS)
BOTS = {agent.text for agent in agents("bot")}


@cache
def day(seed: int, rate: float) -> tuple[Log, ...]:
    return tuple(logs_of(compose(seed, USERS, SAML + 1, rate)))


@cache
def visits(seed: int, rate: float) -> tuple[tuple[Log, ...], ...]:
    """The logs of each visit, oldest first."""
    found: defaultdict[int, list[Log]] = defaultdict(list)
    for log, made in zip(compose(seed, USERS, SAML + 1, rate).logs, day(seed, rate), strict=True):
        found[log.visit].append(made)
    return tuple(map(tuple, found.values()))


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """Where a value is null."""
    if value is None:
        yield path
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield from nulls(inner, f"{path}.{name}")
    for inner in value if isinstance(value, list) else ():
        yield from nulls(inner, f"{path}[]")


def share(part: int, logs: tuple[Log, ...]) -> float:
    return part / len(logs)


@every_day
def test_a_value_is_null_only_where_a_recorded_one_is(seed: int, rate: float) -> None:
    lines = (FIXTURES / "recorded.jsonl").read_text("utf-8").splitlines()
    recorded = {path for line in lines for path in nulls(json.loads(line))}
    assert {path for log in day(seed, rate) for path in nulls(log)} <= recorded


@every_day
def test_the_logs_of_a_visit_agree_on_who_comes_from_where_to_which_application(seed: int, rate: float) -> None:
    for logs in visits(seed, rate):
        payloads = [log["payload"] for log in logs]
        for name in ("ip", "userAgent", "userAgentParsed", "injectedHeaders", "applicationId"):
            assert all(payload.get(name) == payloads[0].get(name) for payload in payloads), logs[0]["key"]
        assert len({payload["userId"] for payload in payloads if "userId" in payload}) <= 1


@every_day
def test_the_fields_of_a_log_agree_with_each_other(seed: int, rate: float) -> None:
    for log in day(seed, rate):
        payload = log["payload"]
        interaction = payload.get("interaction", {})
        assert payload.get("params", {}).get("client_id") in (None, payload["applicationId"])
        assert interaction.get("userId") == payload.get("userId") or not interaction, log["key"]
        assert payload.get("user", {}).get("id") in (None, payload.get("userId"))
        if event := interaction.get("interactionEvent"):
            assert log["key"].startswith((f"Interaction.{event}.", "Interaction.Create.Captcha"))
        kept = {record["id"] for record in interaction.get("verificationRecords", ())}
        if "verification" in payload:
            assert payload["verification"]["id"] in kept
        if log["key"].startswith("JwtCustomizer."):
            inner = payload["payload"]
            assert inner["token"]["accountId"] == inner["context"]["user"]["id"] == payload["userId"]
        if log["key"].startswith(("ExchangeTokenBy.", "RevokeToken")) and payload["result"] == "Error":
            assert payload["tokenTypes"] == []


@every_day
def test_a_score_of_a_bot_is_low_and_verified_and_that_of_a_person_is_neither(seed: int, rate: float) -> None:
    judged = [log["payload"] for log in day(seed, rate) if "injectedHeaders" in log["payload"]]
    for payload in judged:
        scores = payload["injectedHeaders"]
        least, most, verified = (1, 29, "true") if payload.get("userAgent") in BOTS else (60, 99, "false")
        assert least <= int(scores["botScore"]) <= most
        assert scores["botVerified"] == verified
    assert 0.08 < share(len(judged), day(seed, rate)) < 0.3


@every_day
def test_a_saml_service_is_answered_where_its_request_says(seed: int, rate: float) -> None:
    issuers: defaultdict[str, set[str]] = defaultdict(set)
    answered = 0
    for logs in visits(seed, rate):
        first, last = logs[0]["payload"], logs[-1]["payload"]
        if logs[0]["key"] != "SamlApplication.AuthnRequest":
            assert not any(log["key"].startswith("SamlApplication.") for log in logs)
            continue
        issuer = first["extractResultData"]["issuer"]
        place = first["extractResultData"]["request"]["assertionConsumerServiceUrl"]
        assert place == f"{issuer}/saml/acs"
        if first["result"] == "Success":
            answered += 1
            issuers[first["applicationId"]].add(issuer)
            assert last["entityEndpoint"] == place
            assert last["query"]["state"] == logs[1]["payload"]["params"]["state"]
    assert answered or rate > 0.1
    assert all(len(names) == 1 for names in issuers.values())


@every_day
def test_every_user_comes_and_a_few_come_most(seed: int, rate: float) -> None:
    named = Counter(log["payload"]["userId"] for log in day(seed, rate) if "userId" in log["payload"])
    shares = [count / named.total() for _, count in named.most_common()]
    assert len(named) == USERS
    assert 0.03 < shares[0] < 0.2
    assert 0.2 < sum(shares[:10]) < 0.55
    assert 0.1 < share(named.total(), day(seed, rate)) < 0.6


@every_day
def test_no_key_and_no_bot_takes_more_than_its_part(seed: int, rate: float) -> None:
    logs = day(seed, rate)
    keys = Counter(log["key"] for log in logs)
    assert len(keys) >= 25
    assert share(keys.most_common(1)[0][1], logs) < 0.45
    assert keys.keys() >= {"Interaction.Create", "ExchangeTokenBy.ClientCredentials", "SamlApplication.AuthnRequest"}
    assert 0 < share(sum(log["payload"].get("userAgent") in BOTS for log in logs), logs) < 0.03


@every_day
def test_most_visits_begin_in_the_hours_of_work(seed: int, rate: float) -> None:
    hours = Counter(logs[0]["createdAt"] // 3_600_000 % 24 for logs in visits(seed, rate))
    assert sum(hours[hour] for hour in range(6)) < 0.13 * hours.total()
    assert 0.55 < sum(hours[hour] for hour in range(8, 18)) / hours.total() < 0.8
    assert max(hours.values()) < 0.16 * hours.total()
    assert len(hours) >= 20


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rate", [0.5, 0.9, 1.0])
def test_a_handful_of_users_all_come_however_many_errors_there_are(seed: int, rate: float) -> None:
    logs = tuple(logs_of(compose(seed, 16, SAML + 1, rate)))
    named = Counter(log["payload"]["userId"] for log in logs if "userId" in log["payload"])
    assert len(named) == 16
    assert max(named.values()) < named.total() / 2


def test_every_flow_is_played_on_a_day_with_few_errors() -> None:
    """So what holds for such a day holds for every flow."""
    from mockserver.logs.traffic.people import People

    played = set()
    visit = People.visit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(People, "visit", lambda people, flow: (played.add(flow), visit(people, flow))[1])
        compose.__wrapped__(1, USERS, SAML + 1, 0.1)
    assert played == set(FLOWS)
