"""What the routes of the control API share: JSON bodies in and out, and the tenant whom a request is for."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import decode, encode
from mockserver.edge.wsgi import request_from
from mockserver.faults.rule import Rule, build_rule, read_rule
from mockserver.mock.exchange import Mock
from mockserver.mock.tenants import Tenant, tenant_path


def tenant_of(mock: Mock) -> Tenant:
    """The tenant of the request at hand; raises Refused for a name that is none."""
    return mock.tenants.get(tenant_path(request_from(request.environ)).tenant)


def body() -> Any:
    """The JSON body of the request at hand; raises MockserverError where it is none."""
    try:
        return decode(request.get_data())
    except ValueError as error:
        raise MockserverError("body", f"no JSON ({error})", "one JSON value") from None


def as_json(value: Any, status: int = 200) -> Response:
    """A value as the response."""
    return Response(encode(value), status, mimetype="application/json")


def nothing() -> Response:
    """A response that says: done."""
    return Response(status=204)


def as_refused(error: Refused) -> Response:
    """A refusal as the response."""
    parts = {"code": error.code, "message": error.message, "data": error.data}
    return as_json({name: value for name, value in parts.items() if value is not None}, error.status)


def problem(error: MockserverError) -> dict[str, str]:
    """What somebody must mend, part by part."""
    return {"place": error.place, "found": error.found, "expected": error.expected, "remedy": error.remedy}


def rule_of(value: Any) -> Rule:
    """The rule that a body holds, as a text or as fields; raises MockserverError."""
    if not isinstance(value, dict) or not isinstance(value.get("rule", value.get("kind")), str):
        raise MockserverError("body", "no rule", 'an object with "rule" (a text), or "kind" and its fields')
    if "rule" not in value:
        return build_rule(value["kind"], {name: each for name, each in value.items() if name != "kind"})
    if len(value) > 1:
        raise MockserverError("body", '"rule" with other fields', 'either "rule" alone, or "kind" and its fields')
    return read_rule(value["rule"])
