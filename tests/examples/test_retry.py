"""Retry with backoff: a client that tries again where that helps, waits as it is told, and gives up in the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mockserver.harness import LogtoMock


def fetch_logs(client: httpx.Client, tries: int = 4, sleep: Callable[[float], None] = time.sleep) -> list[Any]:
    """The code under test: the newest page of logs."""
    for attempt in range(1, tries + 1):
        wait = 0.5 * 2**attempt
        try:
            response = client.get("/api/logs")
            if response.status_code not in (429, 502, 503, 504):
                return list(response.raise_for_status().json())
            wait = float(response.headers.get("Retry-After", wait))
        except httpx.TransportError:
            if attempt == tries:
                raise
        if attempt < tries:
            sleep(wait)
    raise TimeoutError(f"no answer after {tries} tries")


@pytest.fixture
def client(logto_mock: LogtoMock) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {logto_mock.token}"}
    with httpx.Client(base_url=logto_mock.url, headers=headers) as client:
        yield client


@pytest.mark.parametrize("fault", ["status:code=503", "reset", "empty", "truncate:fraction=0.5", "garbage"])
def test_what_passes_is_tried_again(
    logto_mock: LogtoMock, logto_logs: list[Any], client: httpx.Client, fault: str
) -> None:
    logto_mock.faults.add(f"{fault},times=2" if ":" in fault else f"{fault}:times=2")
    waits: list[float] = []
    assert fetch_logs(client, sleep=waits.append) == logto_logs[:20]
    assert waits == [1.0, 2.0]


def test_retry_after_is_obeyed(logto_mock: LogtoMock, client: httpx.Client) -> None:
    logto_mock.faults.add("rate_limit:limit=1,window=60")
    fetch_logs(client)

    def wait(seconds: float) -> None:
        assert 0 < seconds <= 60
        logto_mock.advance(seconds)

    fetch_logs(client, sleep=wait)
    assert [each.status for each in logto_mock.requests] == [200, 429, 200]


def test_it_gives_up_in_the_end(logto_mock: LogtoMock, client: httpx.Client) -> None:
    logto_mock.faults.add("status:code=503")
    with pytest.raises(TimeoutError):
        fetch_logs(client, sleep=lambda seconds: None)
    logto_mock.requests.verify(status=503, times=4)


def test_a_refusal_is_not_tried_again(logto_mock: LogtoMock, client: httpx.Client) -> None:
    logto_mock.faults.add("status:code=403")
    with pytest.raises(httpx.HTTPStatusError):
        fetch_logs(client)
    logto_mock.requests.verify(status=403, times=1)
