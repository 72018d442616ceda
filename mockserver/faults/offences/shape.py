"""Logs of a wrong shape: everything that the schema demands of a log has an offence here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from mockserver.contract.document import Log, contract
from mockserver.faults.offences.changes import Change, each_log
from mockserver.faults.offences.offence import Offence, listed
from mockserver.faults.offences.page import HonestPage

Path = tuple[str, ...]
# The step of a path for properties that the schema does not name, and the name that such a property gets here.
_ANY, _ANY_NAME = "*", "country"

# A value of another type than the documented one.
_WRONG: dict[str, Any] = {"object": ["no", "object"], "number": "1767225600000"}
_WRONG_ELSE = 42


class Property(NamedTuple):
    """A property of a log: the steps to it, its schema, and whether the object around it requires it."""

    path: Path
    schema: dict[str, Any]
    required: bool

    @property
    def name(self) -> str:
        """The end of the names of its offences."""
        return "-".join("value" if step == _ANY else step for step in self.path)


def offences() -> Iterator[Offence]:
    """Every offence against the schema of a log, in the document's order."""
    for each in _properties((), contract().log_schema):
        yield from listed({f"{kind}-{each.name}": change for kind, change in _changes(each)})


def _properties(path: Path, schema: dict[str, Any]) -> Iterator[Property]:
    named = [(name, inner, name in schema.get("required", ())) for name, inner in schema.get("properties", {}).items()]
    if isinstance(schema.get("additionalProperties"), dict):
        named.append((_ANY, schema["additionalProperties"], False))
    for name, inner, required in named:
        yield Property((*path, name), inner, required)
        yield from _properties((*path, name), inner)


def put(log: Log, path: Path, value: Any) -> Log:
    """The log with the value at that path; objects on the way are made when there are none."""
    step, rest = (_ANY_NAME if path[0] == _ANY else path[0]), path[1:]
    inner = log.get(step)
    return {**log, step: put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def drop(log: Log, path: Path) -> Log:
    """The log without the property at that path."""
    step, rest = path[0], path[1:]
    if rest:
        return {**log, step: drop(log[step], rest)}
    return {name: value for name, value in log.items() if name != step}


def _changes(p: Property) -> Iterator[tuple[str, Change]]:
    """What breaks each statement of a property, with the beginning of its name."""
    if p.required:
        yield "missing", each_log(lambda page, log: drop(log, p.path))
    wanted = p.schema.get("type") or " or ".join(choice["type"] for choice in p.schema["oneOf"])
    values: dict[str, Callable[[Log], Any]] = {"wrong-type": lambda log: _WRONG.get(wanted, _WRONG_ELSE)}
    # Deeper ones teach nothing new: a validator that sees null in payload sees it below.
    if len(p.path) <= 2:
        values["null"] = lambda log: None
    if p.schema.get("enum"):
        values |= {"unknown": lambda log: "Unknown", "lower-case": lambda log: _at(log, p.path).lower()}
    if "maxLength" in p.schema:
        values["too-long"] = lambda log: _at(log, p.path).ljust(p.schema["maxLength"] + 1, "x")
    if "minLength" in p.schema:
        values["too-short"] = lambda log: _at(log, p.path)[: p.schema["minLength"] - 1]
    for kind, value in values.items():
        yield kind, each_log(partial(_put, p.path, value))


def _put(path: Path, value: Callable[[Log], Any], page: HonestPage, log: Log) -> Log:
    return put(log, path, value(log))


def _at(log: Log, path: Path) -> str:
    value: Any = log
    for step in path:
        value = value[step]
    return str(value)
