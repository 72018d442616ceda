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
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi.checks import JsonSchemaError

from mockserver.contract.document import LIST_PATH, contract, promised, validator
from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Answer, Break, ProbeExchange

# So many logs are validated at once: those of a common page.
PIECE = 100


@cache
def operation() -> Any:
    """The documented operation as Schemathesis reads it, built once."""
    config = schemathesis.Config.from_dict({"cache": {"enabled": False}})
    return schemathesis.openapi.from_dict(promised(contract().document), config=config)[LIST_PATH]["GET"]


@cache
def _answer_schema() -> Any:
    """The validator of a 200, which says yes or no in a twentieth of the time that Schemathesis takes."""
    document = promised(contract().document)
    schema = document["paths"][LIST_PATH]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return validator({**schema, "components": document["components"]})


@cache
def _request() -> requests.PreparedRequest:
    # The checks used here read only the answer; Schemathesis needs a request for its messages, which we do not print.
    return requests.Request("GET", "http://target.example.com" + LIST_PATH).prepare()


def converted(response: Any) -> schemathesis.Response:
    """A response of requests, httpx, werkzeug or Schemathesis as a response of Schemathesis."""
    return schemathesis.Response.from_any(response)


def _failures(answer: Answer, value: Any) -> list[JsonSchemaError]:
    """The failures that Schemathesis finds in a value, whatever its Content-Type: that has a check of its own."""
    headers = {"content-type": ["application/json"]}
    response = schemathesis.Response(answer.status, headers, encode(value), _request(), answer.seconds, verify=True)
    failures: list[JsonSchemaError] = []
    try:
        operation().Case().validate_response(response, checks=[schemathesis.checks.response_schema_conformance])
    except FailureGroup as group:
        # Failures of other types are about the text, which another check judges.
        failures = [failure for failure in group.exceptions if isinstance(failure, JsonSchemaError)]
    return failures


def schema_breaks(exchange: ProbeExchange) -> Iterator[Break]:
    """Each place of the schema that the first broken logs of an answer break.

    Schemathesis collects every break of what it is given: of a list, that is the first piece with a broken log.
    """
    value, start, is_valid = exchange.answer.value, 0, _answer_schema().is_valid
    if is_valid(value):
        return
    if isinstance(value, list):
        start = next((at for at in range(0, len(value), PIECE) if not is_valid(value[at : at + PIECE])), 0)
        value = value[start : start + PIECE]
    for failure in _failures(exchange.answer, value):
        place = [str(step) for step in failure.instance_path]
        pointer = "/" + "/".join([*(str(int(step) + start) for step in place[:1] if step.isdigit()), *place[1:]])
        yield Break(_expected(failure), f"{shape(failure.instance)} at {pointer}", subject=_subject(failure))


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
