"""Generated requests, for what is left of the time."""

from __future__ import annotations

from mockserver.check.court import Court
from mockserver.check.holdings import Holdings

# Of the time that is left; the rest is for what comes last.
SHARE = 0.9


def generated(court: Court, held: Holdings) -> None:
    """What Schemathesis makes of the document."""
    from mockserver.check.generator import generate

    left = court.target.limits.seconds - court.target.seconds
    generate(court.ask, court.seed, left * SHARE)
