"""Checks of the logs on a page, and of what was seen of them before."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.judge.checks.check import CAPACITY, SeenLogs
from mockserver.judge.probe import PLAIN
from tests.judge.test_checks import KEY, LOGS, breaks_of, page
from tests.support.samples import a_log


def remembering(*logs: Any) -> SeenLogs:
    memory = SeenLogs()
    memory.learn(list(logs))
    return memory


@pytest.mark.parametrize("logs", [LOGS[:9], [{**log, "createdAt": number} for number, log in enumerate(LOGS)]])
def test_few_logs_of_one_time_and_several_times_that_are_none_of_ours_prove_nothing(logs: list[dict[str, Any]]) -> None:
    if len(logs) < 10:
        logs = [{**log, "createdAt": 0} for log in logs]
    assert breaks_of("created-at-unit", PLAIN, page(logs)) == []


def test_a_boolean_is_no_time_in_another_unit() -> None:
    assert breaks_of("created-at-unit", PLAIN, page([{**log, "createdAt": True} for log in LOGS])) == []


@pytest.mark.parametrize("first", [1.76e9, 1.76e15, 1.76e18, 638_955_968e9, 134_044_736e9])
def test_other_units_are_seconds_and_finer_and_ticks_since_the_year_1_and_since_1601(first: float) -> None:
    logs = [{**log, "createdAt": int(first) + number} for number, log in enumerate(LOGS)]
    (broken,) = breaks_of("created-at-unit", PLAIN, page(logs)) or ()
    assert broken.came == "another unit in 30 logs"


def test_a_log_that_changed_is_found_by_what_changed() -> None:
    later = {**LOGS[0], "createdAt": 1}
    (broken,) = breaks_of("log-unchanged", PLAIN, page([later]), remembering(LOGS[0])) or ()
    assert (broken.subject, broken.came) == ("createdAt", "another createdAt")
    assert breaks_of("log-unchanged", PLAIN, page([LOGS[0], 7, {"id": ""}]), remembering(LOGS[0])) == []


WRITTEN: dict[str, Any] = {"key": KEY, "result": "Success", "userId": "u", "ip": "192.0.2.1"}


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"more": 1}, "more"),
        ({"payload": {**WRITTEN, "more": 1}}, "payload"),
        ({"payload": {**WRITTEN, "userId": None}}, "payload"),
        ({"payload": {"key": KEY, "result": "Success"}}, "payload"),
    ],
)
def test_a_log_that_gains_or_loses_members_is_an_event(changes: dict[str, Any], subject: str) -> None:
    written = {**LOGS[0], "payload": WRITTEN}
    memory, later = remembering(written), {**written, **changes}
    (broken,) = breaks_of("log-edited", PLAIN, page([later]), memory) or ()
    assert (broken.subject, broken.came) == (subject, f"another {subject}")
    assert breaks_of("log-unchanged", PLAIN, page([later]), memory) == []


def test_a_log_that_is_again_as_it_was_is_no_event() -> None:
    """Two copies of a log that take turns are a break, not an edit."""
    written = {**LOGS[0], "payload": WRITTEN}
    memory = remembering(written, {**written, "payload": {**WRITTEN, "userId": None}})
    assert breaks_of("log-unchanged", PLAIN, page([written]), memory)
    assert breaks_of("log-edited", PLAIN, page([written]), memory) == []


def test_another_value_in_a_payload_is_no_event() -> None:
    written, later = ({**LOGS[0], "payload": {**WRITTEN, "userId": name}} for name in ("u", "v"))
    assert breaks_of("log-unchanged", PLAIN, page([later]), remembering(written))
    assert breaks_of("log-edited", PLAIN, page([later]), remembering(written)) == []


def test_logs_of_another_tenant_than_before_are_found() -> None:
    assert breaks_of("one-tenant", PLAIN, page([{**LOGS[0], "tenantId": "other"}]), remembering(LOGS[1]))


def test_memory_learns_logs_alone_and_not_for_ever() -> None:
    memory = remembering(None, {"no": "id"})
    assert len(memory.logs) == 1
    memory.learn([a_log(number) for number in range(CAPACITY)])
    assert len(memory.logs) == CAPACITY


@pytest.mark.parametrize(
    ("changes", "expected", "came", "subject"),
    [
        ({"createdAt": "now"}, "of type number", "a string of 3 characters at /0/createdAt", "createdAt/type"),
        ({"tenantId": []}, "of type string", "an array of 0 at /0/tenantId", "tenantId/type"),
        ({"id": True}, "of type string", "a boolean at /0/id", "id/type"),
        ({"key": None}, "of type string", "null at /0/key", "key/type"),
        ({"id": "x" * 22}, "maxLength 21", "a string of 22 characters at /0/id", "id/maxLength"),
        (
            {"payload": {"key": "A"}},
            "the member result", "an object of 1 members at /0/payload", "payload/required/result",
        ),
        (
            {"payload": {"key": "A", "result": "Pending"}},
            "one of Success, Error", "a string of 7 characters at /0/payload/result",
            "payload/properties/result/enum",
        ),
        (
            {"payload": {"key": "A", "result": "Error", "error": 7}},
            "one of the types object, string", "a number at /0/payload/error", "payload/properties/error/oneOf",
        ),
    ],
)  # fmt: skip
def test_each_break_of_the_schema_is_told_in_words(
    changes: dict[str, Any], expected: str, came: str, subject: str
) -> None:
    (broken,) = breaks_of("schema", PLAIN, page([{**LOGS[0], **changes}])) or ()
    assert (broken.expected, broken.came, broken.subject) == (expected, came, f"log/properties/{subject}")
