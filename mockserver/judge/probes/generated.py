"""Generated requests, for what is left of the time."""

from __future__ import annotations

from mockserver.judge.inventory import Inventory
from mockserver.judge.session import Session

# Of the time that is left; the rest is for what comes last.
SHARE = 0.9


def generated(session: Session, inventory: Inventory) -> None:
    """What Schemathesis makes of the document."""
    from mockserver.judge.generator import generate

    left = session.target.limits.seconds - session.target.seconds
    generate(session.ask, session.seed, left * SHARE)
