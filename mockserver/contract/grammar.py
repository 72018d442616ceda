"""One grammar for sources and fault rules: ``KIND[:name=value,...]``, and records made from it.

A value that holds a comma, a quote or outer blanks is written as a JSON string: ``status:code=503,message="a, b"``.
A kind is a frozen dataclass whose fields are made with ``parameter``; reading and printing are inverse.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from mockserver.contract.errors import MockserverError, unknown
from mockserver.contract.jsontext import decode, encode

Built = TypeVar("Built")
Scalar = str | int | float | bool

# The largest whole number that the JSON library writes: a rule with a larger one could be armed and never be shown.
MOST_INT = 2**63 - 1
# All repetitions are possessive: whatever is sent, each character is read a bounded number of times.
_PAIR = re.compile(r'\s*+([A-Za-z_][\w-]*+)\s*+=\s*+("(?>(?:[^"\\]|\\.)*)"|[^,"]*+)\s*+(,|$)')


def parameter(
    default: Any = dataclasses.MISSING,
    *,
    help: str,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
) -> Any:
    """A field of a record: its bounds (inclusive), its unit and the sentence that documents it; a field without a
    default is required."""
    metadata = {"help": help, "at_least": at_least, "at_most": at_most, "unit": unit, "choices": choices}
    return dataclasses.field(default=default, metadata=metadata)


def parse(text: str) -> tuple[str, dict[str, str]]:
    """The kind and the named values of one text; raises MockserverError when it does not follow the grammar, or gives a
    name twice."""
    expected = "KIND[:name=value,...]"
    try:
        text.encode()
    except (UnicodeEncodeError, AttributeError):
        # A test may pass any object.
        found = "bytes that are no UTF-8" if isinstance(text, str) else "no text"
        raise MockserverError(repr(text), found, f"{expected} as text") from None
    kind, colon, rest = text.strip().partition(":")
    if not kind:
        raise MockserverError(repr(text), "no kind", expected)
    values: dict[str, str] = {}
    for name, value in _pairs(text, rest) if colon else ():
        if name in values:
            raise MockserverError(repr(text), f"{name} twice", "each name once")
        values[name] = value
    return kind.strip(), values


def _pairs(text: str, rest: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(rest):
        pair = _PAIR.match(rest, position)
        if pair is None:
            remedy = 'write a value with a comma or quote as a JSON string: name="a, b"'
            raise MockserverError(repr(text), repr(rest[position:]), "name=value pairs with commas between", remedy)
        name, value, comma = pair.groups()
        yield name, _unquoted(text, value) if value.startswith('"') else value.rstrip()
        position = pair.end()
        if comma and position == len(rest):
            raise MockserverError(repr(text), "a comma at the end", "name=value pairs with commas between")


def _unquoted(text: str, value: str) -> str:
    try:
        return str(decode(value))
    except ValueError:
        raise MockserverError(repr(text), value, "a JSON string") from None


def show(kind: str, values: Mapping[str, Scalar]) -> str:
    """The text that ``parse`` reads back as this kind and these values."""
    pairs = ",".join(f"{name}={_shown(value)}" for name, value in values.items())
    return f"{kind}:{pairs}" if pairs else kind


def _shown(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = format(value, "g") if isinstance(value, float) and float(format(value, "g")) == value else str(value)
    plain = text and not re.search(r'[,"\\\x00-\x1f]', text) and text == text.strip()
    return text if plain else encode(text).decode()


def build(record: type[Built], kind: str, values: Mapping[str, Any]) -> Built:
    """The record of a kind from named values, given as text (flag, header) or as JSON values (control API).

    Raises MockserverError for an unknown name (it lists the known ones), for a value of the wrong type or out of
    bounds, and for a required value that is missing.
    """
    fields = {f.name: f for f in dataclasses.fields(record) if f.init}  # type: ignore[arg-type]  # always a dataclass
    for name in values:
        if name not in fields:
            raise unknown(f"{kind} parameter", name, fields)
    for name, f in fields.items():
        if f.default is dataclasses.MISSING and name not in values:
            raise MockserverError(f"{kind}: {name}", "nothing", f"a value: {f.metadata['help']}")
    return record(**{name: _read(kind, fields[name], value) for name, value in values.items()})


def values_of(record: Any) -> dict[str, Scalar]:
    """The named values of a record that differ from its defaults, in field order: what ``show`` needs to print it."""
    values = ((f, getattr(record, f.name)) for f in dataclasses.fields(record) if f.init)
    return {f.name: value for f, value in values if value != f.default}


def _read(kind: str, f: dataclasses.Field[Any], value: Any) -> Scalar:
    wanted = getattr(f.type, "__name__", str(f.type)).partition(" ")[0]
    result = _typed(wanted, value)
    low, high, choices = f.metadata["at_least"], f.metadata["at_most"], f.metadata["choices"]
    if high is None and wanted == "int" and result is not None and result > MOST_INT:  # type: ignore[operator]  # an int
        high = MOST_INT
    if result is None or not _within(result, low, high) or (choices and result not in choices):
        raise MockserverError(f"{kind}: {f.name}", repr(value), _bounds(wanted, low, high, choices))
    return result


def _typed(wanted: str, value: Any) -> Scalar | None:
    """``value`` as the wanted type, or None when it is not of that type; a number is digits and signs, as a person
    writes it."""
    if wanted == "str":
        return value if isinstance(value, str) else None
    if wanted == "bool":
        return {"true": True, "false": False}.get(str(value).lower())
    pattern = r"[+-]?\d{1,40}" if wanted == "int" else r"[+-]?(\d{1,40}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?"
    if not re.fullmatch(pattern, str(value), re.ASCII):
        return None
    return int(value) if wanted == "int" else float(value)


def _within(value: Scalar, low: float | None, high: float | None) -> bool:
    if isinstance(value, str):
        return True
    return math.isfinite(value) and (low is None or value >= low) and (high is None or value <= high)


def _bounds(wanted: str, low: float | None, high: float | None, choices: tuple[str, ...]) -> str:
    if choices:
        return "one of " + ", ".join(choices)
    name = {"str": "a text", "bool": "true or false", "int": "a whole number", "float": "a number"}[wanted]
    span = [f"from {low:,.15g}" if low is not None else "", f"to {high:,.15g}" if high is not None else ""]
    return " ".join([name, *filter(None, span)])
