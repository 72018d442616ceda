"""Expectations: what a test expects of the recorded requests, and a sentence that says how they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.errors import MockserverError, named, unknown
from mockserver.mock.journal import Entry

_pairs = partial(parse_qsl, keep_blank_values=True)
# What a field of each type takes: how it is described, and whether a JSON value is that.
_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str | None": ("a text", lambda value: isinstance(value, str)),
    "int | None": ("a whole number from 0", lambda value: type(value) is int and value >= 0),
    "Mapping[str, str | None] | None": (
        "an object of texts, null where a name must not be there",
        lambda value: isinstance(value, dict) and all(text is None or isinstance(text, str) for text in value.values()),
    ),
}


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
    status: int | None = None
    fault: str | None = None
    times: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def differences(self, entry: Entry) -> list[str]:
        """How one entry differs, a sentence a field; empty when it matches. Credentials in it are masked."""
        shown = entry.shown()
        sentences = [
            f"{name} is {shown[name]!r}, expected {expected!r}"
            for name, actual in (("method", entry.request.method), ("path", entry.path), ("status", entry.status))
            if (expected := getattr(self, name)) not in (None, actual)
        ]
        sentences += _differences("query", self.query or {}, _pairs(entry.request.query), _pairs(shown["query"]))
        headers = {name.lower(): value for name, value in (self.headers or {}).items()}
        sentences += _differences("header", headers, entry.request.headers, shown["headers"])
        if self.fault is not None and not any(self.fault in (rule, rule.partition(":")[0]) for rule in entry.faults):
            sentences.append(f"fault is {_listed(shown['faults'])}, expected {self.fault!r}")
        return sentences

    def matching(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries that match."""
        return [entry for entry in entries if not self.differences(entry)]

    def verdict(self, entries: Sequence[Entry]) -> str | None:
        """None when as many match as expected; else a sentence: the difference, and how the nearest entry differs."""
        misses = [(entry, differences) for entry in entries if (differences := self.differences(entry))]
        count = len(entries) - len(misses)
        low, high, words = self._bounds()
        if low <= count <= high:
            return None
        values = {name: getattr(self, name) for name in ("method", "path", "query", "headers", "status", "fault")}
        described = ", ".join(f"{name} {value!r}" for name, value in values.items() if value is not None)
        wanted = f"{words} with {described}" if described else words
        sentence = f"Expected {wanted}; {count} of {len(entries)} recorded did."
        if count >= low or not misses:
            return sentence
        nearest, differences = min(reversed(misses), key=lambda miss: len(miss[1]))
        shown = nearest.shown()
        target = shown["path"] + (f"?{shown['query']}" if shown["query"] else "")
        return f"{sentence} The nearest, {shown['method']} {target} (id {nearest.id}): {'; '.join(differences)}."

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


def _differences(
    what: str, expected: Mapping[str, str | None], sent: Sequence[Sequence[str]], shown: Sequence[Sequence[str]]
) -> list[str]:
    """How named values differ: compared as they were ``sent``, described as they may be ``shown``."""
    sentences = []
    for name, value in expected.items():
        values = [sent_value for sent_name, sent_value in sent if sent_name == name]
        if value is None and values:
            sentences.append(f"{what} {name} is there, expected none")
        elif value is not None and value not in values:
            masked = _listed([shown_value for shown_name, shown_value in shown if shown_name == name])
            sentences.append(f"{what} {name} is {masked}, expected {value!r}")
    return sentences


def _listed(values: Sequence[str]) -> str:
    return " and ".join(map(repr, values)) or "not there"


def read_expectation(raw: Any) -> Expectation:
    """The expectation that a JSON value describes; raises MockserverError that lists the fields."""
    if not isinstance(raw, dict):
        raise MockserverError("expectation", named(raw), "an object")
    types = {field.name: _TYPES[str(field.type)] for field in fields(Expectation)}
    for name, value in raw.items():
        if name not in types:
            raise unknown("expectation field", name, types)
        description, is_right = types[name]
        if not is_right(value):
            raise MockserverError(f"expectation: {name}", named(value), description)
    expectation = Expectation(**raw)
    if expectation.times is not None and (expectation.at_least, expectation.at_most) != (None, None):
        raise MockserverError("expectation: times", "it beside at_least or at_most", "one way of counting")
    low, high, _ = expectation._bounds()
    if low > high:
        raise MockserverError("expectation: at_least", f"{low}", f"at most {expectation.at_most}")
    return expectation
