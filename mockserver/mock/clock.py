"""Moments: when the generated logs end, and how far the mock's time is from this machine's."""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver.contract.errors import MockserverError

_DAY = 86_400
LIVE = "live"


def start_of(now: str, started: float) -> tuple[float, float]:
    """The moment at which the set ends when the server starts, and the seconds to add to the machine's clock from
    then on.

    ``now`` is ``live`` (the start itself), an ISO 8601 moment (time flows on from it), or empty: the start of the
    current day (UTC), so that two servers started on one day agree. ``started`` is in seconds since 1970. Raises
    MockserverError for what is no moment.
    """
    if not now:
        return started // _DAY * _DAY, 0.0
    if now == LIVE:
        return started, 0.0
    try:
        moment = datetime.fromisoformat(now)
        begun = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        raise MockserverError(
            "now", repr(now), f"{LIVE} or a moment as in ISO 8601", "for example 2026-11-01 or 2026-11-01T12:00:00Z"
        ) from None
    return begun, begun - started
