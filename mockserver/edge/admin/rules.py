"""Rules in the JSON of the control API: read from a body, and described so that a form can be made of them."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, cast

from mockserver.contract.document import Parameter, contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.edge.admin import shapes
from mockserver.faults.kinds import KINDS
from mockserver.faults.plan import ArmedRule
from mockserver.faults.rule import Conditions, Rule, build_rule, read_rule


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


def parameter_json(name: str, type_name: str, field: dataclasses.Field[Any]) -> shapes.FieldJson:
    """One parameter of a rule as a form needs it: with its default, help, bounds, unit and choices."""
    required = field.default is dataclasses.MISSING
    default = None if required else field.default
    described = {"name": name, "type": type_name, "required": required, "default": default, **field.metadata}
    return cast(shapes.FieldJson, described)


def parameters_json(record: type[Any]) -> list[shapes.FieldJson]:
    """The parameters of a kind of fault or of the conditions."""
    # The type of an optional field is written `int | None`.
    return [parameter_json(f.name, str(f.type).partition(" ")[0], f) for f in dataclasses.fields(record)]


def match_json(documented: Parameter) -> shapes.FieldJson:
    """The parameter that limits a rule to requests with one value of a documented parameter."""
    field = parameter(None, help=f"only requests with this {documented.name}", at_least=documented.minimum)
    return parameter_json(documented.name, "int" if documented.type == "integer" else "str", field)


def kinds_json() -> list[shapes.KindJson]:
    """Every kind of fault: its name, what it does, and its parameters."""
    return [
        {"kind": name, "sentence": inspect.getdoc(record) or "", "parameters": parameters_json(record)}
        for name, record in KINDS.items()
    ]


def conditions_json() -> list[shapes.FieldJson]:
    """Every condition of a rule: when it strikes, and the documented parameters of the requests that it strikes."""
    return [*parameters_json(Conditions), *map(match_json, contract().parameters.values())]
