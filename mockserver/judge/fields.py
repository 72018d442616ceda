"""Fields: where in a log each filter looks, and which values may come back for the one that was asked."""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import contract

# A filter named like a member of payload looks there; logKey, which is none, looks at the log's own key.
_KEY = "key"


def steps(name: str) -> tuple[str, ...]:
    """The way from a log to the member that a filter looks at."""
    members = contract().log_schema["properties"]["payload"]["properties"]
    return ("payload", name) if name in members else (_KEY,)


def field(log: Any, name: str) -> Any:
    """The value that a filter looks at; None where there is none."""
    for step in steps(name):
        log = log.get(step) if isinstance(log, dict) else None
    return log


def matches(log: Any, filters: tuple[tuple[str, str], ...]) -> bool:
    """Whether a log matches every filter exactly."""
    return all(field(log, name) == value for name, value in filters)


def resembles(found: Any, asked: str) -> bool:
    """Whether ``found`` is what a careless comparison takes for ``asked``: another case, a part, a pattern, trimmed."""
    right = asked.strip().casefold()
    pieces = [piece for piece in right.replace("*", "%").replace("_", "%").replace(".", "%").split("%") if piece]
    if not isinstance(found, str):
        return not pieces
    left = found.strip().casefold()
    return left in right or all(piece in left for piece in pieces)
