"""Logto's documentation of ``GET /api/logs``, transcribed by hand: what ``openapi.yaml`` must say, and nothing else.

One line is one attribute: its place (a JSON pointer without the tildes) and its value. It is written from Logto's page,
never from ``openapi.yaml``, and only tests read it. Mock and judge both derive from ``openapi.yaml``: without this
second transcription an error there would cancel out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

OBSERVED, BEYOND = "x-observed", "x-beyond-the-page"
# The schema keywords that the code understands: problems, strategies and checks interpret these and no others.
KEYWORDS = frozenset(
    ("type", "required", "properties", "additionalProperties", "items", "enum", "oneOf", "minLength", "maxLength")
)
PARAMETER_KEYWORDS = frozenset(("type", "minimum", "default"))

_GET = "/paths//api/logs/get"
_LOG = "/components/schemas/Log"
_PAYLOAD = f"{_LOG}/properties/payload"
_AGENT = f"{_PAYLOAD}/properties/userAgentParsed"

# What Logto's page does not say, and an OpenAPI document must: our own words.
FRAME: dict[str, Any] = {
    "/openapi": "3.1.0",
    "/info/title": "Logto Management API, audit logs",
    "/info/version": "1.36.0",
    "/info/summary": "One operation of Logto's Management API, and what was seen of real deployments beside it.",
    "/servers/0/description": "Logto endpoint address.",
    "/servers/0/variables/tenant_id/default": "default",
    "/info/license/name": "MIT",
    "/info/license/identifier": "MIT",
    "/tags/0/name": "Audit logs",
    "/tags/0/description": "What happened in a tenant, one record an event.",
    "/components/securitySchemes/bearer/bearerFormat": "JWT",
    "/components/securitySchemes/bearer/description": "An access token for the Management API.",
    # Every object is open unless the document closes it; some generators of types must be told.
    "/components/schemas/Log/properties/payload/properties/error/oneOf/0/additionalProperties": True,
    "/components/schemas/Log/properties/payload/properties/params/additionalProperties": True,
}

PAGE: dict[str, Any] = {
    "/servers/0/url": "https://{tenant_id}.logto.app",
    "/security/0/bearer": [],
    "/components/securitySchemes/bearer/type": "http",
    "/components/securitySchemes/bearer/scheme": "bearer",
    # The operation.
    f"{_GET}/operationId": "ListLogs",
    f"{_GET}/summary": "Get logs",
    f"{_GET}/description": "Get logs that match the given query with pagination.",
    f"{_GET}/tags": ["Audit logs"],
    # Its parameters.
    f"{_GET}/parameters/0/name": "userId",
    f"{_GET}/parameters/0/in": "query",
    f"{_GET}/parameters/0/required": False,
    f"{_GET}/parameters/0/description": "Filter logs by user ID",
    f"{_GET}/parameters/0/schema/type": "string",
    f"{_GET}/parameters/0/x-looks-at": "payload.userId",  # where a log holds what the description names
    f"{_GET}/parameters/1/name": "applicationId",
    f"{_GET}/parameters/1/in": "query",
    f"{_GET}/parameters/1/required": False,
    f"{_GET}/parameters/1/description": "Filter logs by application ID",
    f"{_GET}/parameters/1/schema/type": "string",
    f"{_GET}/parameters/1/x-looks-at": "payload.applicationId",  # where a log holds what the description names
    f"{_GET}/parameters/2/name": "logKey",
    f"{_GET}/parameters/2/in": "query",
    f"{_GET}/parameters/2/required": False,
    f"{_GET}/parameters/2/description": "Filter logs by log key",
    f"{_GET}/parameters/2/schema/type": "string",
    f"{_GET}/parameters/2/x-looks-at": "key",  # where a log holds what the description names
    f"{_GET}/parameters/3/name": "page",
    f"{_GET}/parameters/3/in": "query",
    f"{_GET}/parameters/3/required": False,
    f"{_GET}/parameters/3/description": "Page number (starts from 1).",
    f"{_GET}/parameters/3/schema/type": "integer",
    f"{_GET}/parameters/3/schema/minimum": 1,
    f"{_GET}/parameters/3/schema/default": 1,
    f"{_GET}/parameters/4/name": "page_size",
    f"{_GET}/parameters/4/in": "query",
    f"{_GET}/parameters/4/required": False,
    f"{_GET}/parameters/4/description": "Entries per page.",
    f"{_GET}/parameters/4/schema/type": "integer",
    f"{_GET}/parameters/4/schema/minimum": 1,
    f"{_GET}/parameters/4/schema/default": 20,
    # Its answers.
    f"{_GET}/responses/200/description": "An array of logs that match the given query.",
    f"{_GET}/responses/200/content/application/json/schema/type": "array",
    f"{_GET}/responses/200/content/application/json/schema/items/$ref": "#/components/schemas/Log",
    f"{_GET}/responses/400/description": "Bad Request",
    f"{_GET}/responses/401/description": "Unauthorized",
    f"{_GET}/responses/403/description": "Forbidden",
    # One log.
    f"{_LOG}/type": "object",
    f"{_LOG}/required": ["tenantId", "id", "key", "payload", "createdAt"],
    f"{_LOG}/properties/tenantId/type": "string",
    f"{_LOG}/properties/tenantId/maxLength": 21,
    f"{_LOG}/properties/id/type": "string",
    f"{_LOG}/properties/id/minLength": 1,
    f"{_LOG}/properties/id/maxLength": 21,
    f"{_LOG}/properties/key/type": "string",
    f"{_LOG}/properties/key/minLength": 1,
    f"{_LOG}/properties/key/maxLength": 128,
    f"{_LOG}/properties/createdAt/type": "number",
    # Its payload.
    f"{_PAYLOAD}/type": "object",
    f"{_PAYLOAD}/required": ["key", "result"],
    f"{_PAYLOAD}/additionalProperties": True,
    f"{_PAYLOAD}/properties/key/type": "string",
    f"{_PAYLOAD}/properties/result/type": "string",
    f"{_PAYLOAD}/properties/result/enum": ["Success", "Error"],
    f"{_PAYLOAD}/properties/error/oneOf/0/type": "object",
    f"{_PAYLOAD}/properties/error/oneOf/1/type": "string",
    f"{_PAYLOAD}/properties/ip/type": "string",
    f"{_PAYLOAD}/properties/userAgent/type": "string",
    f"{_PAYLOAD}/properties/injectedHeaders/type": "object",
    f"{_PAYLOAD}/properties/injectedHeaders/additionalProperties/type": "string",
    f"{_PAYLOAD}/properties/userId/type": "string",
    f"{_PAYLOAD}/properties/applicationId/type": "string",
    f"{_PAYLOAD}/properties/sessionId/type": "string",
    f"{_PAYLOAD}/properties/params/type": "object",
    # The parts of the user agent.
    f"{_AGENT}/type": "object",
    f"{_AGENT}/properties/ua/type": "string",
    f"{_AGENT}/properties/browser/type": "object",
    f"{_AGENT}/properties/browser/properties/name/type": "string",
    f"{_AGENT}/properties/browser/properties/version/type": "string",
    f"{_AGENT}/properties/browser/properties/major/type": "string",
    f"{_AGENT}/properties/browser/properties/type/type": "string",
    f"{_AGENT}/properties/device/type": "object",
    f"{_AGENT}/properties/device/properties/model/type": "string",
    f"{_AGENT}/properties/device/properties/type/type": "string",
    f"{_AGENT}/properties/device/properties/vendor/type": "string",
    f"{_AGENT}/properties/engine/type": "object",
    f"{_AGENT}/properties/engine/properties/name/type": "string",
    f"{_AGENT}/properties/engine/properties/version/type": "string",
    f"{_AGENT}/properties/os/type": "object",
    f"{_AGENT}/properties/os/properties/name/type": "string",
    f"{_AGENT}/properties/os/properties/version/type": "string",
    f"{_AGENT}/properties/cpu/type": "object",
    f"{_AGENT}/properties/cpu/properties/architecture/type": "string",
}


def of_the_page(node: Any) -> Any:
    """Returns a node of the document without what is marked as beyond Logto's page, and without what becomes empty."""
    if isinstance(node, list):
        return [of_the_page(item) for item in node if not _is_beyond(item)]
    if not isinstance(node, dict):
        return node
    kept = {}
    for name, value in node.items():
        if name == OBSERVED or _is_beyond(value):
            continue
        rest = of_the_page(value)
        if rest != {} or value == {}:
            kept[name] = rest
    return kept


def _is_beyond(node: Any) -> bool:
    return isinstance(node, dict) and node.get(BEYOND) is True


def lines(node: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Yields the place and the value, as JSON, of every attribute; a list of plain values is one attribute."""
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from lines(value, f"{where}/{name}")
    elif isinstance(node, list) and any(isinstance(item, (dict, list)) for item in node):
        for number, value in enumerate(node):
            yield from lines(value, f"{where}/{number}")
    else:
        yield where, json.dumps(node)


def stated(document: dict[str, Any]) -> dict[str, str]:
    """Returns what a document says of Logto's page, by place; the prose of its introduction is left out."""
    return {where: value for where, value in lines(of_the_page(document)) if where != "/info/description"}


TRANSCRIBED = {where: json.dumps(value) for where, value in (FRAME | PAGE).items()}
