"""The clock: when the generated logs end, and how far the time of the mock is from that of the machine."""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver.contract.errors import MockserverError

_DAY = 86_400
LIVE = "live"


def start_of(now: str, started: float) -> tuple[float, float]:
    """When the generated logs end as the server starts (seconds since 1970), and the seconds to add to the machine's
    clock from then on.

    ``now`` is ``live`` (the start itself), an ISO 8601 moment (time goes on from it), or empty: the start of the
    current day (UTC), so that two servers that start on one day agree. ``started`` is when the server starts, in
    seconds since 1970. Raises MockserverError for a text that is no moment.
    """
    if not now:
        return started // _DAY * _DAY, 0.0
    if now == LIVE:
        return started, 0.0
    end = moment("now", now, f"{LIVE} or a moment as in ISO 8601")
    return end, end - started


def moment(place: str, text: str, expected: str = "a moment as in ISO 8601") -> float:
    """The seconds since 1970 of a date or a time, in UTC unless it says otherwise; raises MockserverError."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        remedy = "for example 2026-11-01 or 2026-11-01T12:00:00Z"
        raise MockserverError(place, repr(text), expected, remedy) from None
