"""Permission screen on 403: what a person sees whose account may not read the logs, or whose session has ended."""

from __future__ import annotations

import httpx
import pytest

from mockserver import LogtoMock

SCREENS = {
    "auth.forbidden": "You may not see the audit logs. Ask an administrator for the Management API role.",
    "auth.unauthorized": "Your session has ended. Sign in again.",
}


def screen(endpoint: str, token: str) -> str:
    """The code under test: one line for each log, or the reason why there is none."""
    response = httpx.get(f"{endpoint}/api/logs", headers={"Authorization": f"Bearer {token}"})
    if response.status_code == 200:
        rows = [f"{log['key']} {log['payload']['result']}" for log in response.json()]
        return "\n".join(rows) or "Nothing has happened."
    return SCREENS.get(response.json().get("code"), "The audit logs are not available now.")


def test_with_permission_there_are_logs(logto_mock: LogtoMock) -> None:
    logto_mock.logs.add("Interaction.SignIn.Submit", userId="u0alice00001", result="Error")
    assert screen(logto_mock.url, logto_mock.token).startswith("Interaction.SignIn.Submit Error\n")


@pytest.mark.parametrize(
    ("code", "told"), [(403, "Ask an administrator"), (401, "Sign in again"), (500, "not available")]
)
def test_without_it_the_reason_is_told(logto_mock: LogtoMock, code: int, told: str) -> None:
    logto_mock.faults.add(f"status:code={code}")
    assert told in screen(logto_mock.url, logto_mock.token)


def test_a_real_token_without_the_scope_is_met_the_same(logto_mock: LogtoMock) -> None:
    assert "Ask an administrator" in screen(logto_mock.url, "forbidden-token")


@pytest.mark.logto(logs="faker:count=0")
def test_no_log_is_told_too(logto_mock: LogtoMock) -> None:
    assert screen(logto_mock.url, logto_mock.token) == "Nothing has happened."
