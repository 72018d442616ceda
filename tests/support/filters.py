"""Filters as a test writes them, and what they mean: transcribed from Logto's documentation, not from our document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.contract.filters import Filters

LOOKS: dict[str, Callable[[Any], Any]] = {
    "userId": lambda log: log["payload"].get("userId"),
    "applicationId": lambda log: log["payload"].get("applicationId"),
    "logKey": lambda log: log["key"],
}


def by(prefixes: tuple[str, ...] | None = None, **texts: str | None) -> Filters:
    """Returns the filters with these names and texts; None does not filter."""
    return Filters(tuple((name, text) for name in LOOKS if (text := texts.get(name)) is not None), prefixes)


def is_wanted(log: Any, filters: Filters) -> bool:
    """Returns whether a log matches the filters."""
    listed = filters.prefixes is None or any(log["key"].startswith(prefix) for prefix in filters.prefixes)
    return listed and all(LOOKS[name](log) == text for name, text in filters.values)
