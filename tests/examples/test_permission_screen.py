"""Permission screen on 403: what users see if they may not read the logs, or if their session has ended."""

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


def test_with_permission_the_screen_shows_the_logs(logto_mock: LogtoMock) -> None:
    logto_mock.logs.add("Interaction.SignIn.Submit", userId="u0alice00001", result="Error")
    assert screen(logto_mock.url, logto_mock.token).startswith("Interaction.SignIn.Submit Error\n")


@pytest.mark.parametrize(
    ("code", "reason"), [(403, "Ask an administrator"), (401, "Sign in again"), (500, "not available")]
)
def test_without_permission_the_screen_shows_the_reason(logto_mock: LogtoMock, code: int, reason: str) -> None:
    logto_mock.faults.add(f"status:code={code}")
    assert reason in screen(logto_mock.url, logto_mock.token)


def test_a_token_without_the_scope_gives_the_same_screen(logto_mock: LogtoMock) -> None:
    assert "Ask an administrator" in screen(logto_mock.url, "forbidden-token")


@pytest.mark.logto(logs="faker:count=0")
def test_the_screen_says_that_there_is_no_log(logto_mock: LogtoMock) -> None:
    assert screen(logto_mock.url, logto_mock.token) == "Nothing has happened."
