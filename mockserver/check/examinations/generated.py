"""Generated requests, for what is left of the time."""

from __future__ import annotations

from mockserver.check.session import Session
from mockserver.check.holdings import Inventory

# Of the time that is left; the rest is for what comes last.
SHARE = 0.9


def generated(session: Session, inventory: Inventory) -> None:
    """What Schemathesis makes of the document."""
    from mockserver.check.generator import generate

    left = session.target.limits.seconds - session.target.seconds
    generate(session.ask, session.seed, left * SHARE)
