"""Flows: each goes as its line in the table says, and writes the logs that a real deployment would write."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.profile import profile
from mockserver.logs.traffic.day import compose
from mockserver.logs.traffic.flows import FLOWS, Flow, enterprise, mfa, signin
from mockserver.logs.traffic.people import People
from mockserver.logs.traffic.provider import generator
from mockserver.logs.traffic.users import SAML
from mockserver.logs.traffic.visit import Visit
from tests.support.flows import FILE, flows
from tests.support.traffic import parsed

Logs = list[dict[str, Any]]
NAMED = {flow.play.__qualname__ + "@" + flow.play.__module__.rpartition(".")[2]: flow for flow in FLOWS}
SECOND = ("Totp", "WebAuthn", "BackupCode")


def played(flow: Flow, seed: int = 0) -> Logs:
    """The logs of one visit that goes that way, oldest first."""
    return [log for _, log in People(generator(seed), users=1, applications=SAML + 1).visit(flow).logs]


def of(play: Any, seed: int = 0) -> Logs:
    return played(next(flow for flow in FLOWS if flow.play is play), seed)


def steps(logs: Logs) -> list[str]:
    """What follows ``Interaction.SignIn.``, with an exclamation mark where it went wrong."""
    parts = [(log["key"], log["payload"]["result"] == "Error") for log in logs]
    return [key.removeprefix("Interaction.SignIn.") + "!" * wrong for key, wrong in parts]


@pytest.mark.parametrize("name", NAMED)
def test_a_flow_goes_as_declared(name: str) -> None:
    for seed in range(8):
        wrong = {log["payload"]["result"] == "Error" for log in played(NAMED[name], seed)}
        assert wrong == {"fine": {False}, "troubled": {True, False}, "refused": {True}}[NAMED[name].goes]


def test_a_visit_begins_at_0_and_each_log_comes_after_the_pauses_before_it() -> None:
    visit = People(generator(0), users=1, applications=SAML + 1).visit(NAMED["password@signin"])
    fresh = Visit(generator(0).random, visit.application, visit.client)
    fresh.log("Interaction.Create")
    fresh.pause(5, 5).pause(2, 2).log("Interaction.End")
    assert [moment for moment, _ in fresh.logs] == [0, 7]


def test_the_logs_of_each_flow_hold_what_was_read() -> None:
    """``python -m tests.support.flows`` writes the file again, for a person to read."""
    assert flows() == FILE.read_text("utf-8"), "read tests/logs/flows.txt, then renew it"


@pytest.mark.parametrize("name", NAMED)
def test_every_key_is_listed_by_a_real_deployment(name: str) -> None:
    prefixes = profile("observed").prefixes
    assert all(log["key"].startswith(prefixes) for log in played(NAMED[name]))


@pytest.mark.parametrize("name", NAMED)
def test_a_verification_keeps_its_record_and_its_id_and_no_log_is_rewritten(name: str) -> None:
    """A record once there stays under its id; verified, it stays so."""
    known: dict[str, dict[str, Any]] = {}
    for log in played(NAMED[name]):
        records = {each["id"]: each for each in log["payload"].get("interaction", {}).get("verificationRecords", ())}
        assert len({each["type"] for each in records.values()}) == len(records)
        assert records.keys() >= known.keys() or not records
        assert all(each["type"] == records[key]["type"] for key, each in known.items() if key in records)
        assert all(records[key]["verified"] for key, each in known.items() if key in records and each.get("verified"))
        known = records or known


def test_a_passkey_answers_the_challenge_that_was_begun() -> None:
    logs = of(mfa.passkey, seed=3)
    names = steps(logs)
    begun = logs[names.index("Verification.WebAuthn.Create")]["payload"]["interaction"]["verificationRecords"][-1]
    proof = logs[names.index("Verification.WebAuthn.Submit")]["payload"]
    assert names.index("Submit!") < names.index("Verification.WebAuthn.Create")
    assert not begun["verified"]
    assert proof["payload"]["verificationId"] == begun["id"]
    assert proof["interaction"]["verificationRecords"][-1] == begun | {"verified": True}


def test_a_user_signs_with_the_passkey_that_was_registered() -> None:
    """What is registered is what signs later, for a user."""
    enrolled, asked = ([log["payload"] for log in of(play)] for play in (mfa.enrol_passkey, mfa.passkey))
    made = next(each["interaction"]["mfa"]["webAuthn"][0] for each in enrolled if "verificationId" in each)
    used = next(
        each["payload"]["payload"] for each in asked if "response" in each.get("payload", {}).get("payload", {})
    )
    assert made["credentialId"] == used["id"] == used["rawId"]


def test_a_backup_code_replaces_the_authenticator() -> None:
    names = [steps(of(mfa.backup_code, seed)) for seed in range(8)]
    assert all(each.index("Submit!") < each.index("Verification.BackupCode.Submit") for each in names)
    assert {"Verification.BackupCode.Submit!" in each for each in names} == {True, False}


def test_an_authenticator_is_bound_with_ten_backup_codes_as_recorded() -> None:
    logs = of(mfa.enrol)
    names = steps(logs)
    begin = names.index("Verification.Totp.Create")
    assert names[begin : begin + 6] == [
        "Verification.Totp.Create", "Verification.Totp.Submit", "BindMfa.Totp.Submit",
        "Verification.BackupCode.Create", "BindMfa.BackupCode.Submit", "Submit",
    ]  # fmt: skip
    bound = logs[begin + 4]["payload"]
    assert set(bound["interaction"]["mfa"]) == {"totp", "backupCode"}
    assert len(bound["verification"]["backupCodes"]) == 10
    assert bound["verificationId"] == bound["verification"]["id"]
    assert logs[begin + 2]["payload"]["verification"]["secret"] == "******"


def test_a_company_signs_in_without_a_second_factor() -> None:
    logs = of(enterprise.single_sign_on)
    assert [name for name in steps(logs) if "Verification" in name] == [
        "Verification.EnterpriseSso.Create",
        "Verification.EnterpriseSso.Submit",
    ]
    create, submit = (log["payload"]["payload"] for log in logs if "Verification" in log["key"])
    assert create["connectorId"] == submit["connectorId"]
    assert create["state"] == submit["connectorData"]["state"]


def test_a_saml_sign_in_begins_with_the_request_and_ends_with_the_callback() -> None:
    logs = of(enterprise.saml)
    assert (logs[0]["key"], logs[-1]["key"]) == ("SamlApplication.AuthnRequest", "SamlApplication.Callback")
    assert len({log["payload"]["applicationId"] for log in logs}) == 1
    assert logs[0]["payload"]["applicationId"] in logs[1]["payload"]["params"]["redirect_uri"]


def test_a_captcha_is_solved_on_the_first_page() -> None:
    visit = People(generator(0), users=1, applications=1).visit(
        next(each for each in FLOWS if each.play is signin.captcha)
    )
    (created, _), (solved, log) = visit.logs[1:3]
    assert log["key"] == "Interaction.Create.Captcha"
    assert log["payload"]["interaction"]["captcha"] == {"verified": True, "skipped": False}
    assert 0 <= solved - created <= 3
    assert steps(of(signin.stopped, seed=2))[:3] == ["Interaction.Create", "Create!", "Interaction.Create.Captcha!"]


def test_only_identified_users_have_second_factors() -> None:
    for name in NAMED:
        for log in played(NAMED[name]):
            if any(f"Verification.{kind}." in log["key"] for kind in SECOND):
                assert "userId" in log["payload"]


@pytest.mark.parametrize("source", ["faker:count=6000", "faker:count=6000,seed=5", "faker:count=6000,seed=42"])
def test_rare_logs_are_rare_but_occur(source: str) -> None:
    """Some of each on every day, a fiftieth of the logs at most."""
    logs = parsed(source)
    for mark in ("SamlApplication.", ".EnterpriseSso.", "Captcha", ".WebAuthn.", ".BackupCode.", ".BindMfa."):
        assert 0 < sum(mark in log["key"] for log in logs) < len(logs) / 50, mark


@pytest.mark.parametrize("seed", range(4))
def test_a_day_has_every_flow(seed: int) -> None:
    day = compose(seed, users=100, applications=SAML + 1, error_rate=0.1)
    keys = {log.traits.key for log in day.logs}
    assert keys >= {log["key"] for flow in FLOWS for log in played(flow)}


def test_a_deployment_without_a_saml_application_has_no_saml() -> None:
    logs = parsed(f"faker:count=3000,applications={SAML}")
    assert not any(log["key"].startswith("SamlApplication.") for log in logs)
