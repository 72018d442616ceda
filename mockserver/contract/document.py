"""The contract: the only reader of ``openapi.yaml``.

Every name, bound, default, enum and status used in production comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from mockserver.contract.errors import MockserverError, unknown
from mockserver.contract.jsontext import decode, encode

LIST_PATH = "/api/logs"
ITEM_PATH = "/api/logs/{id}"

# The schema keywords that this house understands: contract (problems), strategies and checks interpret just these.
KEYWORDS = frozenset(
    ("type", "required", "properties", "additionalProperties", "items", "enum", "oneOf", "minLength", "maxLength")
)
PARAMETER_KEYWORDS = frozenset(("type", "minimum", "default"))
# A YAML file that a user wrote is read up to this size, in bytes, and this depth.
LARGEST_YAML = 1_000_000
DEEPEST_YAML = 20


@dataclass(frozen=True, slots=True)
class Parameter:
    """A documented query parameter: ``type`` is ``string`` or ``integer``; bounds are None where none is stated.

    ``looks_at`` is the path in a log that a filter compares, such as ``payload.userId``; empty for what does not filter.
    """

    name: str
    type: str
    description: str
    minimum: int | None
    default: int | None
    looks_at: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something seen of real deployments and not documented: ``where`` is its place in the document, a JSON pointer.

    ``deviations`` say how the judge meets it: check, request (``when``) and answer, as in a file of known deviations.
    """

    name: str
    where: str
    documented: str
    observed: str
    seen: tuple[str, ...]
    value: Any
    deviations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One break of the contract by a log: ``path`` such as ``payload.result`` (empty: the log itself)."""

    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path or '(log)'}: found {self.found}, expected {self.expected}"


def beside(name: str) -> Path:
    """The path of a file that lives at the repository's root but inside the package once installed."""
    package = Path(__file__).parent.parent
    inside = package / name
    return inside if inside.exists() else package.parent / name


def read_yaml(text: bytes) -> Any:
    """The value of one YAML text, by the fastest safe loader there is; raises ValueError where it does not read."""
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def read_plain_yaml(text: bytes) -> Any:
    """The value of a YAML text that a user wrote, as JSON would hold it: a date becomes a string.

    The loader builds nodes recursively in C, and crashes on a text that is nested too deeply; the parser below does
    not. Aliases are refused, since a few lines of them expand to any size. Raises ValueError.
    """
    if len(text) > LARGEST_YAML:
        raise ValueError(f"more than {LARGEST_YAML} bytes")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST_YAML:
                raise ValueError(f"nested deeper than {DEEPEST_YAML} levels")
            if isinstance(event, yaml.AliasEvent):
                raise ValueError(f"the alias *{event.anchor}, which is not supported")
        return decode(encode(read_yaml(text)))
    except (yaml.YAMLError, TypeError) as error:
        raise ValueError(str(error)) from None


def validator(schema: dict[str, Any]) -> Any:
    """The validator of a JSON schema (draft 2020-12), with ``is_valid`` and ``iter_errors``."""
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema)


class Contract:
    """What ``openapi.yaml`` promises, as plain values. Raises MockserverError on a keyword nobody here understands."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.document: dict[str, Any] = read_yaml(text)
        operation = self.document["paths"][LIST_PATH]["get"]
        self.parameters: Mapping[str, Parameter] = MappingProxyType(
            {p.name: p for p in map(_parameter, operation["parameters"])}
        )
        self.statuses = frozenset(int(status) for status in operation["responses"])
        self.log_schema: dict[str, Any] = self.document["components"]["schemas"]["Log"]
        for where, schema in _schemas("#/components/schemas/Log", self.log_schema):
            _require_understood(where, schema, "KEYWORDS", KEYWORDS)
        for raw in operation["parameters"]:
            _require_understood(f"parameter {raw['name']}", raw["schema"], "PARAMETER_KEYWORDS", PARAMETER_KEYWORDS)

    @cached_property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The parameters that filter, in documented order: the name, and the steps from a log to what it compares."""
        filters = [p for p in self.parameters.values() if p.looks_at]
        return MappingProxyType({p.name: tuple(p.looks_at.split(".")) for p in filters})

    @cached_property
    def _server(self) -> str:
        url: str = self.document["servers"][0]["url"]
        return url

    def resource(self, tenant: str) -> str:
        """The URI that names a tenant's Management API as a resource: its published server, with ``/api``."""
        return self._server.replace("{tenant_id}", tenant) + "/api"

    def tenant_at(self, host: str) -> str:
        """The tenant whose published server a host (lower case) is; ``default`` for any other host."""
        before, after = self._server.partition("://")[2].split("{tenant_id}")
        tenant = host.removeprefix(before).removesuffix(after)
        is_one = tenant and "." not in tenant and f"{before}{tenant}{after}" == host
        return tenant if is_one else "default"

    @cached_property
    def longest_tenant(self) -> int:
        """The most characters a tenantId may have."""
        return int(self.log_schema["properties"]["tenantId"]["maxLength"])

    @cached_property
    def longest_id(self) -> int:
        """The most characters the id of a log may have."""
        return int(self.log_schema["properties"]["id"]["maxLength"])

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Every ``x-observed`` fact by its name, in the document's order."""
        found: dict[str, Fact] = {}
        for fact in _facts("#", self.document):
            if fact.name in found:
                raise MockserverError(fact.where, f"a second fact {fact.name!r}", "names that are unique")
            found[fact.name] = fact
        return MappingProxyType(found)

    def fact(self, name: str) -> Any:
        """The value of one ``x-observed`` fact."""
        try:
            return self.facts[name].value
        except KeyError:
            raise unknown("x-observed fact", name, self.facts) from None

    @cached_property
    def _validator(self) -> Any:
        return validator(self.log_schema)

    def is_valid(self, log: Any) -> bool:
        """Whether ``log`` (parsed JSON) keeps the contract."""
        return bool(self._validator.is_valid(log))

    def problems(self, log: Any) -> list[Problem]:
        """Every break of the contract by ``log`` (parsed JSON), in the document's order; empty when there is none."""
        return [_problem(self.log_schema, error) for error in self._validator.iter_errors(log)]


@cache
def contract() -> Contract:
    """The contract of this house, read once."""
    return Contract(beside("openapi.yaml").read_bytes())


def _parameter(raw: dict[str, Any]) -> Parameter:
    schema = raw["schema"]
    if schema["type"] == "string" and not raw.get("x-looks-at"):
        remedy = "say which member of a log it filters by, such as x-looks-at: payload.userId"
        raise MockserverError(f"parameter {raw['name']}", "no x-looks-at", "a path in a log", remedy)
    bounds = (schema.get("minimum"), schema.get("default"))
    return Parameter(raw["name"], schema["type"], raw["description"], *bounds, raw.get("x-looks-at", ""))


def _require_understood(where: str, schema: dict[str, Any], table: str, known: frozenset[str]) -> None:
    for keyword in sorted(schema.keys() - known):
        remedy = f"teach it in mockserver/contract.py, {table}"
        raise MockserverError(where, f"keyword {keyword!r}", "one that is understood", remedy)


def _schemas(where: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield where, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _schemas(f"{where}/properties/{name}", inner)
    for number, inner in enumerate(schema.get("oneOf", ())):
        yield from _schemas(f"{where}/oneOf/{number}", inner)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _schemas(f"{where}/{keyword}", schema[keyword])


def _facts(where: str, node: Any) -> Iterator[Fact]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "x-observed":
                for name, raw in value.items():
                    texts = (raw["documented"], raw["observed"], tuple(raw["seen"]))
                    yield Fact(name, where, *texts, raw["value"], tuple(raw.get("deviations", ())))
            else:
                yield from _facts(f"{where}/{str(key).replace('~', '~0').replace('/', '~1')}", value)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _facts(f"{where}/{number}", value)


def _problem(schema: dict[str, Any], error: Any) -> Problem:
    """One error of the validator in the house's words; a missing key is told at its own path."""
    path, keyword = list(error.instance_path), error.schema_path[-1]
    owner: Any = schema
    for step in error.schema_path[:-1]:
        owner = owner[step]
    if keyword == "required":
        name = error.kind.property
        return Problem(_dotted([*path, name]), "nothing", _a(owner["properties"][name]["type"]))
    return Problem(_dotted(path), _found(error.instance, keyword), _expected(keyword, owner[keyword]))


def _dotted(path: list[str | int]) -> str:
    return ".".join(map(str, path))


def _found(instance: Any, keyword: str) -> str:
    if keyword in ("minLength", "maxLength"):
        return f"{len(instance)} characters"
    if isinstance(instance, (dict, list)):
        return "an object" if isinstance(instance, dict) else "an array"
    names = {"None": "null", "True": "true", "False": "false"}
    text = names.get(repr(instance), repr(instance))
    return text if len(text) <= 60 else text[:57] + "..."


def _expected(keyword: str, value: Any) -> str:
    match keyword:
        case "type":
            return _a(value)
        case "minLength":
            return f"at least {value}"
        case "maxLength":
            return f"at most {value}"
        case "enum":
            return "one of " + ", ".join(map(str, value))
        case _:
            return " or ".join(_a(choice["type"]) for choice in value)


def _a(type_name: str) -> str:
    return f"{'an' if type_name[0] in 'aeio' else 'a'} {type_name}"
