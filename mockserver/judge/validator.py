"""Schemathesis as the validator of answers: the only importer of its built-in checks.

Its messages repeat the values that failed, which may be personal. The breaks made here name places, types and lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import requests
import schemathesis
import schemathesis.checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi.checks import JsonSchemaError

from mockserver.contract.document import LIST_PATH, contract
from mockserver.judge.answer import Answer, Break, ProbeExchange


@cache
def operation() -> Any:
    """The documented operation as Schemathesis reads it, built once."""
    config = schemathesis.Config.from_dict({"cache": {"enabled": False}})
    return schemathesis.openapi.from_dict(contract().document, config=config)[LIST_PATH]["GET"]


@cache
def _request() -> requests.PreparedRequest:
    # The checks used here read only the answer; Schemathesis needs a request for its messages, which we do not print.
    return requests.Request("GET", "http://target.example.com" + LIST_PATH).prepare()


def converted(response: Any) -> schemathesis.Response:
    """A response of requests, httpx, werkzeug or Schemathesis as a response of Schemathesis."""
    return schemathesis.Response.from_any(response)


def failures(exchange: ProbeExchange, check: str) -> list[Failure]:
    """The failures that one built-in check of Schemathesis, by its name, finds in an answer."""
    answer = exchange.answer
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name.lower(), []).append(value)
    response = schemathesis.Response(answer.status, headers, answer.body, _request(), answer.seconds, verify=True)
    try:
        operation().Case().validate_response(response, checks=[getattr(schemathesis.checks, check)])
    except FailureGroup as group:
        return list(group.exceptions)
    return []


def status_breaks(exchange: ProbeExchange) -> Iterator[Break]:
    """A status that the document does not list."""
    for _ in failures(exchange, "status_code_conformance"):
        known = ", ".join(map(str, sorted(contract().statuses)))
        yield Break(f"one of {known}", exchange.answer.said(), subject=str(exchange.answer.status))


def content_type_breaks(exchange: ProbeExchange) -> Iterator[Break]:
    """A 200 that is not application/json."""
    for _ in failures(exchange, "content_type_conformance"):
        sent = exchange.answer.header("content-type")
        yield Break("application/json", "no Content-Type" if sent is None else sent)


def schema_breaks(exchange: ProbeExchange) -> Iterator[Break]:
    """Each place of the schema that an answer breaks, with the first value that breaks it."""
    errors = failures(_as_json(exchange), "response_schema_conformance")
    # Failures of other types are about the text, which another check judges.
    for failure in [error for error in errors if isinstance(error, JsonSchemaError)]:
        pointer = "/" + "/".join(map(str, failure.instance_path))
        yield Break(_expected(failure), f"{shape(failure.instance)} at {pointer}", subject=_subject(failure))


def _as_json(exchange: ProbeExchange) -> ProbeExchange:
    """The exchange with its body declared as JSON, since a wrong Content-Type must not hide breaks of the schema."""
    answer = exchange.answer
    others = tuple((name, value) for name, value in answer.headers if name.lower() != "content-type")
    typed = (*others, ("content-type", "application/json"))
    return ProbeExchange(exchange.probe, Answer(answer.status, typed, answer.body, answer.seconds))


def _subject(failure: JsonSchemaError) -> str:
    path = failure.schema_path
    # Schemathesis bundles referenced schemas: that of a log, but not that of the array.
    bundled = path[0] == "x-bundled"
    place = "/".join(["log" if bundled else "answer", *map(str, path[2:] if bundled else path)])
    return f"{place}/{_missing(failure)}" if path[-1] == "required" else place


def _missing(failure: JsonSchemaError) -> str:
    """The name that Schemathesis quotes as missing."""
    return failure.validation_message.split('"')[1]


def _expected(failure: JsonSchemaError) -> str:
    keyword = str(failure.schema_path[-1])
    allowed: Any = failure.schema.get(keyword)
    match keyword:
        case "required":
            return f"the member {_missing(failure)}"
        case "type":
            return f"of type {allowed}"
        case "enum":
            return "one of " + ", ".join(map(str, allowed))
        case "oneOf":
            return "one of the types " + ", ".join(choice["type"] for choice in allowed)
        case _:
            return f"{keyword} {allowed}"


def shape(value: Any) -> str:
    """The JSON type of ``value`` with its length: ``a string of 22 characters``, ``an array of 3``."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return f"a string of {len(value)} characters"
        case list():
            return f"an array of {len(value)}"
        case _:
            return f"an object of {len(value)} members"
