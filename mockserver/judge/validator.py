"""Schemathesis as the validator of answers: the only importer of its built-in checks.

Its message texts hold the values that failed; breaks are made of places, types and lengths instead.
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
from mockserver.judge.shape import shape


@cache
def operation() -> Any:
    """The documented operation as Schemathesis reads it, built once."""
    config = schemathesis.Config.from_dict({"cache": {"enabled": False}})
    return schemathesis.openapi.from_dict(contract().document, config=config)[LIST_PATH]["GET"]


@cache
def _request() -> requests.PreparedRequest:
    # The checks used here read the answer alone; Schemathesis asks for a request to print, and we print our own.
    return requests.Request("GET", "http://target.example.com" + LIST_PATH).prepare()


def converted(response: Any) -> schemathesis.Response:
    """A response of requests, httpx, werkzeug or Schemathesis, as the last has it."""
    return schemathesis.Response.from_any(response)


def failures(exchange: ProbeExchange, check: str) -> list[Failure]:
    """What one built-in check of Schemathesis, by its name, holds against an answer."""
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
    """Statuses the page does not list."""
    for _ in failures(exchange, "status_code_conformance"):
        known = ", ".join(map(str, sorted(contract().statuses)))
        yield Break(f"one of {known}", exchange.answer.said(), subject=str(exchange.answer.status))


def content_type_breaks(exchange: ProbeExchange) -> Iterator[Break]:
    """A 200 that is not application/json."""
    for _ in failures(exchange, "content_type_conformance"):
        sent = exchange.answer.header("content-type")
        yield Break("application/json", "no Content-Type" if sent is None else sent)


def schema_breaks(exchange: ProbeExchange) -> Iterator[Break]:
    """Each place of the schema that an answer breaks, with where it first does."""
    found = failures(_as_json(exchange), "response_schema_conformance")
    # What else there is to say of a text, another rule says.
    for failure in [each for each in found if isinstance(each, JsonSchemaError)]:
        pointer = "/" + "/".join(map(str, failure.instance_path))
        yield Break(_wanted(failure), f"{shape(failure.instance)} at {pointer}", subject=_subject(failure))


def _as_json(exchange: ProbeExchange) -> ProbeExchange:
    """The exchange with its body declared as JSON: a wrong Content-Type is a finding of its own and hides no other."""
    answer = exchange.answer
    others = tuple((name, value) for name, value in answer.headers if name.lower() != "content-type")
    typed = (*others, ("content-type", "application/json"))
    return ProbeExchange(exchange.probe, Answer(answer.status, typed, answer.body, answer.seconds))


def _subject(failure: JsonSchemaError) -> str:
    path = failure.schema_path
    # Schemathesis bundles what is referenced: the schema of a log stands there, that of the array does not.
    bundled = path[0] == "x-bundled"
    place = "/".join(["log" if bundled else "answer", *map(str, path[2:] if bundled else path)])
    return f"{place}/{_missing(failure)}" if path[-1] == "required" else place


def _missing(failure: JsonSchemaError) -> str:
    """The name that Schemathesis quotes as missing."""
    return failure.validation_message.split('"')[1]


def _wanted(failure: JsonSchemaError) -> str:
    keyword = str(failure.schema_path[-1])
    wanted: Any = failure.schema.get(keyword)
    match keyword:
        case "required":
            return f"the member {_missing(failure)}"
        case "type":
            return f"of type {wanted}"
        case "enum":
            return "one of " + ", ".join(map(str, wanted))
        case "oneOf":
            return "one of the types " + ", ".join(choice["type"] for choice in wanted)
        case _:
            return f"{keyword} {wanted}"
