"""The memory of an edge: bounded, and only for what comes again."""

from __future__ import annotations

import pytest

from mockserver.edge import front
from mockserver.edge.app import create_app
from mockserver.mock.settings import Settings
from tests.support.cases import asked


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> front.ReplyCache[int]:
    monkeypatch.setattr(front, "_MOST", 2)
    monkeypatch.setattr(front, "_MOST_SEEN", 3)
    made = create_app(Settings(logs="seeded")).wsgi_app
    assert isinstance(made, front.Front)
    return front.ReplyCache(made)


def _keep(memory: front.ReplyCache[int], key: int) -> None:
    answered = memory.front.answer(asked(""))
    assert answered is not None
    assert answered.validity is not None
    memory.keep(key, answered.validity, key)


def test_what_came_twice_is_recalled_with_an_entry_of_its_own(memory: front.ReplyCache[int]) -> None:
    _keep(memory, 1)
    assert memory.recall(1) is None
    _keep(memory, 1)
    recalled = memory.recall(1)
    assert recalled is not None
    assert (recalled[0], recalled[1].id) == (1, 3)


def test_the_oldest_reply_makes_room_for_the_newest(memory: front.ReplyCache[int]) -> None:
    for key in (1, 1, 2, 2, 3, 3):
        _keep(memory, key)
    assert [memory.recall(key) is not None for key in (1, 2, 3)] == [False, True, True]


def test_too_many_requests_that_came_once_are_forgotten(memory: front.ReplyCache[int]) -> None:
    for key in (1, 2, 3, 4, 1):
        _keep(memory, key)
    assert memory.recall(1) is None
