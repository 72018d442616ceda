"""Shapes: what a report says of a value in place of the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def shape(value: Any) -> str:
    """The JSON type of ``value`` with its length: ``a string of 22 characters``, ``an array of 3``."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return f"a string of {len(value)} characters"
        case list():
            return f"an array of {len(value)}"
        case _:
            return f"an object of {len(value)} members"


def spans(positions: Sequence[int | None]) -> str:
    """Positions within a listing as spans, such as ``logs 0-4, 7``; None for logs that are not in it."""
    parts: list[list[int | None]] = []
    for position in positions:
        last = parts[-1][-1] if parts else None
        if parts and (position is None) == (last is None) and (position is None or position == (last or 0) + 1):
            parts[-1].append(position)
        else:
            parts.append([position])
    if not parts:
        return "no logs"
    return ("" if parts[0][0] is None else "logs ") + ", ".join(_span(part) for part in parts)


def _span(part: list[int | None]) -> str:
    if part[0] is None:
        return "1 other log" if len(part) == 1 else f"{len(part)} other logs"
    return str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}"
