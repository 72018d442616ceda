"""Token renewal: a client fetches a token, and another one when the first has expired, but not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import LogtoMock


class AuditLogs:
    """The code under test: asks for logs, and for a new token when the old one is refused."""

    def __init__(self, endpoint: str, resource: str, app_id: str, app_secret: str) -> None:
        self._client = httpx.Client(base_url=endpoint)
        self._app = (app_id, app_secret)
        self._grant = {"grant_type": "client_credentials", "resource": resource, "scope": "all"}
        self._token = ""

    def page(self, number: int = 1) -> list[Any]:
        response = self._ask(number)
        if response.status_code == 401:
            self._token = ""
            response = self._ask(number)
        return list(response.raise_for_status().json())

    def _ask(self, number: int) -> httpx.Response:
        if not self._token:
            answer = self._client.post("/oidc/token", data=self._grant, auth=self._app)
            self._token = answer.raise_for_status().json()["access_token"]
        bearer = {"Authorization": f"Bearer {self._token}"}
        return self._client.get("/api/logs", params={"page": number}, headers=bearer)

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def audit_logs(logto_mock: LogtoMock) -> Iterator[AuditLogs]:
    names = ("LOGTO_ENDPOINT", "LOGTO_RESOURCE", "LOGTO_APP_ID", "LOGTO_APP_SECRET")
    made = AuditLogs(*(logto_mock.env[name] for name in names))
    yield made
    made.close()


def test_one_token_serves_many_requests(logto_mock: LogtoMock, audit_logs: AuditLogs) -> None:
    audit_logs.page(1), audit_logs.page(2)
    first, second = logto_mock.requests
    assert first.headers["authorization"] == second.headers["authorization"]


def test_an_expired_token_is_renewed(logto_mock: LogtoMock, audit_logs: AuditLogs) -> None:
    before = audit_logs.page()
    logto_mock.advance(3600)
    assert audit_logs.page() == before
    assert [request.status for request in logto_mock.requests] == [200, 401, 200]


def test_a_token_that_is_never_accepted_is_renewed_once(logto_mock: LogtoMock, audit_logs: AuditLogs) -> None:
    logto_mock.faults.add("status:code=401")
    with pytest.raises(httpx.HTTPStatusError):
        audit_logs.page()
    logto_mock.requests.verify(status=401, times=2)
