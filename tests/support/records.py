"""The kinds of faults and sources, and what their parameters may be, as tables for the documents."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.contract import refusals
from mockserver.contract.document import contract
from mockserver.faults.kinds import KINDS
from mockserver.faults.rule import Conditions
from mockserver.logs.source import SOURCES, source_kind
from tests.support.tables import table

# Each with an example of what it is about.
REFUSALS = (
    *filter(None, map(refusals.known_refusal, (400, 401))),
    refusals.invalid_query("page is given twice"),
    refusals.invalid_page("page is 'x', expected an integer from 1"),
    refusals.invalid_window("log.invalid_time_window"),
    refusals.invalid_target(),
    refusals.invalid_tenant("NO"),
    refusals.missing_token(),
    refusals.unsupported_scheme("Bearer"),
    refusals.refused_token("ERR_JWT_EXPIRED (exp)"),
    refusals.missing_subject(),
    refusals.forbidden(),
    refusals.missing(),
    refusals.no_such_path(),
    refusals.method_not_allowed("POST", "GET, HEAD, OPTIONS"),
    refusals.no_offset(),
    refusals.broken(),
)


def fault_kinds() -> str:
    """Returns every kind of fault, and the conditions that all of them accept."""
    kinds = _records(("kind", "parameters", "the client sees"), KINDS)
    fields = {field.name: field.metadata["help"] for field in dataclasses.fields(Conditions)}
    fields |= {f"{name}": f"only requests whose {name} is this" for name in contract().parameters}
    conditions = table(("condition", "meaning"), ((f"`{name}`", sentence) for name, sentence in fields.items()))
    return f"{kinds}\n\nEach takes conditions too, any number of them:\n\n{conditions}"


def source_kinds() -> str:
    """Returns every kind of source."""
    return _records(("source", "parameters", "logs"), {name: source_kind(name) for name in SOURCES})


def parameters() -> str:
    """Returns the values that each parameter of a fault, a condition and a source may have."""
    records = {**KINDS, "all faults": Conditions, **{name: source_kind(name) for name in SOURCES}}
    fields = [(name, field) for name, record in records.items() for field in dataclasses.fields(record)]
    rows = ((f"`{name}`" if name in KINDS or name in SOURCES else name, *_values(field)) for name, field in fields)
    return table(("of", "parameter", "values", "meaning"), rows)


def refusal_table() -> str:
    """Returns the refusals of the API, with their codes and messages."""
    rows = ((f"{each.status}", f"`{each.code}`" if each.code else "", each.message) for each in REFUSALS)
    return table(("status", "code", "message"), rows)


def _values(field: dataclasses.Field[Any]) -> tuple[str, str, str]:
    facts = field.metadata
    bounds = [
        f"{word} {_number(facts[name])}"
        for word, name in (("from", "at_least"), ("to", "at_most"))
        if facts[name] is not None
    ]
    values = ", ".join(f"`{choice}`" for choice in facts["choices"]) or " ".join((*bounds, facts["unit"])).strip()
    return f"`{_field(field)}`", values, facts["help"]


def _number(value: float) -> str:
    return f"{value:,}".removesuffix(".0")


def _records(head: Iterable[str], kinds: Mapping[str, type[Any]]) -> str:
    rows = []
    for name, record in kinds.items():
        fields = ", ".join(f"`{_field(field)}`" for field in dataclasses.fields(record))
        rows.append((f"`{name}`", fields, (inspect.getdoc(record) or "").partition("\n")[0]))
    return table(head, rows)


def _field(field: dataclasses.Field[Any]) -> str:
    plain = field.default in (dataclasses.MISSING, None, "")
    return field.name if plain else f"{field.name}={field.default}"
