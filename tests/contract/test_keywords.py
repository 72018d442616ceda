"""The code understands each schema keyword of the document."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import contract
from tests.support.page import KEYWORDS, PARAMETER_KEYWORDS


def _schemas(where: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields a schema and those within it, each with its place."""
    yield where, schema
    inner = {f"properties/{name}": part for name, part in schema.get("properties", {}).items()}
    inner |= {f"oneOf/{number}": part for number, part in enumerate(schema.get("oneOf", ()))}
    inner |= {name: schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)}
    for step, part in inner.items():
        yield from _schemas(f"{where}/{step}", part)


def misunderstood(document: dict[str, Any]) -> dict[str, set[str]]:
    """Returns the schema keywords that nobody interprets, by their place."""
    log, parameters = document["components"]["schemas"]["Log"], document["paths"]["/api/logs"]["get"]["parameters"]
    schemas = {where: schema.keys() - KEYWORDS for where, schema in _schemas("Log", log)}
    schemas |= {raw["name"]: raw["schema"].keys() - PARAMETER_KEYWORDS for raw in parameters}
    return {where: names for where, names in schemas.items() if names}


def test_each_schema_keyword_is_one_that_the_code_understands() -> None:
    """Where this fails, teach the keyword to ``problems``, to the strategies and to the checks, then list it."""
    assert misunderstood(contract().document) == {}


def test_a_new_keyword_would_be_found_at_any_depth() -> None:
    document = copy.deepcopy(contract().document)
    payload = document["components"]["schemas"]["Log"]["properties"]["payload"]["properties"]
    payload["error"]["oneOf"][1]["pattern"] = "x"
    payload["injectedHeaders"]["additionalProperties"]["format"] = "x"
    document["paths"]["/api/logs"]["get"]["parameters"][-1]["schema"]["maximum"] = 100
    assert misunderstood(document) == {
        "Log/properties/payload/properties/error/oneOf/1": {"pattern"},
        "Log/properties/payload/properties/injectedHeaders/additionalProperties": {"format"},
        "page_size": {"maximum"},
    }
