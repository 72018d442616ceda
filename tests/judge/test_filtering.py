"""Which values the probes of filters choose among the logs that were seen."""

from __future__ import annotations

from mockserver.judge.inventory import Inventory
from mockserver.judge.probe import PLAIN
from mockserver.judge.probes.filtering import _of_several_logs
from tests.support.samples import a_log


def test_values_are_shared_by_three_logs_and_each_finds_others_too() -> None:
    """Where one value finds no others, nobody sees whether the other filters count."""
    alone, both = [("u1", "a1")] * 3, [("u2", "a2")] * 3
    more, few = [("u2", "a3"), ("u3", "a2")], [("u4", "a4")] * 2

    def chosen(pairs: list[tuple[str, str]]) -> list[str] | None:
        logs = [
            {**(log := a_log(number)), "payload": log["payload"] | {"userId": user, "applicationId": application}}
            for number, (user, application) in enumerate(pairs)
        ]
        found = _of_several_logs(Inventory(100, ((PLAIN, logs),), None, None, {}), ("userId", "applicationId"))
        return found and [value.text for value in found.values()]

    assert chosen([*alone, *both, *more, *few]) == ["u2", "a2"]
    assert chosen([*alone, *few]) == ["u1", "a1"]
    assert chosen(few) is None
