"""The description of the control API, OpenAPI 3.1: made from the routes, the types that they take and answer, the kinds
of faults and the contract, so that it cannot say anything else than these."""

from __future__ import annotations

import inspect
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from mockserver import __version__
from mockserver.contract.document import contract
from mockserver.contract.errors import unknown
from mockserver.contract.grammar import MOST_INT
from mockserver.contract.jsontext import decode
from mockserver.edge.admin import shapes
from mockserver.edge.admin.actions import LAST_CURSOR, MOST_SMALL, ROUTES, Control, Route, health, list_requests, route
from mockserver.edge.admin.rules import conditions_json, kinds_json
from mockserver.edge.command import refusal_reply
from mockserver.faults.kinds import KINDS
from mockserver.http.head import BODY_LIMIT
from mockserver.mock.expectations import Expectation
from mockserver.mock.journal import MOST
from mockserver.mock.store import MOST_ADDED
from mockserver.mock.tenants import MOST as MOST_TENANTS

JsonSchema = dict[str, Any]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_REFUSALS = {
    400: "Something must be mended. The message says what, and lists the known names.",
    401: "The server has an admin token, and the request does not have it.",
    403: "The control API is not open to this client, or it does not do this.",
    404: "Nothing has this id.",
    406: "The requests were not as expected. The message says how they differ.",
    415: "The body is not declared as JSON.",
}
_ABOUT = f"""Whatever a test does with its mock: faults, logs, time, settings, and the requests that came.

Below `/t/NAME/__admin`, every call is about the tenant NAME, and no other tenant notices. `POST /tenants` gives a free
name. A rule of a fault, a source of logs and a moment are texts with a grammar: a wrong one is answered 400.

At most: {MOST_TENANTS:,} tenants, beyond which the one used longest ago is forgotten; {MOST:,} requests and
{MOST_ADDED:,} added logs in each; {BODY_LIMIT:,} bytes in a body, {MOST_SMALL:,} in one that is no log.
"""


@route("GET", "/openapi.json")
def show_description(control: Control) -> shapes.ObjectJson:
    """This description of the control API, for generators of clients."""
    url = control.request.public + control.request.path.removesuffix("/openapi.json")
    needs_token = control.mock.settings.admin_token is not None
    return {
        **description(),
        "servers": [{"url": url, "description": "This mock."}],
        "security": [{"adminToken": []}] if needs_token else [{}, {"adminToken": []}],
    }


@cache
def description() -> JsonSchema:
    """The description without what depends on the server that it comes from."""
    schemas: JsonSchema = {"Log": contract().log_schema, "NewLog": _new_log(), "Rule": {"oneOf": list(_rules())}}
    paths: dict[str, JsonSchema] = {}
    for each in ROUTES:
        paths.setdefault(template(each), {})[each.method.lower()] = _operation(each, schemas)
    license_ = {"name": "MIT", "identifier": "MIT"}
    scheme = {"type": "http", "scheme": "bearer", "description": "Where the server has `--admin-token`."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver control", "version": __version__, "description": _ABOUT, "license": license_},
        "tags": [{"name": "Control", "description": "The calls that change or show one tenant of a mock."}],
        "paths": paths,
        "components": {
            "securitySchemes": {"adminToken": scheme},
            "responses": {f"Refused{status}": _refusal(status, schemas) for status in _REFUSALS},
            "schemas": schemas,
        },
    }


def template(each: Route) -> str:
    """The path of a route as documents write it, such as ``/faults/{id}``."""
    return re.sub("<(?:int:)?(.+?)>", r"{\1}", each.path)


def _operation(each: Route, schemas: JsonSchema) -> JsonSchema:
    """One operation: what is sent, and every answer there may be."""
    answer = get_type_hints(each.act, include_extras=True)["return"]
    if get_origin(answer) is Generator:
        answer = get_args(answer)[-1]
    refusals = {400, 401, 403, *each.refusals} | ({415} if each.method in ("POST", "PATCH") else set())
    if each.act is health:
        refusals = {400}
    sentence = (inspect.getdoc(each.act) or "").partition("\n\n")[0].replace("\n", " ")
    if answer is type(None):
        responses: JsonSchema = {"204": {"description": "It is done."}}
    else:
        content = {"application/json": {"schema": schema_of(answer, schemas)}}
        responses = {str(each.status): {"description": "The answer.", "content": content}}
    operation: JsonSchema = {
        "operationId": re.sub("_(.)", lambda match: match[1].upper(), each.act.__name__),
        "summary": re.sub(r"; raises .*", ".", sentence).replace("``", "`"),
        "tags": ["Control"],
        "parameters": [*_parameters(each)],
        "responses": responses | {f"{s}": {"$ref": f"#/components/responses/Refused{s}"} for s in sorted(refusals)},
    }
    if each.act in (health, show_description):
        operation["security"] = []
    if each.body is not None:
        content = {"application/json": {"schema": schema_of(each.body, schemas), "example": each.example}}
        operation["requestBody"] = {"required": each.body is not shapes.TitleJson, "content": content}
    return operation


def _parameters(each: Route) -> Iterator[JsonSchema]:
    """The parameters of the path, and the cursor of the journal."""
    for name in re.findall("{(.+?)}", template(each)):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    if each.act is list_requests:
        schema = {"type": "integer", "minimum": 0, "maximum": LAST_CURSOR}
        yield {
            "name": "after",
            "in": "query",
            "description": "The id of an entry: later ones are wanted.",
            "schema": schema,
        }


def _refusal(status: int, schemas: JsonSchema) -> JsonSchema:
    """The answer to a request that is refused; the example is a real one."""
    content: JsonSchema = {"schema": schema_of(shapes.RefusalJson, schemas)}
    if status == 400:
        content["example"] = decode(refusal_reply(unknown("fault", "staus", KINDS)).content())
    return {"description": _REFUSALS[status], "content": {"application/json": content}}


def schema_of(hint: Any, schemas: JsonSchema) -> JsonSchema:
    """The JSON schema of a type. A record becomes a component, which is put into ``schemas``."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (Any, bytes):
        return {}
    if isinstance(hint, type) and hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is Annotated:
        more = {"description": arguments[1]} if isinstance(arguments[1], str) else arguments[1]
        return schema_of(arguments[0], schemas) | more
    if origin is NotRequired:
        return schema_of(arguments[0], schemas)
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin in (Union, UnionType):
        return _either([schema_of(argument, schemas) for argument in arguments])
    if origin in (list, tuple, Sequence):
        return {"type": "array", "items": schema_of(arguments[0], schemas)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], schemas)}
    return _record(hint, schemas)


def _either(choices: list[JsonSchema]) -> JsonSchema:
    """A schema that takes what any of these takes: one with several types where these are plain."""
    if all(choice.keys() == {"type"} for choice in choices):
        return {"type": [choice["type"] for choice in choices]}
    return {"anyOf": choices}


def _record(hint: Any, schemas: JsonSchema) -> JsonSchema:
    """A reference to the component of a typed dictionary or a dataclass."""
    name = hint.__name__.removesuffix("Json")
    if name not in schemas:
        members = get_type_hints(hint, include_extras=True)
        properties = {member: schema_of(type_, schemas) for member, type_ in members.items()}
        is_whole = getattr(hint, "__total__", hint is not Expectation)
        if hint is Expectation:
            # None stands for what is left out.
            for schema in properties.values():
                schema |= schema.pop("anyOf", [{"type": schema.get("type", "n")[0]}])[0]
        schemas[name] = {
            "description": (inspect.getdoc(hint) or "").replace("``", "`"),
            "type": "object",
            "required": [name for name, type_ in members.items() if is_whole and get_origin(type_) is not NotRequired],
            "properties": properties,
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _rules() -> Iterator[JsonSchema]:
    """A rule: its text, or a kind and the values of its parameters."""
    yield {
        "title": "RuleText", "type": "object", "required": ["rule"], "additionalProperties": False,
        "properties": {"rule": {"type": "string", "description": "KIND[:name=value,...]"}},
    }  # fmt: skip
    conditions = {field["name"]: _parameter(field) for field in conditions_json()}
    for kind in kinds_json():
        fields = kind["parameters"]
        yield {
            "title": kind["kind"], "description": kind["sentence"], "type": "object", "additionalProperties": False,
            "required": ["kind", *(field["name"] for field in fields if field["required"])],
            "properties": {
                "kind": {"const": kind["kind"]}, **{field["name"]: _parameter(field) for field in fields}, **conditions,
            },
        }  # fmt: skip


def _parameter(field: shapes.FieldJson) -> JsonSchema:
    """The schema of a parameter, with its bounds and choices; unit and default are told, since generators take what has
    a default for required."""
    type_ = {"str": "string", "int": "integer", "float": "number"}[field["type"]]
    most = MOST_INT if type_ == "integer" and field["at_most"] is None else field["at_most"]
    notes = [field["unit"], "" if field["default"] in ("", None) else f"default {field['default']}"]
    schema = {
        "type": type_,
        "description": f"{field['help']} ({', '.join(filter(None, notes))})".removesuffix(" ()"),
        "minimum": field["at_least"],
        "maximum": most,
        "enum": list(field["choices"]) or None,
    }
    return {name: value for name, value in schema.items() if value is not None}


def _new_log() -> JsonSchema:
    """The contract's schema of a log, which may leave out what the store fills in."""
    log = contract().log_schema
    payload = log["properties"]["payload"]
    properties = log["properties"] | {"payload": {**payload, "required": []}}
    return {**log, "description": "A log to add. A key is enough.", "required": ["key"], "properties": properties}
