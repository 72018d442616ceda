"""Known deviations: differences from the document that a user accepts.

Each says which check it deviates from, for which requests (``when``), with which answer, and why. ``known.schema.json``
beside this file describes the YAML files that list them. Those of real deployments stand beside the ``x-observed``
facts of the document that explain them, and hold for the versions that the fact holds for.
"""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockserver.contract.document import Contract, contract, read_plain_yaml, validator
from mockserver.contract.errors import MockserverError, unknown
from mockserver.contract.jsontext import decode
from mockserver.contract.profile import version_of
from mockserver.judge.checks import CHECKS
from mockserver.judge.probe import Probe

_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip
_CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|!=|=|>|<|~)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """``name operator value`` on a request: numbers compare as numbers, ``~`` searches a regular expression."""

    name: str
    operator: str
    value: str

    def holds(self, facts: Mapping[str, list[str]]) -> bool:
        """Whether the condition holds for any value that the request gives to the name."""
        return any(self._fits(text) for text in facts.get(self.name, ()))

    def _fits(self, text: str) -> bool:
        if self.operator == "~":
            return re.search(self.value, text) is not None
        if self.operator in ("=", "!="):
            return (text == self.value) is (self.operator == "=")
        try:
            return _NUMERIC[self.operator](float(text), float(self.value))
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Deviation:
    """One accepted difference from ``check``: the request must fulfil ``when``, the answer must have ``answer``.

    Several entries with one ``id`` are one difference. ``sometimes``: it is no news if it does not show. One that has
    ``expired`` explains nothing.
    """

    id: str
    check: str
    when: tuple[Condition, ...]
    answer: tuple[tuple[str, Any], ...]
    reason: str
    expires: datetime.date | None = None
    sometimes: bool = False
    expired: bool = False

    def asks(self, probe: Probe) -> bool:
        """Whether this request could show the deviation. Conditions name parameters, ``query`` or ``method``."""
        facts: dict[str, list[str]] = {"query": [probe.query], "method": [probe.method]}
        for name, text in probe.parameters:
            facts.setdefault(name, []).append(text)
        return all(condition.holds(facts) for condition in self.when)

    def explains(self, probe: Probe, evidence: Mapping[str, Any]) -> bool:
        """Whether both request and answer are those of the deviation."""
        return not self.expired and self.asks(probe) and all(evidence.get(name) == value for name, value in self.answer)


def deviations(path: Path, today: datetime.date) -> tuple[Deviation, ...]:
    """The deviations in a YAML file, of which some may have expired; raises MockserverError if it is not valid."""
    try:
        entries = read_plain_yaml(path.read_bytes())
    except OSError as error:
        complaint = (error.strerror or type(error).__name__).lower()
        raise MockserverError(str(path), complaint, "a readable YAML file of known deviations") from None
    except ValueError as error:
        complaint = f"unreadable YAML ({' '.join(str(error).split())})"
        raise MockserverError(str(path), complaint, "a list of deviations in YAML") from None
    schema = decode(Path(__file__).with_name("known.schema.json").read_bytes())
    for problem in validator(schema).iter_errors(entries):
        raise _complaint(path, schema, problem)
    read = [d for number, entry in enumerate(entries, 1) for d in _read(f"{path}: entry {number}", entry)]
    return tuple(replace(d, expired=d.expires is not None and d.expires < today) for d in read)


def _complaint(path: Path, schema: dict[str, Any], error: Any) -> MockserverError:
    """An error of the validator with its place in the file; a schema's description says what is expected there."""
    owner: Any = schema
    for step in error.schema_path[:-1]:
        owner = owner[step]
    entry = [f"entry {number + 1}" for number in error.instance_path[:1]]
    place = ": ".join([str(path), *entry, *(str(step) for step in error.instance_path[1:2])])
    match error.schema_path[-1]:
        case "additionalProperties":
            return unknown(f"{place}: member", str(error.kind.unexpected[0]), owner["properties"])
        case "required":
            return MockserverError(place, f"no {error.kind.property}", "id, check and reason in every entry")
        case _:
            text = repr(error.instance)
            return MockserverError(place, text if len(text) <= 60 else text[:57] + "...", owner["description"])


def _read(place: str, entry: dict[str, Any]) -> Iterator[Deviation]:
    expires = entry.get("expires") or ""
    try:
        until = datetime.date.fromisoformat(expires) if expires else None
    except ValueError:
        raise MockserverError(f"{place}: expires", expires, "a date such as 2027-06-01") from None
    when, answer = conditions(place, entry.get("when") or ""), tuple((entry.get("answer") or {}).items())
    for name in [entry["check"]] if isinstance(entry["check"], str) else entry["check"]:
        if name not in CHECKS:
            raise unknown(f"{place}: check", name, CHECKS)
        sometimes = bool(entry.get("sometimes"))
        yield Deviation(str(entry["id"]), name, when, answer, str(entry["reason"]), until, sometimes)


def conditions(place: str, text: str) -> tuple[Condition, ...]:
    """The conditions of a ``when`` text, joined by ``and``; none for an empty text, which every request fulfils."""
    return tuple(_condition(f"{place}: when", part) for part in text.split(" and ")) if text else ()


def _condition(place: str, text: str) -> Condition:
    """One condition; raises MockserverError if it could never hold."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise MockserverError(place, repr(text), "NAME OPERATOR VALUE, such as page_size > 100, joined by and")
    condition = Condition(*match.groups())
    expected = f"a number after {condition.operator}"
    try:
        if condition.operator == "~":
            expected = "a regular expression after ~"
            re.compile(condition.value)
        elif condition.operator in _NUMERIC:
            float(condition.value)
    except (re.error, ValueError):
        raise MockserverError(place, repr(condition.value), expected) from None
    return condition


def observed_deviations(document: Contract, version: str) -> tuple[Deviation, ...]:
    """The deviations of one version of Logto, from the observed facts that name theirs; each can name versions too."""
    return tuple(
        deviation
        for fact in document.facts.values()
        for entry in fact.deviations
        if replace(fact, **{bound: entry[bound] for bound in ("since", "before") if bound in entry}).holds(version)
        for deviation in _read(f"openapi.yaml: {fact.name}", {"id": fact.name, "reason": fact.observed, **entry})
    )


def known_deviations(profile: str, *files: str | Path) -> tuple[Deviation, ...]:
    """Return the known deviations: those of an observed profile's version of Logto, and those of YAML files."""
    version = version_of(profile)
    observed = observed_deviations(contract(), version) if version else ()
    today = datetime.datetime.now(datetime.UTC).date()
    return (*observed, *(deviation for file in files if file for deviation in deviations(Path(file), today)))
