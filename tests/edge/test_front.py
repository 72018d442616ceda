"""Kept replies: bounded in number, and only for what comes again."""

from __future__ import annotations

import pytest

from mockserver.edge import front
from mockserver.edge.sending import Rendered
from mockserver.mock.settings import Settings
from tests.support.cases import asked


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> front.ReplyCache:
    monkeypatch.setattr(front, "_MOST", 2)
    monkeypatch.setattr(front, "_MOST_SEEN", 3)
    return front.ReplyCache(front.open_front(Settings(logs="seeded")))


def _keep(memory: front.ReplyCache, key: int) -> None:
    answered = memory._front.answer(asked(""))
    assert answered is not None
    assert answered.validity is not None
    memory.keep(b"%d" % key, answered.validity, Rendered(answered.reply, "GET"))


def test_what_came_twice_is_recalled_with_an_entry_of_its_own(memory: front.ReplyCache) -> None:
    _keep(memory, 1)
    assert memory.recall(b"1") is None
    _keep(memory, 1)
    recalled = memory.recall(b"1")
    assert recalled is not None
    assert recalled[0].at(0).endswith(b"]")
    assert recalled[1].id == 3


def test_the_oldest_reply_makes_room_for_the_newest(memory: front.ReplyCache) -> None:
    for key in (1, 1, 2, 2, 3, 3):
        _keep(memory, key)
    assert [memory.recall(b"%d" % key) is not None for key in (1, 2, 3)] == [False, True, True]


def test_too_many_requests_that_came_once_are_forgotten(memory: front.ReplyCache) -> None:
    for key in (1, 2, 3, 4, 1):
        _keep(memory, key)
    assert memory.recall(b"1") is None
