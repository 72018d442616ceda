"""Filters: where each one looks in a log, and what it takes to match. Everything that filters reads this table.

The table itself is in ``openapi.yaml``: ``x-looks-at`` beside a parameter that filters, such as ``payload.userId``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode

Pairs = tuple[tuple[str, str], ...]


class Filters(NamedTuple):
    """What a log must be to match: the exact text at the place of each filter (name, text), in documented order.

    ``prefixes``: the key must begin with one of them; None: any key.
    """

    values: Pairs = ()
    prefixes: tuple[str, ...] | None = None


EVERYTHING = Filters()


def value_at(log: Any, name: str) -> Any:
    """The value that a filter compares in a log (parsed JSON of any shape); None where there is none."""
    for step in contract().filters[name]:
        log = log.get(step) if isinstance(log, dict) else None
    return log


def pairs_of(log: Any) -> Pairs:
    """Each filter that finds a value in a log, with the text that a database compares: JSON for what is no string."""
    found = ((name, value_at(log, name)) for name in contract().filters)
    return tuple((name, v if isinstance(v, str) else encode(v).decode()) for name, v in found if v is not None)


def matches(log: Any, values: Pairs) -> bool:
    """Whether a log has exactly the text of every filter at its place."""
    return all(value_at(log, name) == value for name, value in values)
