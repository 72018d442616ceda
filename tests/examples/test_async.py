"""Async code: httpx.AsyncClient and aiohttp against the mock, many requests at once, and one that never ends."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import httpx
import pytest

from mockserver import LogtoMock


async def pages(url: str, token: str, numbers: range) -> list[list[Any]]:
    """The code under test, in httpx: several pages at once."""
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        asked = [client.get("/api/logs", params={"page": number}) for number in numbers]
        return [answer.raise_for_status().json() for answer in await asyncio.gather(*asked)]


async def count(url: str, token: str, timeout: float) -> int | None:
    """The code under test, in aiohttp: the number of logs, or None if there is no reply in time."""
    limit = aiohttp.ClientTimeout(timeout)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}, timeout=limit) as session:
        try:
            async with session.get(f"{url}/api/logs") as answer:
                return int(answer.headers["Total-Number"])
        except TimeoutError:
            return None


@pytest.mark.logto(faults=["latency:seconds=0.02"])
def test_pages_are_in_order_however_late_they_come(logto_mock: LogtoMock, logto_logs: list[Any]) -> None:
    wanted = [logto_logs[:20], logto_logs[20:40], logto_logs[40:60]]
    assert asyncio.run(pages(logto_mock.url, logto_mock.token, range(1, 4))) == wanted


def test_a_count_that_hangs_is_given_up(logto_mock: LogtoMock, logto_logs: list[Any]) -> None:
    assert asyncio.run(count(logto_mock.url, logto_mock.token, timeout=5)) == len(logto_logs)
    logto_mock.faults.add("hang:seconds=30")
    assert asyncio.run(count(logto_mock.url, logto_mock.token, timeout=0.05)) is None
