"""The document: the only reader of ``openapi.yaml``.

Every name, bound, default, enum and status that production uses comes from here. What was seen of real deployments and
is not documented stands in the document too, as ``x-observed`` facts beside what they concern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from mockserver.contract.errors import named
from mockserver.contract.jsontext import decode, encode

# One log: plain JSON.
Log = dict[str, Any]
# How grave a break of the contract is: the document rules it out; no sensible server does it; it is worth knowing.
Severity = Literal["forbidden", "senseless", "advice"]

LIST_PATH = "/api/logs"
ITEM_PATH = "/api/logs/{id}"

# A YAML file that a user wrote is read up to this size, in bytes, and this depth.
LARGEST_YAML = 1_000_000
DEEPEST_YAML = 20


@dataclass(frozen=True, slots=True)
class Parameter:
    """A documented query parameter: ``type`` is ``string`` or ``integer``; a bound is None when the document has none.

    ``looks_at`` is the path in a log that a filter compares, such as ``payload.userId``; empty for other parameters.
    """

    name: str
    type: str
    description: str
    minimum: int | None
    default: int | None
    looks_at: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something seen of real deployments and not documented; it stands in the document beside what it concerns.

    ``since`` is the first version that it holds for, ``before`` the first one that it no longer holds for (empty: no
    bound); ``seen`` are the versions it was seen of. ``sets`` are the fields of a profile that it sets. ``deviations``
    say how the judge meets it: check, request (``when``) and answer, as in a file of known deviations.
    """

    name: str
    documented: str
    observed: str
    seen: tuple[str, ...]
    value: Any = None
    deviations: tuple[dict[str, Any], ...] = ()
    since: str = ""
    before: str = ""
    sets: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, version: str) -> bool:
        """Whether it holds for a version such as ``1.42.0``."""
        since, asked, before = (
            [int(number) for number in text.split(".") if number] for text in (self.since, version, self.before)
        )
        return since <= asked and not (before and before <= asked)


@dataclass(frozen=True, slots=True)
class Problem:
    """One break of the contract by a log: ``path`` such as ``payload.result`` (empty: the log itself)."""

    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path or '(log)'}: found {self.found}, expected {self.expected}"


def beside(name: str) -> Path:
    """The path of a file that stands at the repository's root, and inside the package once it is installed."""
    package = Path(__file__).parent.parent
    inside = package / name
    return inside if inside.exists() else package.parent / name


def read_yaml(text: bytes) -> Any:
    """The value of one YAML text, by the fastest safe loader there is; raises ValueError for text that is no YAML."""
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
    """What ``openapi.yaml`` promises, as plain values.

    ``longest_tenant`` and ``longest_id`` are the most characters that a tenantId and the id of a log may have. What
    only a change of the document can break is left to the tests: each schema keyword is understood, each fact named
    once.
    """

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.document: dict[str, Any] = read_yaml(text)
        operation = self.document["paths"][LIST_PATH]["get"]
        parameters = map(_parameter, operation["parameters"])
        self.parameters: Mapping[str, Parameter] = MappingProxyType({each.name: each for each in parameters})
        self.statuses = frozenset(int(status) for status in operation["responses"])
        self.log_schema: dict[str, Any] = self.document["components"]["schemas"]["Log"]
        self.longest_tenant: int = self.log_schema["properties"]["tenantId"]["maxLength"]
        self.longest_id: int = self.log_schema["properties"]["id"]["maxLength"]
        self._server: str = self.document["servers"][0]["url"]

    @cached_property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The parameters that filter, in documented order: the name, and the steps from a log to what it compares."""
        filters = [p for p in self.parameters.values() if p.looks_at]
        return MappingProxyType({p.name: tuple(p.looks_at.split(".")) for p in filters})

    def resource(self, tenant: str) -> str:
        """The URI that names a tenant's Management API as a resource: its published server, with ``/api``."""
        return self._server.replace("{tenant_id}", tenant) + "/api"

    def tenant_at(self, host: str) -> str:
        """The tenant whose published server a host (lower case) is; ``default`` for any other host."""
        before, after = map(re.escape, self._server.partition("://")[2].split("{tenant_id}"))
        published = re.fullmatch(f"{before}([^.]+){after}", host)
        return published[1] if published else "default"

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Every ``x-observed`` fact by its name, in the document's order."""
        return MappingProxyType({fact.name: fact for fact in _facts(self.document)})

    def fact(self, name: str) -> Any:
        """The value of one ``x-observed`` fact."""
        return self.facts[name].value

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
    """The contract, read once."""
    return Contract(beside("openapi.yaml").read_bytes())


def _parameter(raw: dict[str, Any]) -> Parameter:
    schema = raw["schema"]
    bounds = (schema.get("minimum"), schema.get("default"))
    return Parameter(raw["name"], schema["type"], raw["description"], *bounds, raw.get("x-looks-at", ""))


def promised(node: Any) -> Any:
    """A part of the document without what is marked as beyond the page, which binds nobody, and what is empty then."""
    if isinstance(node, list):
        return [promised(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        name: promised(value)
        for name, value in node.items()
        if "x-beyond-the-page" not in (value if isinstance(value, dict) else ())
    }
    return {name: rest for name, rest in kept.items() if rest != {} or node[name] == {}}


def _facts(node: Any) -> Iterator[Fact]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "x-observed":
                for name, raw in value.items():
                    lists = {"seen": tuple(raw["seen"]), "deviations": tuple(raw.get("deviations", ()))}
                    yield Fact(name, **{**raw, **lists})
            else:
                yield from _facts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _facts(value)


def _problem(schema: dict[str, Any], error: Any) -> Problem:
    """One error of the validator as a problem; a missing key is reported at its own path."""
    path, keyword = list(error.instance_path), error.schema_path[-1]
    owner: Any = schema
    for step in error.schema_path[:-1]:
        owner = owner[step]
    if keyword == "required":
        path.append(error.kind.property)
        found, expected = "nothing", _a(owner["properties"][path[-1]]["type"])
    elif keyword in ("minLength", "maxLength"):
        found = f"{len(error.instance)} characters"
        expected = f"at {'least' if keyword == 'minLength' else 'most'} {owner[keyword]}"
    else:
        found, expected = named(error.instance), _expected(keyword, owner[keyword])
    return Problem(".".join(map(str, path)), found, expected)


def _expected(keyword: str, value: Any) -> str:
    if keyword == "type":
        return _a(value)
    if keyword == "enum":
        return "one of " + ", ".join(map(str, value))
    return " or ".join(_a(choice["type"]) for choice in value)


def _a(type_name: str) -> str:
    return f"{'an' if type_name[0] in 'aeio' else 'a'} {type_name}"
