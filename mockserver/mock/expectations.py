"""Expectations: what a test expects of the recorded requests, and a sentence that says how they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qsl

from mockserver.contract.errors import MockserverError, lookup, named
from mockserver.mock.journal import Entry

Count = Annotated[int | None, {"minimum": 0}]
_pairs = partial(parse_qsl, keep_blank_values=True)
# What a field of each type takes: how it is described, and whether a JSON value is that.
_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str | None": ("a text", lambda value: isinstance(value, str)),
    "Count": ("a whole number from 0", lambda value: type(value) is int and value >= 0),
    "Mapping[str, str | None] | None": (
        "an object of texts, null where a name must not be there",
        lambda value: isinstance(value, dict) and all(text is None or isinstance(text, str) for text in value.values()),
    ),
}

# An entry, and what it misses: (field, name).
Compared = tuple[Entry, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an entry must be to match (left out: anything), and how many must match.

    ``query`` and ``headers`` name values that must be among those sent; a value of None: the name must not be there.
    ``fault`` is a kind or a whole rule text. ``times`` is exact; without it at least ``at_least`` (1 unless
    ``at_most`` is given alone) and at most ``at_most``.
    """

    method: str | None = None
    path: str | None = None
    query: Mapping[str, str | None] | None = None
    headers: Mapping[str, str | None] | None = None
    status: Count = None
    fault: str | None = None
    times: Count = None
    at_least: Count = None
    at_most: Count = None

    def misses(self, entry: Entry) -> list[tuple[str, str]]:
        """What one entry misses: (field, name), the name empty but for query and headers; empty when it matches."""
        actual = {"method": entry.request.method, "path": entry.path, "status": entry.status}
        misses = [(name, "") for name, value in actual.items() if getattr(self, name) not in (None, value)]
        if self.query:
            misses += [("query", name) for name in _missed(self.query, _pairs(entry.request.query))]
        if self.headers:
            misses += [("header", name) for name in _missed(self._lower_headers(), entry.request.headers)]
        if self.fault is not None and not any(self.fault in (rule, rule.partition(":")[0]) for rule in entry.faults):
            misses.append(("fault", ""))
        return misses

    def differences(self, entry: Entry) -> list[str]:
        """How one entry differs, a sentence a miss; credentials in it are masked."""
        shown = entry.shown()
        sent = {"query": _pairs(shown["query"]), "header": shown["headers"]}
        sentences = []
        for field, name in self.misses(entry):
            if field in sent:
                expected = (self.query or {} if field == "query" else self._lower_headers())[name]
                values = _listed([value for sent_name, value in sent[field] if sent_name == name])
                is_there = f"{field} {name} is there, expected none"
                sentences.append(is_there if expected is None else f"{field} {name} is {values}, expected {expected!r}")
            else:
                value = _listed(shown["faults"]) if field == "fault" else repr(shown[field])
                sentences.append(f"{field} is {value}, expected {getattr(self, field)!r}")
        return sentences

    def verdict(self, compared: Sequence[Compared]) -> str | None:
        """None when as many match as expected; else a sentence: the difference, and how the nearest entry differs."""
        misses = [(entry, misses) for entry, misses in compared if misses]
        count = len(compared) - len(misses)
        low, high, words = self._bounds()
        if low <= count <= high:
            return None
        values = {name: getattr(self, name) for name in ("method", "path", "query", "headers", "status", "fault")}
        described = ", ".join(f"{name} {value!r}" for name, value in values.items() if value is not None)
        wanted = f"{words} with {described}" if described else words
        sentence = f"Expected {wanted}; {count} of {len(compared)} recorded did."
        if count >= low or not misses:
            return sentence
        nearest, _ = min(reversed(misses), key=lambda miss: len(miss[1]))
        shown = nearest.shown()
        target = shown["path"] + (f"?{shown['query']}" if shown["query"] else "")
        differences = "; ".join(self.differences(nearest))
        return f"{sentence} The nearest, {shown['method']} {target} (id {nearest.id}): {differences}."

    def _lower_headers(self) -> dict[str, str | None]:
        return {name.lower(): value for name, value in (self.headers or {}).items()}

    def _bounds(self) -> tuple[int, float, str]:
        """How many requests must match: at least, at most, and both in words."""
        if self.times is not None:
            return self.times, self.times, f"exactly {_requests(self.times)}"
        if self.at_most is not None:
            low = self.at_least or 0
            return low, self.at_most, f"{low} to {_requests(self.at_most)}"
        low = 1 if self.at_least is None else self.at_least
        return low, math.inf, f"at least {_requests(low)}"


def _requests(count: int) -> str:
    return f"{count} request" if count == 1 else f"{count} requests"


def _missed(expected: Mapping[str, str | None], sent: Sequence[tuple[str, str]]) -> list[str]:
    """The names that are there and should not be, or lack the expected value."""
    names = {name for name, _ in sent}
    return [name for name, value in expected.items() if (name in names if value is None else (name, value) not in sent)]


def _listed(values: Sequence[str]) -> str:
    return " and ".join(map(repr, values)) or "not there"


def read_expectation(raw: Any) -> Expectation:
    """The expectation that a JSON value describes; raises MockserverError that lists the fields."""
    if not isinstance(raw, dict):
        raise MockserverError("expectation", named(raw), "an object")
    types = {field.name: _TYPES[str(field.type)] for field in fields(Expectation)}
    for name, value in raw.items():
        description, is_right = lookup("expectation field", name, types)
        if not is_right(value):
            raise MockserverError(f"expectation: {name}", named(value), description)
    expectation = Expectation(**raw)
    if expectation.times is not None and (expectation.at_least, expectation.at_most) != (None, None):
        raise MockserverError("expectation: times", "it beside at_least or at_most", "one way of counting")
    low, high, _ = expectation._bounds()
    if low > high:
        raise MockserverError("expectation: at_least", f"{low}", f"at most {expectation.at_most}")
    return expectation
