"""``LogtoMock`` outside pytest: unittest, behave, notebooks, asyncio."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from mockserver import LogtoMock
from mockserver.contract.errors import MockserverError


def status(mock: LogtoMock) -> int:
    answer = httpx.get(f"{mock.url}/api/logs", headers={"Authorization": f"Bearer {mock.token}"}, trust_env=False)
    return answer.status_code


def test_a_mock_serves_within_the_block_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with LogtoMock(logs="faker:count=7", faults=["status:code=503,times=1"]) as mock:
        assert len(mock.logs) == 7
        assert [status(mock), status(mock)] == [503, 200]
        mock.requests.verify(times=2)
    assert threading.active_count() == before
    assert repr(mock) == "LogtoMock()"


def test_two_mocks_are_two_worlds() -> None:
    with LogtoMock() as first, LogtoMock(profile="observed") as second:
        first.faults.add("status:code=503")
        second.advance(60)
        assert [status(first), status(second)] == [503, 200]


def test_asynchronous_code_opens_it_without_holding_its_loop() -> None:
    async def ask() -> int:
        async with LogtoMock(logs="faker:count=3") as mock, httpx.AsyncClient(trust_env=False) as client:
            bearer = {"Authorization": f"Bearer {mock.token}"}
            answers = await asyncio.gather(*(client.get(f"{mock.url}/api/logs", headers=bearer) for _ in range(5)))
            mock.requests.verify(times=5)
            return sum(len(answer.json()) for answer in answers)

    assert asyncio.run(ask()) == 15


def test_a_mock_starts_and_stops_by_hand_and_again() -> None:
    mock = LogtoMock(auth="off")
    for _ in range(2):
        mock.start()
        assert status(mock) == 200
        mock.stop()
        mock.stop()
    with pytest.raises(MockserverError, match="found one that does not serve, expected one that does; with LogtoMock"):
        mock.url  # noqa: B018  # the access itself is the test


def test_a_setting_that_cannot_be_is_named_at_once() -> None:
    with pytest.raises(MockserverError, match=r"LogtoMock: seed: found '1', expected a whole number"):
        LogtoMock(seed="1")  # type: ignore[typeddict-item]  # mypy must refuse it
    with pytest.raises(MockserverError, match="did you mean logs"):
        LogtoMock(lugs="1")  # type: ignore[call-arg]  # mypy must refuse it
    with pytest.raises(MockserverError, match=r"nowhere\.jsonl: found no such file"):
        LogtoMock(logs="nowhere.jsonl").start()
