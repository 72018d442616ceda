"""Credentials: a token is fetched once, renewed before it expires, and shown to nobody else."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge.credentials import Client, Fetched, resource_at
from mockserver.judge.route import address
from mockserver.judge.run import Judge
from mockserver.judge.secrets import Secrets
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.judging import TestClock, case, judged


def fetched(url: str, clock: TestClock, secrets: Secrets) -> Fetched:
    client = Client("me:too", "hush%hush", address(f"{url}/oidc/token"), "https://api.example.com")
    return Fetched(client, secrets, 1.0, clock.now)


def test_a_token_is_fetched_once_and_again_before_it_expires() -> None:
    clock, deployment = TestClock(), Deployment()
    with serving(deployment) as url:
        token = fetched(url, clock, Secrets())
        assert [token(), token()] == ["fetched-token"] * 2
        clock.sleep(3569)
        token()
        assert len(deployment.asked) == 1
        clock.sleep(2)
        token()
    assert len(deployment.asked) == 2


@pytest.mark.parametrize(
    ("target", "resource"),
    [
        ("https://acme.logto.app", "https://acme.logto.app/api"),
        ("https://default.logto.app/api/logs", "https://default.logto.app/api"),
        ("https://logs.example.com", "https://default.logto.app/api"),
        ("https://a.b.logto.app", "https://default.logto.app/api"),
        ("https://acme.logto.app.example.com", "https://default.logto.app/api"),
    ],
)
def test_the_resource_is_that_of_the_tenant_in_the_cloud_and_of_default_elsewhere(target: str, resource: str) -> None:
    assert resource_at(address(target)) == resource


def test_the_client_authenticates_as_rfc_6749_says() -> None:
    deployment = Deployment()
    with serving(deployment) as url:
        fetched(url, TestClock(), Secrets())()
    (asked,) = deployment.asked
    assert asked.method == "POST"
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"me%3Atoo:hush%25hush").decode()
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "answered",
    [
        Answered(401, {"error": "invalid_client"}),
        Answered(200, []),
        Answered(200, {"access_token": ""}),
        Answered(200),
        Answered(200, {"access_token": "two\nlines"}),
    ],
)
def test_a_token_that_is_not_to_be_had_says_what_to_check(answered: Answered) -> None:
    with (
        serving(Deployment(mend=lambda *_: answered)) as url,
        pytest.raises(MockserverError, match="check --client-id") as error,
    ):
        fetched(url, TestClock(), Secrets())()
    assert "hush" not in str(error.value)


def test_a_short_lifetime_is_used_by_half_and_a_missing_one_taken_for_an_hour() -> None:
    lifetimes = [10, None]

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        lifetime = lifetimes[len(deployment.asked) - 1]
        return Answered(200, {"access_token": "token-text"} | ({"expires_in": lifetime} if lifetime else {}))

    clock, deployment = TestClock(), Deployment(mend=mend)
    with serving(deployment) as url:
        token = fetched(url, clock, Secrets())
        token()
        clock.sleep(6)
        token()
        clock.sleep(3000)
        token()
    assert len(deployment.asked) == 2


@pytest.mark.parametrize("lifetime", [0, -5, 0.0])
def test_a_lifetime_that_is_over_before_it_began_is_none(lifetime: float) -> None:
    """Else a token would be fetched for every request, unpaced and uncounted."""
    answered = Answered(200, {"access_token": "token-text", "expires_in": lifetime})
    deployment = Deployment(mend=lambda *_: answered)
    with serving(deployment) as url:
        token = fetched(url, TestClock(), Secrets())
        assert [token(), token()] == ["token-text"] * 2
    assert len(deployment.asked) == 1


@pytest.mark.parametrize(
    "answered",
    [
        Answered(400, {"code": "hush%hush"}, {"Content-Type": "application/json"}),
        Answered(400, headers={"Content-Type": "\x1b[31mhush%hush"}),
    ],
)
def test_a_secret_that_is_repeated_to_us_is_not_told(answered: Answered) -> None:
    with serving(Deployment(mend=lambda *_: answered)) as url, pytest.raises(MockserverError) as error:
        fetched(url, TestClock(), Secrets())()
    assert "hush" not in str(error.value)
    assert str(error.value).isprintable()


def test_without_a_first_token_there_is_no_run() -> None:
    deployment = Deployment(mend=lambda *_: Answered(401))
    with serving(deployment) as url:
        client = Client("me", "hush", address(f"{url}/oidc/token"), "https://api.example.com")
        judge = Judge(case(url, token=None, client=client), Secrets())
        with pytest.raises(MockserverError, match="expected 200 with an access_token"):
            judge.run()
    assert len(deployment.asked) == 1


def test_a_token_that_cannot_be_renewed_costs_nothing_that_was_found() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        clock.moment += 1.0
        if asked.method == "POST":
            tokens.append(asked)
            short = Answered(200, {"access_token": "fetched-token", "expires_in": 20})
            return short if len(tokens) == 1 else Answered(500)
        return replace(answered, headers={**answered.headers, "Content-Type": "text/plain"})

    clock, tokens = TestClock(), list[Asked]()
    with serving(Deployment(mend=mend)) as url:
        client = Client("me", "hush", address(f"{url}/oidc/token"), "https://api.example.com")
        verdict = Judge(case(url, token=None, client=client), Secrets(), clock).run()
    assert {finding.check.name for finding in verdict.failing()} == {"content-type"}
    assert "/oidc/token: found 500" in verdict.vacuous
    assert len(tokens) == 2


def test_what_is_fetched_and_shown_is_hidden() -> None:
    secrets = Secrets()
    with serving(Deployment()) as url:
        fetched(url, TestClock(), secrets)()
    basic = base64.b64encode(b"me%3Atoo:hush%25hush").decode()
    assert not any(secrets.clean(value) == value for value in ("fetched-token", "hush%hush", basic))


def test_the_secret_goes_to_the_token_address_alone() -> None:
    tokens, deployment = Deployment(), Deployment()
    with serving(tokens) as elsewhere, serving(deployment) as url:
        client = Client("me", "hush", address(f"{elsewhere}/oidc/token"), "https://api.example.com")
        verdict = Judge(case(url, "quick", token=None, client=client), Secrets()).run()
    assert verdict.exit_code == 0
    assert len(tokens.asked) == 1
    shown = [asked.headers.get("authorization", "") for asked in deployment.asked]
    assert not [text for text in shown if text.startswith("Basic") and text != "Basic fetched-token"]


def test_a_token_echoed_by_an_answer_is_found() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        answered.headers["X-Seen"] = asked.headers.get("authorization", "none")
        return answered

    verdict = judged(Deployment(mend=mend), "quick")
    assert {finding.check.name for finding in verdict.failing()} == {"credential-echoed"}
