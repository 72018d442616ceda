"""Tests in parallel share a mock that runs elsewhere, such as replicas behind a balancer; each has its own tenant.

``LOGTO_MOCK_URL`` and ``LOGTO_MOCK_ADMIN_TOKEN`` say where it is; without them a mock is started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

import mockserver

ADMIN_TOKEN = os.environ.get("LOGTO_MOCK_ADMIN_TOKEN", "none")


@pytest.fixture(scope="session")
def shared_url() -> Iterator[str]:
    """The base URL of the shared mock."""
    url = os.environ.get("LOGTO_MOCK_URL")
    with nullcontext() if url else mockserver.LogtoMock() as own:
        yield url or own.url.partition("/t/")[0]


def send(url: str, token: str, body: object = None) -> tuple[int, Any]:
    """Send a GET, or a POST with JSON; return the status and the JSON of the answer."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with build_opener(ProxyHandler({})).open(Request(url, content, headers), timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class Tenant:
    """A world of one test."""

    def __init__(self, shared_url: str, title: str) -> None:
        _, given = send(f"{shared_url}/__admin/tenants", ADMIN_TOKEN, {"title": title})
        self.url, self.token = given["url"], given["token"]

    def logs(self, query: str = "") -> tuple[int, Any]:
        """Ask for logs as the code under test does."""
        return send(f"{self.url}/api/logs{query}", self.token)

    def control(self, route: str, body: object) -> int:
        """Use a route of the control API; return the status."""
        return send(f"{self.url}/__admin/{route}", ADMIN_TOKEN, body)[0]


@pytest.fixture
def tenant(shared_url: str, request: pytest.FixtureRequest) -> Tenant:
    return Tenant(shared_url, request.node.name)


@pytest.mark.parametrize("code", [429, 500, 503, 504])
def test_each_test_meets_its_own_fault(tenant: Tenant, code: int) -> None:
    assert tenant.control("faults", {"rule": f"status:code={code},times=2"}) == 201
    assert [tenant.logs()[0] for _ in range(3)] == [code, code, 200]
    assert tenant.control("requests/verify", {"path": "/api/logs", "times": 3}) == 200


@pytest.mark.parametrize("user", ["ada", "grace", "joan", "mary"])
def test_each_test_finds_its_own_log_alone(tenant: Tenant, user: str) -> None:
    payload = {"key": "Interaction.Create", "result": "Success", "userId": user}
    assert tenant.control("logs", {"key": payload["key"], "payload": payload}) == 201
    assert [log["payload"] for log in tenant.logs(f"?userId={user}")[1]] == [payload]
    assert tenant.control("requests/verify", {"path": "/api/logs", "times": 1}) == 200
