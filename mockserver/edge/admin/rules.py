"""Rules in the JSON of the control API: read from a body, and described so that a form can be made of them."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, cast

from mockserver.contract.errors import MockserverError
from mockserver.edge.admin import shapes
from mockserver.faults.kinds import KINDS
from mockserver.faults.plan import ArmedRule
from mockserver.faults.rule import Conditions, Rule, build_rule, matches, read_rule


def rule_from(value: Any) -> Rule:
    """The rule that a JSON value describes, as a text or as fields; raises MockserverError."""
    if not isinstance(value, dict) or not isinstance(value.get("rule", value.get("kind")), str):
        raise MockserverError("body", "no rule", 'an object with "rule" (a text), or "kind" and its fields')
    if "rule" not in value:
        return build_rule(value["kind"], {name: field for name, field in value.items() if name != "kind"})
    if len(value) > 1:
        raise MockserverError("body", '"rule" with other fields', 'either "rule" alone, or "kind" and its fields')
    return read_rule(value["rule"])


def armed_json(armed: ArmedRule) -> shapes.ArmedJson:
    """An armed rule: as text, as fields, and how many requests it has matched and struck."""
    rule, tally = armed.rule, armed.tally
    shown = {"id": armed.id, "text": rule.text, "kind": rule.kind, "fields": rule.fields}
    return cast(shapes.ArmedJson, {**shown, "matched": tally.matched, "fired": tally.fired})


def parameters_json(record: type[Any]) -> list[shapes.FieldJson]:
    """The parameters of a record as a form needs them: with default, help, bounds, unit and choices."""
    return [_parameter_json(field) for field in dataclasses.fields(record)]


def _parameter_json(field: dataclasses.Field[Any]) -> shapes.FieldJson:
    required = field.default is dataclasses.MISSING
    # The type of an optional field is written `int | None`.
    described = {"name": field.name, "type": str(field.type).partition(" ")[0], "required": required}
    return cast(shapes.FieldJson, {**described, "default": None if required else field.default, **field.metadata})


def kinds_json() -> list[shapes.KindJson]:
    """Every kind of fault: its name, what it does, and its parameters."""
    return [
        {"kind": name, "sentence": inspect.getdoc(record) or "", "parameters": parameters_json(record)}
        for name, record in KINDS.items()
    ]


def conditions_json() -> list[shapes.FieldJson]:
    """Every condition of a rule: when it strikes, and the documented parameters of the requests that it strikes."""
    return [*parameters_json(Conditions), *parameters_json(matches())]
