"""Logs of a wrong shape: everything that the schema demands of a log has an offence here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mockserver.contract.document import Log, contract
from mockserver.faults.offences.changes import Change, each_log
from mockserver.faults.offences.offence import Offence, Product

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


def offences() -> Iterator[Offence]:
    """Every offence against the schema of a log, in the document's order."""
    properties = _properties((), contract().log_schema)
    members = {"-".join("value" if step == _ANY else step for step in each.path): each for each in properties}
    yield from Product("shape", {"what": _BREAKS, "member": members}, _broken, bare=True)


def _broken(what: Callable[[Property], Callable[[Log], Log] | None], member: Property) -> Change | None:
    change = what(member)
    return change and each_log(lambda page, log: change(log))


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


def _as(p: Property, value: Callable[[str], Any]) -> Callable[[Log], Log]:
    """The log with another value of a property, made from the text of the old one."""
    return lambda log: put(log, p.path, value(_at(log, p.path)))


# What breaks a statement of a property; None if the document does not make it.
_BREAKS: dict[str, Callable[[Property], Callable[[Log], Log] | None]] = {
    "missing": lambda p: (lambda log: drop(log, p.path)) if p.required else None,
    "wrong-type": lambda p: _as(p, lambda old: _WRONG.get(p.schema.get("type", ""), _WRONG_ELSE)),
    # Deeper ones teach nothing new: a validator that sees null in payload sees it below.
    "null": lambda p: _as(p, lambda old: None) if len(p.path) <= 2 else None,
    "unknown": lambda p: _as(p, lambda old: "Unknown") if p.schema.get("enum") else None,
    "lower-case": lambda p: _as(p, str.lower) if p.schema.get("enum") else None,
    "too-long": lambda p: (
        _as(p, lambda old: old.ljust(p.schema["maxLength"] + 1, "x")) if "maxLength" in p.schema else None
    ),
    "too-short": lambda p: _as(p, lambda old: old[: p.schema["minLength"] - 1]) if "minLength" in p.schema else None,
}


def _at(log: Log, path: Path) -> str:
    """The text of a property; empty if the log lacks it."""
    value: Any = log
    for step in path:
        value = value.get(step, "") if isinstance(value, dict) else ""
    return str(value)
