"""Logs of a wrong shape, derived from the schema: whatever the contract says of a log has an offence here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract.document import contract
from mockserver.faults.offences.offence import Change, Log, Offence, each_log, forbidden

Path = tuple[str, ...]
# Stands in a path for a property that the schema does not name, and what such a property is called here.
_ANY, _SOME = "*", "country"

# A value that is none of the type.
_WRONG: dict[str, Any] = {"string": 42, "object": ["no", "object"], "number": "1767225600000"}


def offences() -> Iterator[Offence]:
    """Every offence against the schema of a log, in the document's order."""
    found = list(_walk((), contract().log_schema, True))
    for family in (_missing, _wrong_type, _null, _enum, _bounds):
        for path, schema, required in found:
            yield from family(path, schema, required)


def _walk(path: Path, schema: dict[str, Any], required: bool) -> Iterator[tuple[Path, dict[str, Any], bool]]:
    if path:
        yield path, schema, required
    for name, inner in schema.get("properties", {}).items():
        yield from _walk((*path, name), inner, name in schema.get("required", ()))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _walk((*path, _ANY), schema["additionalProperties"], False)


def _name(path: Path) -> str:
    return "-".join("value" if step == _ANY else step for step in path)


def _label(path: Path) -> str:
    return ".".join(path)


def put(log: Log, path: Path, value: Any) -> Log:
    """The log with the value at that path, objects made on the way where there are none."""
    step, rest = (_SOME if path[0] == _ANY else path[0]), path[1:]
    inner = log.get(step)
    return {**log, step: put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def drop(log: Log, path: Path) -> Log:
    """The log without the property at that path."""
    step, rest = path[0], path[1:]
    if rest:
        return {**log, step: drop(log[step], rest)}
    return {name: value for name, value in log.items() if name != step}


def _setting(path: Path, value: Callable[[Log], Any]) -> Change:
    return each_log(lambda log: put(log, path, value(log)))


def _missing(path: Path, schema: dict[str, Any], required: bool) -> Iterator[Offence]:
    if required:
        yield forbidden(
            f"missing-{_name(path)}",
            f"Logs have no {_label(path)}, which is required.",
            each_log(lambda log: drop(log, path)),
        )


def _wrong_type(path: Path, schema: dict[str, Any], required: bool) -> Iterator[Offence]:
    wanted = schema.get("type") or " or ".join(choice["type"] for choice in schema["oneOf"])
    wrong = _WRONG.get(wanted, 42)
    sentence = f"{_label(path)} is {_described(wrong)}, documented as {wanted}."
    yield forbidden(f"wrong-type-{_name(path)}", sentence, _setting(path, lambda log: wrong))


def _described(value: Any) -> str:
    return {int: "a number", str: "a text", list: "an array"}[type(value)]


def _null(path: Path, schema: dict[str, Any], required: bool) -> Iterator[Offence]:
    # Deeper ones teach nothing new: a validator that sees null in payload sees it below.
    if len(path) <= 2:
        sentence = f"{_label(path)} is null, where an absent property is left out."
        yield forbidden(f"null-{_name(path)}", sentence, _setting(path, lambda log: None))


def _enum(path: Path, schema: dict[str, Any], required: bool) -> Iterator[Offence]:
    if values := schema.get("enum"):
        listed = ", ".join(values)
        unknown = f"{_label(path)} is none of {listed}."
        yield forbidden(f"unknown-{_name(path)}", unknown, _setting(path, lambda log: "Unknown"))
        case = f"{_label(path)} is one of {listed} in lower case."
        yield forbidden(f"lower-case-{_name(path)}", case, _setting(path, lambda log: _at(log, path).lower()))


def _at(log: Log, path: Path) -> str:
    value: Any = log
    for step in path:
        value = value[step]
    return str(value)


def _bounds(path: Path, schema: dict[str, Any], required: bool) -> Iterator[Offence]:
    longest, shortest = schema.get("maxLength"), schema.get("minLength")
    if longest is not None:
        sentence = f"{_label(path)} has {longest + 1} characters, at most {longest} are documented."
        yield forbidden(
            f"too-long-{_name(path)}", sentence, _setting(path, lambda log: _at(log, path).ljust(longest + 1, "x"))
        )
    if shortest is not None:
        sentence = f"{_label(path)} is shorter than the {shortest} characters documented."
        yield forbidden(
            f"too-short-{_name(path)}", sentence, _setting(path, lambda log: _at(log, path)[: shortest - 1])
        )
