"""Filters: the value that each one compares in a log, and what a log must be to match.

This is the one place that knows it. The table itself is in ``openapi.yaml``: ``x-looks-at`` beside each parameter that
filters, such as ``payload.userId``. Sources, the store, strategies, offences, the judge and the console all use it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode

Pairs = tuple[tuple[str, str], ...]


class Filters(NamedTuple):
    """What a log must be to match: the exact text of each filter (name, text), in documented order.

    ``prefixes``: the key must begin with one of them (None: any key).
    """

    values: Pairs = ()
    prefixes: tuple[str, ...] | None = None


EVERYTHING = Filters()


def value_at(log: Any, name: str) -> Any:
    """The value that a filter compares in a log (parsed JSON of any shape); None when the log has none."""
    for step in contract().filters[name]:
        log = log.get(step) if isinstance(log, dict) else None
    return log


def pairs_of(log: Any) -> Pairs:
    """Each filter that has a value in a log, with the text that a database compares: JSON unless it is a text."""
    values = ((name, value_at(log, name)) for name in contract().filters)
    return tuple((name, v if isinstance(v, str) else encode(v).decode()) for name, v in values if v is not None)


def matches(log: Any, values: Pairs) -> bool:
    """Whether a log has exactly the text of every filter at its place."""
    return all(value_at(log, name) == value for name, value in values)
