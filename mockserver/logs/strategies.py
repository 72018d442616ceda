"""Hypothesis strategies for property tests of your own code, built from ``openapi.yaml`` itself.

``logs()``, ``pages()`` and ``queries()`` reach the edges of the contract and shrink to its simplest examples. The rest
of this file interprets schema keywords: those that ``contract.document.KEYWORDS`` lists, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.contract.document import contract
from mockserver.contract.errors import lookup
from mockserver.contract.filters import value_at

Json = Any
Schema = Mapping[str, Any]

DEEPEST = 40  # levels of objects in objects: more than any real error or params, fewer than a parser's own limit
EXACT = 2**53 - 1  # Number.MAX_SAFE_INTEGER: every JSON reader takes integers up to it without loss

# Any character but NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot encode.
_CHARACTERS = st.characters(min_codepoint=1, exclude_categories=["Cs"])
_PLAIN = ascii_lowercase + ascii_uppercase + digits
# These break naive code: a control, a quote, right-to-left letters and marks, a combining mark, astral characters.
_HARD = '\x01\t\n\x7f"\\/<&%+ ,;é\u0301ßשלום\u202e\u200d\ufeff\ufffd\uffff😀👩\U0010ffff'


@st.composite
def logs(draw: st.DrawFn, tenant: str = "default") -> dict[str, Json]:
    """Logs of one tenant that keep the contract, ``payload.key`` equal to ``key``.

    The simplest one is the smallest possible log. Every optional field is present or absent, every bound is reached.
    """
    # It is composite because Hypothesis prints strategies, and the parts of this one would take 140,000 characters.
    log: dict[str, Json] = draw(_any_log())
    # No schema states these relations: the tenant's own id, one key in both places.
    return log | {"tenantId": tenant, "payload": log["payload"] | {"key": log["key"]}}


def pages(tenant: str = "default", *, min_size: int = 0, max_size: int = 20) -> SearchStrategy[list[dict[str, Json]]]:
    """Pages of ``min_size`` to ``max_size`` logs with unique ids, newest first."""
    drawn = st.lists(logs(tenant), min_size=min_size, max_size=max_size, unique_by=lambda log: str(log["id"]))
    return drawn.map(lambda page: sorted(page, key=lambda log: -log["createdAt"]))


def queries(logs: Sequence[Mapping[str, Json]] = ()) -> SearchStrategy[dict[str, str | int]]:
    """Valid queries by parameter name, each parameter present or absent, such as ``{"logKey": "Unknown", "page": 2}``.

    With ``logs``, about half of the filters are values that occur there, so that they match something.
    """
    parameters = contract().parameters.items()
    values = {name: schema({"type": parameter.type, "minimum": parameter.minimum}) for name, parameter in parameters}
    for name in contract().filters:
        known = sorted({str(value) for log in logs if (value := value_at(log, name))})
        values[name] = st.sampled_from(known) | values[name] if known else values[name]
    return st.fixed_dictionaries({}, optional=values)


@cache
def _any_log() -> SearchStrategy[Json]:
    return schema(contract().log_schema)


def schema(rules: Schema) -> SearchStrategy[Json]:
    """Values that a schema of the document admits. Raises MockserverError for an unknown type."""
    if "enum" in rules:
        return st.sampled_from(rules["enum"])
    if "oneOf" in rules:
        return st.one_of([schema(branch) for branch in rules["oneOf"]])
    if "type" not in rules:
        return _anything()
    return lookup("schema type", rules["type"], TYPES)(rules)


def _string(rules: Schema) -> SearchStrategy[str]:
    """Texts of plain, of hard or of any characters; the lengths stay within the bounds and often reach them."""
    least, most = rules.get("minLength", 0), rules.get("maxLength")
    plain = st.text(_PLAIN, min_size=least, max_size=min(most or 12, 12))
    hard = st.text(_HARD, min_size=least, max_size=min(most or 40, 40))
    longest = [st.text(_CHARACTERS, min_size=most, max_size=most)] if most else []
    return st.one_of(plain, hard, st.text(_CHARACTERS, min_size=least, max_size=most), *longest)


def _number(rules: Schema) -> SearchStrategy[float]:
    """Times of our days, and numbers that are negative, fractional or as huge as a double can be."""
    least = rules.get("minimum")
    floats = st.floats(min_value=least, allow_nan=False, allow_infinity=False)
    return st.integers(max(least or 0, 0), 2**41) | _integer(rules) | floats


def _integer(rules: Schema) -> SearchStrategy[int]:
    least = rules.get("minimum")
    return st.integers(-EXACT if least is None else least, EXACT)


def _object(rules: Schema) -> SearchStrategy[dict[str, Json]]:
    """Objects with each optional property present or absent, and with other properties when the schema admits them."""
    properties = {name: schema(inner) for name, inner in rules.get("properties", {}).items()}
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


def _array(rules: Schema) -> SearchStrategy[list[Json]]:
    return st.lists(schema(rules.get("items", {})), max_size=5)


def _anything() -> SearchStrategy[Json]:
    leaves = st.none() | st.booleans() | _integer({}) | st.floats(allow_nan=False, allow_infinity=False) | _string({})
    return st.recursive(leaves, _containers, max_leaves=6)


def _containers(inner: SearchStrategy[Json]) -> SearchStrategy[Json]:
    return st.lists(inner, max_size=3) | st.dictionaries(_string({}), inner, max_size=3)


def _deep(inner: SearchStrategy[dict[str, Json]]) -> SearchStrategy[dict[str, Json]]:
    """Objects within objects within objects, down to DEEPEST."""
    names = st.lists(st.sampled_from(["cause", "data", ""]), min_size=1, max_size=DEEPEST)
    return st.builds(lambda names, value: reduce(lambda value, name: {name: value}, names, value), names, inner)


TYPES = {"string": _string, "number": _number, "integer": _integer, "array": _array, "object": _object}
