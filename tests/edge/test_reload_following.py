"""A loop that follows a file reads it again when it has changed, once for each change, and tells what came of it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from mockserver.edge import reload
from mockserver.edge.front import open_front
from mockserver.mock.settings import Settings
from tests.edge.test_reload import lines


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "logs.jsonl"
    path.write_text(lines("a", "b"))
    return path


def test_a_loop_that_follows_a_file_tells_what_it_read_and_what_it_could_not(file: Path) -> None:
    front = open_front(Settings(logs=str(file)))

    async def follow() -> list[str]:
        told: asyncio.Queue[str] = asyncio.Queue()
        task = asyncio.create_task(front.reload.follow(asyncio.Event(), told.put_nowait, True))
        await asyncio.sleep(0)
        file.write_text(lines("c"))
        first = await told.get()
        file.write_text("broken")
        signal.raise_signal(signal.SIGHUP)
        second = await told.get()
        task.cancel()
        return [first, second.partition(":")[0], second.rpartition("\n")[2]]

    assert asyncio.run(follow()) == [
        f"{file}: read again, 1 logs", str(file), "The logs that were read before are still served.",
    ]  # fmt: skip


def test_logs_that_come_from_no_file_are_not_followed() -> None:
    front = open_front(Settings(logs="faker:count=1,users=1"))
    told: list[str] = []
    asyncio.run(asyncio.wait_for(front.reload.follow(asyncio.Event(), told.append, True), 30))
    assert told == []


def test_a_file_that_has_changed_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fifty looks, all but a few come behind the first reading, and find nothing new."""
    front, told, looks = open_front(Settings(logs=str(file))), list[str](), list[reload.State]()
    look = reload.state_of
    monkeypatch.setattr(reload, "_EVERY", 0.001)

    async def follow() -> None:
        stop = asyncio.Event()

        def noted(path: str) -> reload.State:
            looks.append(look(path))
            if len(looks) == 50:
                stop.set()
            return looks[-1]

        monkeypatch.setattr(reload, "state_of", noted)
        task = asyncio.create_task(front.reload.follow(asyncio.Event(), told.append, True))
        file.write_text(lines("c"))
        await stop.wait()
        task.cancel()

    asyncio.run(follow())
    assert told == [f"{file}: read again, 1 logs"]
