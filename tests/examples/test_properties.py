"""Property tests: your own code with every log that the contract allows, and with every query."""

from __future__ import annotations

from typing import Any

import httpx
from hypothesis import given, settings

from mockserver import LogtoMock, strategies


def row(log: dict[str, Any]) -> str:
    """The code under test: a log as one line of a table."""
    payload = log["payload"]
    error = payload.get("error", "")
    reason = error if isinstance(error, str) else error.get("code", "")
    who = payload.get("userId") or payload.get("applicationId") or "somebody"
    return " ".join(f"{log['key']} {payload['result']} {who} {reason}".split())


@settings(max_examples=30)
@given(strategies.logs())
def test_every_log_is_one_row(log: dict[str, Any]) -> None:
    assert log["payload"]["result"] in row(log)
    assert "\n" not in row(log)


@settings(max_examples=20)
@given(query=strategies.queries())
def test_every_query_is_answered_in_order(logto_mock_session: LogtoMock, query: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {logto_mock_session.token}"}
    answer = httpx.get(f"{logto_mock_session.url}/api/logs", params=query, headers=headers, verify=False)
    moments = [log["createdAt"] for log in answer.raise_for_status().json()]
    assert moments == sorted(moments, reverse=True)
