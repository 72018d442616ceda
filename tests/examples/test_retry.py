"""Retry with backoff: a request is sent again after a temporary failure, as late as Retry-After says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from mockserver import LogtoMock
from tests.examples.retry import read_page


def read(mock: LogtoMock, sleep: Callable[[float], Any] = lambda seconds: None) -> list[dict[str, Any]]:
    return read_page(mock.url, lambda: mock.token, sleep=sleep)


@pytest.mark.parametrize("fault", ["status:code=503,times=2", "reset:times=2", "truncate:fraction=0.5,times=2"])
def test_a_temporary_failure_is_tried_again(logto_mock: LogtoMock, logto_logs: list[Any], fault: str) -> None:
    armed = logto_mock.faults.add(fault)
    assert read(logto_mock) == logto_logs[:20]
    assert (armed.fired, len(logto_mock.requests)) == (2, 3)


def test_the_client_waits_as_long_as_retry_after_says(logto_mock: LogtoMock) -> None:
    logto_mock.faults.add("rate_limit:limit=1,window=60")
    read(logto_mock)
    read(logto_mock, sleep=logto_mock.advance)
    assert [request.status for request in logto_mock.requests] == [200, 429, 200]


def test_it_gives_up_after_some_attempts(logto_mock: LogtoMock) -> None:
    logto_mock.faults.add("status:code=503")
    with pytest.raises(requests.HTTPError):
        read(logto_mock)
    logto_mock.requests.verify(status=503, times=5)


@pytest.mark.logto(faults=["status:code=403"])
def test_a_refusal_is_not_tried_again(logto_mock: LogtoMock) -> None:
    with pytest.raises(requests.HTTPError):
        read(logto_mock)
    logto_mock.requests.verify(status=403, times=1)
