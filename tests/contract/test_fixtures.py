"""What the fixtures claim: the curated logs reach every corner of the contract, the recorded ones keep it."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.contract.document import contract
from mockserver.logs.reading import read_file
from tests.conftest import FIXTURES

CURATED = [json.loads(line) for line in (FIXTURES / "logs.jsonl").read_text().splitlines()]
RECORDED = [json.loads(line) for line in (FIXTURES / "recorded.jsonl").read_text().splitlines()]

# Every shape of key that a deployment writes.
FAMILIES = [
    *(
        rf"ExchangeTokenBy\.{grant}"
        for grant in (
            "AuthorizationCode", "RefreshToken", "ClientCredentials", "TokenExchange", "DeviceCode", "Unknown",
        )
    ),
    "RevokeToken", "RevokeGrants", r"JwtCustomizer\.AccessToken", r"JwtCustomizer\.ClientCredentials",
    r"SamlApplication\.Callback", r"SamlApplication\.AuthnRequest", "Unknown", r"TriggerHook\..+", r"Action\..+",
    r"TrustedDevice\.Created", r"TrustedDevice\.Used",
    r"Interaction\.Create", r"Interaction\.End", r"Interaction\.Create\.Captcha",
    *(rf"Interaction\.{event}\.Create" for event in ("SignIn", "Register", "ForgotPassword")),
    *(rf"Interaction\.{event}\.Submit" for event in ("SignIn", "Register", "ForgotPassword")),
    r"Interaction\.\w+\.Update", r"Interaction\.\w+\.Profile\.Update", r"Interaction\.\w+\.Identifier\.Submit",
    r"Interaction\.\w+\.Verification\.\w+\.Create",
    *(rf"Interaction\.\w+\.BindMfa\.{factor}\.Submit" for factor in ("Totp", "WebAuthn", "BackupCode")),
    *(
        rf"Interaction\.\w+\.Verification\.{method}\.Submit"
        for method in (
            "Password", "EmailVerificationCode", "PhoneVerificationCode", "Social", "EnterpriseSso", "Totp", "WebAuthn",
            "BackupCode", "NewPasswordIdentity", "OneTimeToken",
        )
    ),
]  # fmt: skip

DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@pytest.mark.parametrize("name", ["logs.jsonl", "recorded.jsonl"])
def test_every_line_keeps_the_contract_and_every_id_is_unique(name: str) -> None:
    rows, problems = read_file(FIXTURES / name)
    assert problems == []
    assert len({row.id for row in rows}) == len(rows) > 0


def test_there_are_as_many_logs_as_said() -> None:
    assert len(RECORDED) == 860
    assert 75 <= len(CURATED) <= 95


@pytest.mark.parametrize("family", FAMILIES)
def test_the_curated_logs_have_every_key_family(family: str) -> None:
    assert any(re.fullmatch(family, log["key"]) for log in CURATED)


def test_the_curated_logs_have_both_results_and_both_forms_of_error() -> None:
    errors = {(log["payload"]["result"], type(log["payload"].get("error"))) for log in CURATED}
    assert errors >= {("Success", type(None)), ("Error", str), ("Error", dict)}


def _optional(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in schema.get("properties", {}).items():
        if name not in schema.get("required", ()):
            yield (*path, name)
        yield from _optional(inner, (*path, name))


@pytest.mark.parametrize("path", list(_optional(contract().log_schema)), ids=".".join)
def test_the_curated_logs_have_every_optional_field_present_and_absent(path: tuple[str, ...]) -> None:
    """Absent where what would hold it is present."""
    owners = []
    for log in CURATED:
        owner: Any = log
        for step in path[:-1]:
            owner = owner.get(step) if isinstance(owner, dict) else None
        if isinstance(owner, dict):
            owners.append(path[-1] in owner)
    assert set(owners) == {True, False}


def test_the_curated_logs_reach_every_bound_exactly() -> None:
    bounded = contract().log_schema["properties"]
    for name, schema in bounded.items():
        for bound in ("minLength", "maxLength"):
            if bound in schema:
                assert schema[bound] in {len(log[name]) for log in CURATED}, (name, bound)
    assert any(isinstance(log["createdAt"], float) for log in CURATED)


def test_some_curated_logs_are_of_the_same_moment() -> None:
    """As real ones are that one request wrote."""
    moments = [log["createdAt"] for log in CURATED]
    assert len(set(moments)) < len(moments)
    assert sorted(moments, reverse=True) == moments


def test_the_curated_logs_name_no_real_host_or_person() -> None:
    text = (FIXTURES / "logs.jsonl").read_text()
    addresses = {log["payload"]["ip"] for log in CURATED if log["payload"].get("ip")}
    assert addresses
    assert all(any(ipaddress.ip_address(each) in network for network in DOCUMENTATION) for each in addresses)
    hosts = set(re.findall(r"https?://([^/\"\\:]+)", text)) | set(re.findall(r"@([\w.-]+\.\w+)", text))
    assert all(host.endswith(("example.com", "logto.app")) for host in hosts)


def test_a_user_agent_stands_beside_its_parts() -> None:
    for log in CURATED:
        payload = log["payload"]
        if payload.get("userAgent"):
            assert payload["userAgentParsed"]["ua"] == payload["userAgent"]
