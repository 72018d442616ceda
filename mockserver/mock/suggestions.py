"""Suggestions: values that a filter would find, taken from the newest logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from mockserver.contract.document import contract
from mockserver.contract.jsontext import decode
from mockserver.logs.file import row
from mockserver.logs.source import Filters

# So many logs show nearly every kind of event, and are read in a few milliseconds.
MOST = 300


def suggestions(logs: Iterable[bytes]) -> dict[str, list[str]]:
    """The values of each documented filter in the first ``MOST`` logs, the most frequent first."""
    found: dict[str, Counter[str]] = {name: Counter() for name in contract().filters}
    for log in islice(logs, MOST):
        each = row(decode(log))
        values = Filters(each.user, each.application, each.key)
        for name, counter in found.items():
            value = getattr(values, name)
            if value is not None:
                counter[value] += 1
    return {name: sorted(counter, key=lambda value: (-counter[value], value)) for name, counter in found.items()}
