"""When the logs end, and how far the mock's time is from the machine's."""

from __future__ import annotations

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.mock.clock import start_of

NOON = 1_793_016_000.5  # 2026-10-26T12:00:00.5Z
MIDNIGHT = 1_792_972_800.0


@pytest.mark.parametrize(
    ("now", "begun", "shift"),
    [
        ("", MIDNIGHT, 0.0),
        ("live", NOON, 0.0),
        ("2026-10-26", MIDNIGHT, MIDNIGHT - NOON),
        ("2026-10-26T00:00:00Z", MIDNIGHT, MIDNIGHT - NOON),
        ("2026-10-26T02:00:00+02:00", MIDNIGHT, MIDNIGHT - NOON),
        ("1970-01-01", 0.0, -NOON),
        ("0001-01-01", -62_135_596_800.0, -62_135_596_800.0 - NOON),
    ],
)
def test_time_begins_as_told_and_flows_on(now: str, begun: float, shift: float) -> None:
    assert start_of(now, NOON) == (begun, shift)


@pytest.mark.parametrize(
    "now", ["Live", "tomorrow", "2026-13-01", "1793016000", "2026-10-26T25:00", " ", "9999-12-31T23:59:59-12:00"]
)
def test_what_is_no_moment_is_told_in_one_line(now: str) -> None:
    with pytest.raises(
        MockserverError, match=r"now: found '.*', expected live or a moment as in ISO 8601; for example"
    ):
        start_of(now, NOON)
