"""Expectations: what a test says of the requests that were made, and the sentence that says how they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.errors import MockserverError, unknown
from mockserver.mock.journal import Entry


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
        """How one entry differs, a sentence a field; empty when it matches."""
        shown = entry.shown()
        found = [
            f"{name} is {shown[name]!r}, expected {wanted!r}"
            for name, is_so in (("method", entry.request.method), ("path", entry.path), ("status", entry.status))
            if (wanted := getattr(self, name)) is not None and wanted != is_so
        ]
        found += _differing("query", self.query or {}, _pairs(entry.request.query), _pairs(shown["query"]))
        lower = {name.lower(): value for name, value in (self.headers or {}).items()}
        found += _differing("header", lower, entry.request.headers, shown["headers"])
        if self.fault is not None and not any(self.fault in (rule, rule.partition(":")[0]) for rule in entry.faults):
            found.append(f"fault is {_told(shown['faults'])}, expected {self.fault!r}")
        return found

    def matching(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries that match."""
        return [entry for entry in entries if not self.differences(entry)]

    def verdict(self, entries: Sequence[Entry]) -> str | None:
        """None when as many match as expected; else a sentence: the difference, and how the nearest entry differs."""
        count = len(self.matching(entries))
        low, high, words = self._span()
        if low <= count and (high is None or count <= high):
            return None
        sentence = f"Expected {words}{self._said()}; {count} of {len(entries)} recorded did."
        others = [(entry, self.differences(entry)) for entry in entries]
        misses = [pair for pair in others if pair[1]]
        if count >= low or not misses:
            return sentence
        nearest, differences = min(reversed(misses), key=lambda pair: len(pair[1]))
        shown = nearest.shown()
        target = shown["path"] + (f"?{shown['query']}" if shown["query"] else "")
        return f"{sentence} The nearest, {shown['method']} {target} (id {nearest.id}): {'; '.join(differences)}."

    def _span(self) -> tuple[int, int | None, str]:
        if self.times is not None:
            return self.times, self.times, f"exactly {_requests(self.times)}"
        if self.at_most is not None:
            low = self.at_least or 0
            return low, self.at_most, f"{low} to {_requests(self.at_most)}"
        low = 1 if self.at_least is None else self.at_least
        return low, None, f"at least {_requests(low)}"

    def _said(self) -> str:
        asked = {name: getattr(self, name) for name in ("method", "path", "query", "headers", "status", "fault")}
        said = ", ".join(f"{name} {value!r}" for name, value in asked.items() if value is not None)
        return f" with {said}" if said else ""


def _requests(count: int) -> str:
    return f"{count} request" if count == 1 else f"{count} requests"


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _differing(
    what: str, wanted: Mapping[str, str | None], sent: Sequence[Sequence[str]], shown: Sequence[Sequence[str]]
) -> list[str]:
    """How named values differ: compared as they were sent, told as they may be shown."""
    found = []
    for name, value in wanted.items():
        values = [each for named, each in sent if named == name]
        if value is None and values:
            found.append(f"{what} {name} is there, expected none")
        elif value is not None and value not in values:
            told = _told([each for named, each in shown if named == name])
            found.append(f"{what} {name} is {told}, expected {value!r}")
    return found


def _told(values: Sequence[str]) -> str:
    return " and ".join(map(repr, values)) or "not there"


def read_expectation(raw: Any) -> Expectation:
    """The expectation that a JSON value describes; raises MockserverError that lists the fields."""
    if not isinstance(raw, dict):
        raise MockserverError("expectation", _named(raw), "an object")
    known = [field.name for field in fields(Expectation)]
    for name, value in raw.items():
        if name not in known:
            raise unknown("expectation field", name, known)
        check, expected = _CHECKS[name]
        if not check(value):
            raise MockserverError(f"expectation: {name}", _named(value), expected)
    expectation = Expectation(**raw)
    if expectation.times is not None and (expectation.at_least, expectation.at_most) != (None, None):
        raise MockserverError("expectation: times", "it beside at_least or at_most", "one way of counting")
    if (expectation.at_least or 0) > (math.inf if expectation.at_most is None else expectation.at_most):
        raise MockserverError("expectation: at_least", f"{expectation.at_least}", f"at most {expectation.at_most}")
    return expectation


def _named(value: Any) -> str:
    return {dict: "an object", list: "an array", type(None): "null"}.get(type(value), repr(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pairs(value: Any) -> bool:
    return isinstance(value, dict) and all(each is None or isinstance(each, str) for each in value.values())


_TEXT = (_is_text, "a text")
_COUNT = (_is_count, "a whole number from 0")
_PAIRS = (_is_pairs, "an object of texts, null where a name must not be there")
_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "method": _TEXT, "path": _TEXT, "query": _PAIRS, "headers": _PAIRS, "status": _COUNT, "fault": _TEXT,
    "times": _COUNT, "at_least": _COUNT, "at_most": _COUNT,
}  # fmt: skip
