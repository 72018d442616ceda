"""Hypothesis strategies for property tests of your own code, built from ``openapi.yaml`` itself.

``logs()``, ``pages()`` and ``queries()`` reach the edges of the contract and shrink to its simplest examples. The rest
of this file interprets the schema keywords that the document uses, and no others.

Hypothesis draws at most 8 kB of choices for an example, and it refuses a test whose examples take long or are often
larger. A log at any edge takes up to 3 kB, so a page of them is too much. Most logs are therefore *brief*: a
field is present or absent by one choice, and each text is one short choice. One in sixteen of ``logs()`` is not brief.
The logs of a page are copies of up to six models, at most one of them not brief, each with its own id and moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache, reduce
from itertools import chain, count
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.contract.document import contract
from mockserver.contract.errors import lookup
from mockserver.contract.filters import value_at
from mockserver.contract.jsontext import decode

Json = Any
Schema = Mapping[str, Any]

DEEPEST = 40  # levels of objects in objects: more than any real error or params, fewer than a parser's own limit
EXACT = 2**53 - 1  # Number.MAX_SAFE_INTEGER: every JSON reader takes integers up to it without loss

# Any character but NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot encode.
_CHARACTERS = st.characters(min_codepoint=1, exclude_categories=["Cs"])
_PLAIN = ascii_lowercase + ascii_uppercase + digits
# These break naive code: a control, a quote, right-to-left letters and marks, a combining mark, astral characters.
_HARD = '\x01\t\n\x7f"\\/<&%+ ,;é\u0301ßשלום\u202e\u200d\ufeff\ufffd\uffff😀👩\U0010ffff'
_HARD_NUMBERS = (0.5, -1, -0.5, EXACT, -EXACT, 1e21, 1e300, 5e-324)


@st.composite
def logs(draw: st.DrawFn, tenant: str = "default") -> dict[str, Json]:
    """Logs of one tenant that keep the contract, ``payload.key`` equal to ``key``.

    The simplest one is the smallest possible log. Every optional field is present or absent, every bound is reached.
    """
    # It is composite because Hypothesis prints strategies, and the parts of this one would take 140,000 characters.
    return _related(draw(_any_log(brief=draw(st.integers(0, 15)) < 15)), tenant)


def edge_logs(tenant: str) -> SearchStrategy[dict[str, Json]]:
    """Logs at any edge of the contract, none of them brief."""
    return _any_log(brief=False).map(lambda log: _related(log, tenant))


def _related(log: dict[str, Json], tenant: str) -> dict[str, Json]:
    # No schema states these relations: the tenant's own id, one key in both places.
    return log | {"tenantId": tenant, "payload": log["payload"] | {"key": log["key"]}}


@st.composite
def pages(draw: st.DrawFn, tenant: str = "default", *, min_size: int = 0, max_size: int = 20) -> list[dict[str, Json]]:
    """Pages of ``min_size`` to ``max_size`` logs with unique ids, newest first."""
    models: list[dict[str, Json]] = draw(st.lists(_any_log(brief=True), min_size=1, max_size=5))
    models += draw(st.lists(_any_log(brief=False), max_size=1))
    page, ids = [], set()
    for number in draw(st.lists(st.integers(0, 2**20), min_size=min_size, max_size=max_size)):
        later, model = divmod(number, len(models))
        log = deepcopy(models[model])
        # To draw again until all ids differ would cost more than the logs, and could not be shrunk.
        numbered = chain([log["id"]], map(str, count()))
        log["id"] = next(text for text in numbered if text not in ids)
        ids.add(log["id"])
        page.append(_related(log | {"createdAt": log["createdAt"] + later}, tenant))
    return sorted(page, key=lambda log: -log["createdAt"])


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
def _any_log(brief: bool) -> SearchStrategy[Json]:
    return schema(contract().log_schema, brief)


def schema(rules: Schema, brief: bool = False) -> SearchStrategy[Json]:
    """Values that a schema of the document admits; ``brief`` ones take few choices. Raises MockserverError for an
    unknown type."""
    if "enum" in rules:
        return st.sampled_from(rules["enum"])
    if "oneOf" in rules:
        return st.one_of([schema(branch, brief) for branch in rules["oneOf"]])
    if "type" not in rules:
        return _small() if brief else _anything()
    return lookup("schema type", rules["type"], TYPES)(rules, brief)


def _string(rules: Schema, brief: bool = False) -> SearchStrategy[str]:
    """Texts of plain, of hard or of any characters; the lengths stay within the bounds and often reach them."""
    least, most = rules.get("minLength", 0), rules.get("maxLength")
    plain = st.text(_PLAIN, min_size=least, max_size=min(most or 12, 12))
    if brief:
        return st.text(_PLAIN + _HARD, min_size=least, max_size=min(most or 8, 8))
    hard = st.text(_HARD, min_size=least, max_size=min(most or 40, 40))
    longest = [st.text(_CHARACTERS, min_size=most, max_size=most)] if most else []
    return st.one_of(plain, hard, st.text(_CHARACTERS, min_size=least, max_size=most), *longest)


def _number(rules: Schema, brief: bool) -> SearchStrategy[float]:
    """Times of our days, and numbers that are negative, fractional or as huge as a double can be."""
    least = rules.get("minimum")
    if brief:
        numbers = [number for number in _HARD_NUMBERS if least is None or number >= least]
        return st.integers(max(least or 0, 0), 2**41) | st.sampled_from(numbers)
    floats = st.floats(min_value=least, allow_nan=False, allow_infinity=False)
    return st.integers(max(least or 0, 0), 2**41) | _integer(rules) | floats


def _integer(rules: Schema, brief: bool = False) -> SearchStrategy[int]:
    least = rules.get("minimum")
    return st.integers(-EXACT if least is None else least, EXACT)


def _object(rules: Schema, brief: bool) -> SearchStrategy[dict[str, Json]]:
    """Objects with each optional property present or absent, and with other properties when the schema admits them."""
    properties = {name: schema(inner, brief) for name, inner in rules.get("properties", {}).items()}
    required = {name: properties.pop(name) for name in rules.get("required", ())}
    named = _some(required, properties) if brief else st.fixed_dictionaries(required, optional=properties)
    others = rules.get("additionalProperties", True)
    if others is False or (brief and (properties or required)):
        return named
    if brief:
        inner = schema({} if others is True else others, brief)
        return _some({}, dict.fromkeys(("a", "", "é"), inner))
    names = _string({}).filter(lambda name: name not in properties and name not in required)
    extra = st.dictionaries(names, schema({} if others is True else others), max_size=3)
    if properties or required:
        return named | st.builds(lambda first, second: first | second, named, extra)
    return extra | _deep(extra) if others is True else extra


@st.composite
def _some(
    draw: st.DrawFn, required: Mapping[str, SearchStrategy[Json]], optional: Mapping[str, SearchStrategy[Json]]
) -> dict[str, Json]:
    """Objects with all required members and some optional ones: half as many choices as Hypothesis itself takes."""
    some = {name: draw(values) for name, values in required.items()}
    return some | {name: draw(values) for name, values in optional.items() if draw(st.booleans())}


def _array(rules: Schema, brief: bool) -> SearchStrategy[list[Json]]:
    return st.lists(schema(rules.get("items", {}), brief), max_size=2 if brief else 5)


def _small() -> SearchStrategy[Json]:
    """Values for which one choice suffices."""
    return st.sampled_from(["null", "false", "0", '""', "[]", "{}", "-0.5", '["é",null]', '{"":{"a":1e300}}']).map(
        decode
    )


def _anything() -> SearchStrategy[Json]:
    leaves = st.none() | st.booleans() | _integer({}) | st.floats(allow_nan=False, allow_infinity=False) | _string({})
    return st.recursive(leaves, _containers, max_leaves=6)


def _containers(inner: SearchStrategy[Json]) -> SearchStrategy[Json]:
    return st.lists(inner, max_size=3) | st.dictionaries(_string({}), inner, max_size=3)


def _deep(inner: SearchStrategy[dict[str, Json]]) -> SearchStrategy[dict[str, Json]]:
    """Objects within objects within objects, down to DEEPEST."""
    names = st.lists(st.sampled_from(["cause", "data", ""]), min_size=1, max_size=DEEPEST)
    return st.builds(lambda names, value: reduce(lambda value, name: {name: value}, names, value), names, inner)


TYPES: dict[str, Callable[[Schema, bool], SearchStrategy[Any]]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
    "array": _array,
    "object": _object,
}
