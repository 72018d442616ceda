"""Logs of a wrong shape: everything that the schema demands of a log has an offence here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mockserver.contract.document import Log, contract
from mockserver.faults.offences.offence import Offence, each_log, forbidden

Path = tuple[str, ...]
# The step of a path for properties that the schema does not name, and the name that such a property gets here.
_ANY, _ANY_NAME = "*", "country"

# A value of another type than the documented one, and what it is called.
_WRONG: dict[str, tuple[Any, str]] = {"object": (["no", "object"], "an array"), "number": ("1767225600000", "a text")}
_WRONG_ELSE = (42, "a number")


class Property(NamedTuple):
    """A property of a log: the steps to it, its schema, and whether the object around it requires it."""

    path: Path
    schema: dict[str, Any]
    required: bool

    @property
    def name(self) -> str:
        """The end of the names of its offences."""
        return "-".join("value" if step == _ANY else step for step in self.path)

    @property
    def label(self) -> str:
        """The property as a sentence has it, such as ``payload.key``."""
        return ".".join(self.path)


def offences() -> Iterator[Offence]:
    """Every offence against the schema of a log, in the document's order."""
    properties = list(_properties((), contract().log_schema))
    for family in (_missing, _wrong_type, _null, _enum, _bounds):
        for each in properties:
            yield from family(each)


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


def _with(prefix: str, p: Property, sentence: str, value: Callable[[Log], Any]) -> Offence:
    """The offence that gives the property another value in every log."""
    return forbidden(f"{prefix}-{p.name}", sentence, each_log(lambda page, log: put(log, p.path, value(log))))


def _missing(p: Property) -> Iterator[Offence]:
    if p.required:
        change = each_log(lambda page, log: drop(log, p.path))
        yield forbidden(f"missing-{p.name}", f"Logs have no {p.label}, which is required.", change)


def _wrong_type(p: Property) -> Iterator[Offence]:
    wanted = p.schema.get("type") or " or ".join(choice["type"] for choice in p.schema["oneOf"])
    wrong, described = _WRONG.get(wanted, _WRONG_ELSE)
    yield _with("wrong-type", p, f"{p.label} is {described}, documented as {wanted}.", lambda log: wrong)


def _null(p: Property) -> Iterator[Offence]:
    # Deeper ones teach nothing new: a validator that sees null in payload sees it below.
    if len(p.path) <= 2:
        sentence = f"{p.label} is null; a log leaves out a property that it does not have."
        yield _with("null", p, sentence, lambda log: None)


def _enum(p: Property) -> Iterator[Offence]:
    if values := p.schema.get("enum"):
        listed = ", ".join(values)
        yield _with("unknown", p, f"{p.label} is none of {listed}.", lambda log: "Unknown")
        sentence = f"{p.label} is one of {listed} in lower case."
        yield _with("lower-case", p, sentence, lambda log: _at(log, p.path).lower())


def _bounds(p: Property) -> Iterator[Offence]:
    longest, shortest = p.schema.get("maxLength"), p.schema.get("minLength")
    if longest is not None:
        sentence = f"{p.label} has {longest + 1} characters; at most {longest} are documented."
        yield _with("too-long", p, sentence, lambda log: _at(log, p.path).ljust(longest + 1, "x"))
    if shortest is not None:
        sentence = f"{p.label} is shorter than the {shortest} characters documented."
        yield _with("too-short", p, sentence, lambda log: _at(log, p.path)[: shortest - 1])


def _at(log: Log, path: Path) -> str:
    value: Any = log
    for step in path:
        value = value[step]
    return str(value)
