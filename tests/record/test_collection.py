"""A collection keeps logs once, in order, and only for the run that it belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.record.collection import Collection, collection
from tests.support.samples import a_log, some_logs


def test_logs_of_any_order_come_newest_first_and_those_of_one_moment_as_they_came() -> None:
    logs = [a_log(number) | {"createdAt": number // 2} for number in (3, 6, 2, 7, 0)]
    with collection("", "") as kept:
        assert kept.add("here", logs, lambda log: log) == 5
        assert kept.add("here", [*logs, a_log(9) | {"createdAt": -1.5}], lambda log: log) == 1
        found = [json.loads(text)["createdAt"] for text in kept.newest_first()]
        assert (found, len(kept)) == ([3, 3, 1, 1, 0, -1.5], 6)
        kept.keep(3, 1)
        assert [json.loads(text) for text in kept.newest_first()] == [logs[1], logs[3], logs[0]]
        assert len(kept) == 3


def broken(path: Path, purpose: str, *steps: Callable[[Collection], object]) -> None:
    """Does these steps with a collection, and then breaks off."""
    with pytest.raises(KeyError), collection(str(path), purpose) as logs:
        _ = [step(logs) for step in steps] + [{}["no such step"]]


def adding(count: int) -> Callable[[Collection], object]:
    return lambda logs: logs.add("here", some_logs(count), lambda log: log)


def test_a_file_is_kept_while_its_run_is_not_over(tmp_path: Path) -> None:
    path = tmp_path / "part"
    commit = lambda logs: logs.commit([1, 2])  # noqa: E731  # a step
    broken(path, "mine", adding(3), lambda logs: logs.owner(7, 70), commit, adding(5))
    with collection(str(path), "mine") as logs:
        assert (len(logs), logs.progress, logs.owner(7, 71), logs.owner(8, 80)) == (3, [1, 2], 70, 80)
    assert not path.exists()


def test_a_file_without_logs_is_not_kept_and_belongs_to_nobody(tmp_path: Path) -> None:
    path, copy = tmp_path / "part", tmp_path / "copy"
    broken(path, "mine", lambda logs: copy.hardlink_to(path))
    assert not path.exists()
    with collection(str(copy), "yours") as logs:
        assert logs.progress is None


def test_a_file_of_another_run_or_another_program_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "part"

    def refused(purpose: str, told: str, place: str = "") -> None:
        with pytest.raises(MockserverError, match=told):
            collection(f"{path}{place}", purpose).__enter__()

    broken(path, "mine", adding(3), Collection.commit, lambda _: refused("mine", r"part: found database is locked"))
    refused("yours", r"part: found logs of a run with another target, key, filter.*its key too")
    path.write_bytes(b"no database" * 100)
    refused("mine", r"part: found file is not a database")
    refused("mine", r"unable to open database file", "/x")
    assert path.exists()
