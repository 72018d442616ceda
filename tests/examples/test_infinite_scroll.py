"""Infinite scroll: each log once, to the end, even if new logs arrive or a page fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import LogtoMock


class Feed:
    """The code under test: the rows so far, and more of them when somebody scrolls."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._next: str | None = "/api/logs?page_size=10"
        self.rows: list[Any] = []
        self.failed = False

    @property
    def has_more(self) -> bool:
        return self._next is not None

    def scroll(self) -> None:
        if self._next is None:
            return
        try:
            response = self._client.get(self._next).raise_for_status()
        except httpx.HTTPError:
            self.failed = True
            return
        self.failed = False
        known = {row["id"] for row in self.rows}
        self.rows += [log for log in response.json() if log["id"] not in known]
        self._next = response.links.get("next", {}).get("url")


@pytest.fixture
def feed(logto_mock: LogtoMock) -> Iterator[Feed]:
    with httpx.Client(base_url=logto_mock.url, headers={"Authorization": f"Bearer {logto_mock.token}"}) as client:
        yield Feed(client)


def test_scrolling_shows_every_log_once(feed: Feed, logto_logs: list[Any]) -> None:
    while feed.has_more:
        feed.scroll()
    assert feed.rows == logto_logs
    feed.scroll()
    assert feed.rows == logto_logs


def test_a_log_that_arrives_meanwhile_repeats_no_row(feed: Feed, logto_mock: LogtoMock, logto_logs: list[Any]) -> None:
    feed.scroll()
    logto_mock.logs.add("Interaction.Create")
    while feed.has_more:
        feed.scroll()
    assert feed.rows == logto_logs


@pytest.mark.logto(faults=["status:code=503,page=2,times=1"])
def test_a_page_that_fails_keeps_the_rows_and_can_be_tried_again(feed: Feed, logto_logs: list[Any]) -> None:
    feed.scroll()
    feed.scroll()
    assert (feed.failed, feed.rows) == (True, logto_logs[:10])
    feed.scroll()
    assert (feed.failed, feed.rows) == (False, logto_logs[:20])
