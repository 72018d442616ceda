"""Suggestions: values that a filter would find, taken from the newest logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from mockserver.contract.document import contract
from mockserver.contract.filters import pairs_of
from mockserver.contract.jsontext import decode

# So many logs show nearly every kind of event, and are read in a few milliseconds.
MOST = 300


def suggestions(logs: Iterable[bytes]) -> dict[str, list[str]]:
    """The values of each documented filter in the first ``MOST`` logs, the most frequent first."""
    found: dict[str, Counter[str]] = {name: Counter() for name in contract().filters}
    for log in islice(logs, MOST):
        for name, value in pairs_of(decode(log)):
            found[name][value] += 1
    return {name: sorted(counter, key=lambda value: (-counter[value], value)) for name, counter in found.items()}
