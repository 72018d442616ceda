"""Known deviations: differences from the document that are accepted, each for a request, an answer and a reason."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.contract.document import Contract, read_yaml
from mockserver.contract.document import contract as the_contract
from mockserver.contract.errors import MockserverError, unknown
from mockserver.contract.jsontext import encode
from mockserver.judge.checks.check import CHECKS
from mockserver.judge.probe import Probe

MEMBERS = ("id", "rule", "when", "answer", "reason", "expires", "sometimes")
_CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|!=|=|>|<|~)\s*(.+?)\s*")
# Beside the names of parameters, a condition may ask for these of a request.
REQUEST_FACTS = ("query", "method")
OBSERVED = Path(__file__).with_name("logto-1.36.yaml")


@dataclass(frozen=True, slots=True)
class Condition:
    """``name operator value`` on a request: numbers compare as numbers, ``~`` searches a regular expression."""

    name: str
    operator: str
    value: str

    def holds(self, facts: Mapping[str, list[str]]) -> bool:
        """Whether any value that the request gives to the name fits; without one it never does."""
        return any(self._fits(text) for text in facts.get(self.name, ()))

    def _fits(self, text: str) -> bool:
        if self.operator == "~":
            return re.search(self.value, text) is not None
        if self.operator in ("=", "!="):
            return (text == self.value) is (self.operator == "=")
        try:
            left, right = float(text), float(self.value)
        except ValueError:
            return False
        return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[self.operator]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One accepted difference: applies to ``rule`` where the request fits ``when`` and the answer holds ``answer``.

    Several entries of one ``id`` are one difference. ``sometimes``: that it does not show is no news.
    """

    id: str
    rule: str
    when: tuple[Condition, ...]
    answer: tuple[tuple[str, Any], ...]
    reason: str
    expires: datetime.date | None = None
    sometimes: bool = False

    def asks(self, probe: Probe) -> bool:
        """Whether this request could show the deviation."""
        facts: dict[str, list[str]] = {"query": [probe.query], "method": [probe.method]}
        for name, text in probe.parameters:
            facts.setdefault(name, []).append(text)
        return all(condition.holds(facts) for condition in self.when)

    def explains(self, probe: Probe, evidence: Mapping[str, Any]) -> bool:
        """Whether request and answer both fit."""
        return self.asks(probe) and all(evidence.get(name) == value for name, value in self.answer)


def deviations(path: Path, today: datetime.date) -> tuple[Deviation, ...]:
    """The deviations of a YAML file that have not expired; raises MockserverError where one does not read."""
    try:
        raw = read_yaml(path.read_bytes())
    except OSError as error:
        complaint = (error.strerror or type(error).__name__).lower()
        raise MockserverError(str(path), complaint, "a readable YAML file of known deviations") from None
    except ValueError as error:
        complaint = f"no YAML ({' '.join(str(error).split())})"
        raise MockserverError(str(path), complaint, "a list of deviations in YAML") from None
    if not isinstance(raw, list):
        raise MockserverError(str(path), type(raw).__name__, "a list of deviations, each with id, rule and reason")
    found = [d for number, entry in enumerate(raw, 1) for d in _read(f"{path}: entry {number}", entry)]
    return tuple(d for d in found if d.expires is None or d.expires >= today)


def _read(place: str, raw: Any) -> Iterable[Deviation]:
    if not isinstance(raw, dict):
        raise MockserverError(place, repr(raw), f"an object of {', '.join(MEMBERS)}")
    for name in raw:
        if name not in MEMBERS:
            raise unknown(f"{place}: member", str(name), MEMBERS)
    for name in ("id", "rule", "reason"):
        if not raw.get(name):
            raise MockserverError(place, f"no {name}", "id, rule and reason in every entry")
    expires = raw.get("expires")
    # A moment is a date to Python, and cannot be compared with one.
    if expires is not None and type(expires) is not datetime.date:
        raise MockserverError(f"{place}: expires", str(expires), "a date such as 2027-06-01")
    when, answer = conditions(place, str(raw.get("when") or "")), raw.get("answer") or {}
    if not isinstance(answer, dict):
        raise MockserverError(f"{place}: answer", repr(answer), "an object such as {status: 400}")
    for rule in raw["rule"] if isinstance(raw["rule"], list) else [raw["rule"]]:
        if not isinstance(rule, str) or rule not in CHECKS:
            raise unknown(f"{place}: rule", str(rule), CHECKS)
        sometimes = raw.get("sometimes") is True
        yield Deviation(str(raw["id"]), rule, when, tuple(answer.items()), str(raw["reason"]), expires, sometimes)


def conditions(place: str, text: str) -> tuple[Condition, ...]:
    """The conditions of a ``when`` text, joined by ``and``; empty for every request."""
    found = []
    for part in text.split(" and ") if text else ():
        condition = _CONDITION.fullmatch(part)
        if condition is None:
            raise MockserverError(
                f"{place}: when", repr(part), "NAME OPERATOR VALUE, such as page_size > 100, joined by and"
            )
        found.append(Condition(*condition.groups()))
        _see_that_it_can_hold(place, found[-1])
    return tuple(found)


def _see_that_it_can_hold(place: str, condition: Condition) -> None:
    """Raise MockserverError for a pattern that is none, and for a bound that is no number and would never hold."""
    if condition.operator in ("=", "!="):
        return
    pattern = condition.operator == "~"
    try:
        re.compile(condition.value) if pattern else float(condition.value)
    except (re.error, ValueError):
        expected = "a regular expression after ~" if pattern else f"a number after {condition.operator}"
        raise MockserverError(f"{place}: when", repr(condition.value), expected) from None


def observed_entries(contract: Contract) -> list[dict[str, Any]]:
    """The entries of the file for Logto 1.36, made from the facts that say what they deviate from."""
    return [
        {"id": fact.name, **deviation, "reason": fact.observed}
        for fact in contract.facts.values()
        for deviation in fact.deviations
    ]


def observed_file(contract: Contract) -> str:
    """The text of the file for Logto 1.36: YAML whose values are JSON, which YAML contains."""
    entries = (
        "- " + "\n  ".join(f"{name}: {encode(value).decode()}" for name, value in entry.items())
        for entry in observed_entries(contract)
    )
    return "\n".join(
        ["# Made from the x-observed facts of openapi.yaml by `python -m mockserver.judge.known`.", *entries, ""]
    )


if __name__ == "__main__":
    OBSERVED.write_text(observed_file(the_contract()), "utf-8")
