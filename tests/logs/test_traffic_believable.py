"""Generated logs are believable: they tell stories that a real deployment could, in the proportions of the recorded."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from mockserver.contract.document import contract
from mockserver.contract.jsontext import decode, encode
from mockserver.contract.profile import profile
from mockserver.logs.traffic.agents import agents
from tests.support.traffic import Log, parsed

RECORDED = Path(__file__).parent.parent.parent / "fixtures" / "recorded.jsonl"
DAY = parsed("faker:count=3000")
SEEDS = ("faker:count=6000", "faker:count=6000,seed=5", "faker:count=6000,seed=42")

# How one step of a story is followed by the next (RFC 6749 and the interaction API: nobody submits before creating).
FOLLOWS = {
    "Interaction.SignIn.Create": {"Interaction.Create"},
    "Interaction.Register.Create": {"Interaction.Create"},
    "Interaction.ForgotPassword.Create": {"Interaction.Create"},
    "Interaction.Create.Captcha": {"Interaction.SignIn.Create"},
    "Interaction.SignIn.Verification.Password.Submit": {
        "Interaction.SignIn.Create",
        "Interaction.Create.Captcha",
        "Interaction.SignIn.Verification.Password.Submit",
    },
    "Interaction.Register.Identifier.Submit": {"Interaction.Register.Verification.NewPasswordIdentity.Submit"},
    "Interaction.ForgotPassword.Profile.Update": {"Interaction.ForgotPassword.Identifier.Submit"},
    "Interaction.SignIn.Verification.Totp.Submit": {
        "Interaction.SignIn.Submit",
        "Interaction.SignIn.Verification.Totp.Create",
        "Interaction.SignIn.Verification.Totp.Submit",
    },
    "Interaction.SignIn.Verification.WebAuthn.Submit": {
        "Interaction.SignIn.Verification.WebAuthn.Create",
        "Interaction.SignIn.Verification.WebAuthn.Submit",
    },
    "Interaction.SignIn.BindMfa.Totp.Submit": {"Interaction.SignIn.Verification.Totp.Submit"},
    "Interaction.SignIn.BindMfa.WebAuthn.Submit": {"Interaction.SignIn.Verification.WebAuthn.Submit"},
    "Interaction.SignIn.BindMfa.BackupCode.Submit": {"Interaction.SignIn.Verification.BackupCode.Create"},
    "Interaction.SignIn.Verification.EnterpriseSso.Submit": {"Interaction.SignIn.Verification.EnterpriseSso.Create"},
    "SamlApplication.Callback": {"ExchangeTokenBy.AuthorizationCode"},
    "Interaction.SignIn.Verification.Social.Submit": {"Interaction.SignIn.Verification.Social.Create"},
}

# Only who is identified is asked for a second factor, or may set one up.
SECOND_FACTORS = tuple(f"Verification.{kind}.Create" for kind in ("Totp", "WebAuthn", "BackupCode"))


def recorded() -> list[Log]:
    """What a real deployment wrote itself in scripted flows (November 2026), without the webhooks' logs."""
    logs = map(decode, RECORDED.read_bytes().splitlines())
    return [log for log in logs if log["createdAt"] > 1_790_000_000_000]


def family(log: Log) -> str:
    parts = log["key"].split(".")
    long = parts[0] == "Interaction" and len(parts) > 2
    return "Interaction.E" if long else log["key"] if parts[0] == "Interaction" else parts[0]


def presence(logs: Iterable[Log], name: Callable[[Log], str]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """How many logs each group has, and in how many of them each field of payload is present."""
    sizes: Counter[str] = Counter()
    fields: dict[str, Counter[str]] = defaultdict(Counter)
    for log in logs:
        sizes[name(log)] += 1
        fields[name(log)].update(log["payload"].keys())
    return sizes, fields


@pytest.mark.parametrize("name", [family, lambda log: log["key"]], ids=["family", "key"])
@pytest.mark.parametrize("source", SEEDS)
def test_fields_are_present_as_often_as_in_recorded_logs_within_a_third(
    source: str, name: Callable[[Log], str]
) -> None:
    """In every family, and under every key, of which at least ten logs were recorded."""
    real_sizes, real = presence(recorded(), name)
    made_sizes, made = presence(parsed(source), name)
    compared = [group for group in made_sizes if real_sizes[group] >= 10]
    assert len(compared) >= 4
    for group in compared:
        for field in real[group] | made[group]:
            share = real[group][field] / real_sizes[group], made[group][field] / made_sizes[group]
            assert abs(share[0] - share[1]) <= 1 / 3, (group, field, share)


@pytest.mark.parametrize("source", SEEDS)
def test_payloads_are_as_large_as_recorded_ones_within_a_third(source: str) -> None:
    def sizes(logs: Iterable[Log]) -> tuple[float, float]:
        deciles = statistics.quantiles((len(encode(log["payload"])) for log in logs), n=10)
        return deciles[4], deciles[8]

    for real, made in zip(sizes(recorded()), sizes(parsed(source)), strict=True):
        assert real * 2 / 3 <= made <= real * 4 / 3


def test_every_log_keeps_the_contract_and_is_listed_by_a_real_deployment() -> None:
    prefixes = profile("observed").prefixes
    assert [contract().problems(log) for log in DAY if not contract().is_valid(log)] == []
    assert [log["key"] for log in DAY if not log["key"].startswith(prefixes)] == []
    assert all(log["payload"]["key"] == log["key"] for log in DAY)


def test_fields_come_in_documented_order_and_absent_ones_are_absent() -> None:
    order = list(contract().log_schema["properties"]["payload"]["properties"])
    for log in DAY:
        assert list(log) == ["tenantId", "id", "key", "payload", "createdAt"]
        known = [order.index(name) for name in log["payload"] if name in order]
        assert known == sorted(known)
        assert list(log["payload"])[: len(known)] == [order[at] for at in known]
        assert None not in log["payload"].values()


def _stories(logs: Iterable[Log]) -> dict[tuple[str, str], list[Log]]:
    """The logs of one browser at one application, in order: one visit, rarely two that meet."""
    stories: dict[tuple[str, str], list[Log]] = defaultdict(list)
    for log in logs:
        stories[log["payload"]["ip"], log["payload"]["applicationId"]].append(log)
    return stories


def test_the_steps_of_a_visit_are_in_order() -> None:
    """Each step follows one that can come before it, within minutes (two visits of one address may mix, rarely)."""
    wrong = total = 0
    for story in _stories(DAY).values():
        for before, log in itertools.pairwise(story):
            if log["key"] in FOLLOWS:
                total += 1
                seconds = (log["createdAt"] - before["createdAt"]) / 1000
                wrong += before["key"] not in FOLLOWS[log["key"]] or seconds > 300
    assert total > 300
    assert wrong < total / 20


def test_wrong_passwords_come_in_threes_and_end_well() -> None:
    keys = ["".join("e" if log["payload"]["result"] == "Error" else "s" for log in story if "Password" in log["key"])
            for story in _stories(DAY).values()]  # fmt: skip
    assert any("eees" in key for key in keys)
    assert any(key.endswith("eee") for key in keys)


def test_an_error_has_the_form_of_its_family_and_occurs_only_with_result_error() -> None:
    forms = defaultdict(set)
    for log in DAY:
        if "error" in log["payload"]:
            assert log["payload"]["result"] == "Error"
            forms[log["key"].split(".")[0]].add(type(log["payload"]["error"]))
        elif log["payload"]["result"] == "Error":
            assert "customJwtError" in log["payload"]
    assert forms == {"Interaction": {dict}, "SamlApplication": {dict}, "ExchangeTokenBy": {str}}


def test_only_identified_users_are_named_and_only_browsers_have_sessions() -> None:
    for log in DAY:
        key, payload = log["key"], log["payload"]
        assert ("sessionId" in payload) == (key in ("Interaction.Create", "Interaction.End"))
        if key.endswith((".Create", "Verification.Password.Submit")) and key.count(".") > 1:
            assert ("userId" in payload) == key.endswith(SECOND_FACTORS)
        if key == "Interaction.Create":
            assert ("userId" in payload) == (payload["prompt"]["name"] == "consent")
        if key.startswith("ExchangeTokenBy.ClientCredentials"):
            assert "userId" not in payload


def test_ids_look_like_real_ones_and_sessions_are_never_used_again() -> None:
    pairs = Counter(log["payload"]["sessionId"] for log in DAY if "sessionId" in log["payload"])
    assert max(pairs.values()) == 2
    assert all(len(session) == 21 for session in pairs)
    assert {len(log["id"]) for log in DAY} == {21}
    assert {len(log["payload"].get("userId", " " * 12)) for log in DAY} == {12}
    assert {len(log["payload"]["applicationId"]) for log in DAY} == {21}


def test_a_session_keeps_its_address_and_its_device() -> None:
    clients: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for log in DAY:
        if "sessionId" in log["payload"]:
            clients[log["payload"]["sessionId"]].add((log["payload"]["ip"], log["payload"]["userAgent"]))
    assert {len(found) for found in clients.values()} == {1}


def test_users_return_on_other_days_mostly_with_the_device_they_had() -> None:
    week = parsed("faker:count=20000")
    days: dict[str, set[int]] = defaultdict(set)
    devices: dict[str, Counter[str]] = defaultdict(Counter)
    for log in week:
        if "userId" in log["payload"]:
            days[log["payload"]["userId"]].add(log["createdAt"] // 86_400_000)
            devices[log["payload"]["userId"]][log["payload"]["userAgent"]] += 1
    assert statistics.median(map(len, days.values())) >= 5
    shares = [max(found.values()) / sum(found.values()) for found in devices.values()]
    assert statistics.mean(shares) > 0.6


def test_a_few_users_and_applications_carry_most_of_the_traffic() -> None:
    for name, few in (("userId", 20), ("applicationId", 3)):
        counts = Counter(log["payload"][name] for log in DAY if name in log["payload"])
        assert sum(count for _, count in counts.most_common(few)) > sum(counts.values()) / 2.5


def test_traffic_follows_the_hours_of_the_day() -> None:
    hours = Counter(log["createdAt"] // 3_600_000 % 24 for log in parsed("faker:count=20000"))
    assert sum(hours[hour] for hour in range(8, 18)) > 3 * sum(hours[hour] for hour in range(6))


def test_a_log_has_the_parse_of_its_own_user_agent() -> None:
    """Where it is present: a third of all clients reach a deployment that parses none."""
    parses = {agent.text: agent.parsed for agent in agents()}
    both = [log["payload"] for log in DAY if "userAgentParsed" in log["payload"]]
    assert all(payload["userAgentParsed"] == parses[payload["userAgent"]] for payload in both)
    assert all("userAgent" in payload for payload in both)
    assert len(both) > len(DAY) / 3
    assert {agent.kind for agent in agents() if agent.text in {each["userAgent"] for each in both}} >= {
        "desktop", "phone", "bot", "sdk",
    }  # fmt: skip


def test_there_are_many_addresses_all_of_ranges_for_documentation() -> None:
    networks = [ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
    addresses = {log["payload"]["ip"] for log in DAY}
    assert len(addresses) > 100
    assert all(any(ip_address(address) in network for network in networks) for address in addresses)


def test_headers_of_a_place_agree_with_each_other() -> None:
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    headers = [log["payload"]["injectedHeaders"] for log in DAY if "injectedHeaders" in log["payload"]]
    for each in headers:
        assert set(each) == {"country", "city", "latitude", "longitude", "botScore", "botVerified"}
        assert (each["botVerified"] == "true") == (int(each["botScore"]) < 30)
        places[each["latitude"], each["longitude"]].add(each["country"] + each["city"])
    assert len(places) > 5
    assert {len(names) for names in places.values()} == {1}
