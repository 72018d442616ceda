"""Hypothesis strategies for property tests of one's own code, built from ``openapi.yaml`` itself.

``logs()``, ``pages()`` and ``queries()`` reach the edges of the contract and shrink to its plainest examples. All else
here interprets the schema keywords that ``contract.KEYWORDS`` lists, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.contract.document import Parameter, contract
from mockserver.contract.errors import unknown
from mockserver.contract.filters import value_at

Json = Any
Schema = Mapping[str, Any]

DEEPEST = 40  # levels of objects in objects: far beyond any real error or params, short of a parser's own limit
EXACT = 2**53 - 1  # Number.MAX_SAFE_INTEGER: what every JSON reader takes without loss

# Any character but NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot say.
_CHARACTERS = st.characters(min_codepoint=1, exclude_categories=["Cs"])
_PLAIN = ascii_lowercase + ascii_uppercase + digits
# What breaks naive code: a control, a quote, right-to-left letters and marks, a combining mark, astral characters.
_HARD = '\x01\t\n\x7f"\\/<&%+ ,;é\u0301ßשלום\u202e\u200d\ufeff\ufffd\uffff😀👩\U0010ffff'


def logs(tenant: str = "default") -> SearchStrategy[dict[str, Json]]:
    """Logs of one tenant that keep the contract, ``payload.key`` equal to ``key``.

    The simplest is the smallest log there can be; every optional field is present or absent, every bound reached.
    """
    return _log(tenant)


def pages(tenant: str = "default", *, min_size: int = 0, max_size: int = 20) -> SearchStrategy[list[dict[str, Json]]]:
    """Pages of logs: of ``min_size`` to ``max_size`` logs with unique ids, newest first, ties by id."""
    drawn = st.lists(logs(tenant), min_size=min_size, max_size=max_size, unique_by=lambda log: str(log["id"]))
    return drawn.map(lambda page: sorted(page, key=lambda log: (-log["createdAt"], log["id"])))


def queries(logs: Sequence[Mapping[str, Json]] = ()) -> SearchStrategy[dict[str, str | int]]:
    """Valid queries by parameter name, each parameter present or absent, such as ``{"logKey": "Unknown", "page": 2}``.

    With ``logs`` about half of the filters are values that occur there, so that they match something.
    """
    parameters = contract().parameters.values()
    drawn = {each.name: schema(_rules(each)) for each in parameters}
    for name in contract().filters:
        known = sorted({str(value) for log in logs if (value := value_at(log, name))})
        drawn[name] = st.sampled_from(known) | drawn[name] if known else drawn[name]
    return st.fixed_dictionaries({}, optional=drawn)


@st.composite
def _log(draw: st.DrawFn, tenant: str) -> dict[str, Json]:
    """Composite, for Hypothesis prints strategies, and would need 140,000 characters for what this one is made of."""
    return _consistent(draw(_any_log()), tenant)


@cache
def _any_log() -> SearchStrategy[Json]:
    return schema(contract().log_schema)


def schema(rules: Schema) -> SearchStrategy[Json]:
    """Values that a schema of the document admits; raises MockserverError for a type that is not understood."""
    if "enum" in rules:
        return st.sampled_from(rules["enum"])
    if "oneOf" in rules:
        return st.one_of([schema(each) for each in rules["oneOf"]])
    if "type" not in rules:
        return _anything()
    if rules["type"] not in TYPES:
        raise unknown("schema type", rules["type"], TYPES)
    return TYPES[rules["type"]](rules)


def _string(rules: Schema) -> SearchStrategy[str]:
    """Texts of any length within bounds, the bounds themselves often, of plain, of hard or of any characters."""
    least, most = rules.get("minLength", 0), rules.get("maxLength")
    plain = st.text(_PLAIN, min_size=least, max_size=min(most or 12, 12))
    hard = st.text(_HARD, min_size=least, max_size=min(most or 40, 40))
    longest = [st.text(_CHARACTERS, min_size=most, max_size=most)] if most else []
    return st.one_of(plain, hard, st.text(_CHARACTERS, min_size=least, max_size=most), *longest)


def _number(rules: Schema) -> SearchStrategy[float]:
    """Moments of our days, and numbers that are negative, fractional or as huge as a double can be."""
    least = rules.get("minimum")
    floats = st.floats(min_value=least, allow_nan=False, allow_infinity=False)
    return st.integers(max(least or 0, 0), 2**41) | _integer(rules) | floats


def _integer(rules: Schema) -> SearchStrategy[int]:
    return st.integers(rules.get("minimum", -EXACT), EXACT)


def _array(rules: Schema) -> SearchStrategy[list[Json]]:
    return st.lists(schema(rules.get("items", {})), max_size=5)


def _object(rules: Schema) -> SearchStrategy[dict[str, Json]]:
    """Objects with each optional property present or absent, and, where the schema admits them, with others beside."""
    properties = {name: schema(each) for name, each in rules.get("properties", {}).items()}
    required = {name: properties.pop(name) for name in rules.get("required", ())}
    named = st.fixed_dictionaries(required, optional=properties)
    others = rules.get("additionalProperties", True)
    if others is False:
        return named
    names = _string({}).filter(lambda name: name not in properties and name not in required)
    extra = st.dictionaries(names, schema({} if others is True else others), max_size=3)
    if properties or required:
        return named | st.builds(lambda first, second: first | second, named, extra)
    return extra | _deep(extra) if others is True else extra


def _anything() -> SearchStrategy[Json]:
    leaves = st.none() | st.booleans() | _integer({}) | st.floats(allow_nan=False, allow_infinity=False) | _string({})
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | _keyed(inner), max_leaves=6)


def _keyed(values: SearchStrategy[Json]) -> SearchStrategy[dict[str, Json]]:
    return st.dictionaries(_string({}), values, max_size=3)


def _deep(inner: SearchStrategy[dict[str, Json]]) -> SearchStrategy[dict[str, Json]]:
    """An object within an object within an object, down to DEEPEST."""
    return st.builds(_nested, st.lists(st.sampled_from(["cause", "data", ""]), min_size=1, max_size=DEEPEST), inner)


def _nested(names: Iterable[str], value: Json) -> Json:
    for name in names:
        value = {name: value}
    return value


def _rules(each: Parameter) -> Schema:
    return {"type": each.type} | ({} if each.minimum is None else {"minimum": each.minimum})


def _consistent(log: dict[str, Json], tenant: str) -> dict[str, Json]:
    """The relations that no schema tells: the tenant's own id, one key in both places."""
    return log | {"tenantId": tenant, "payload": log["payload"] | {"key": log["key"]}}


TYPES = {"string": _string, "number": _number, "integer": _integer, "array": _array, "object": _object}
