"""What a reader of the control API's description tries first: its examples, its answers, the names that it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from mockserver.edge.admin.document import description
from mockserver.edge.app import create_app
from mockserver.mock.settings import Settings

BEARER = {"Authorization": "Bearer dev-token"}
# What is seen of each example: members of the answer to it.
EXAMPLES: dict[str, dict[str, Any]] = {
    "post /faults": {"text": "status:code=503,times=2", "kind": "status", "fields": {"code": 503, "times": 2}},
    "post /faults/trial": {"text": "status:code=503", "problems": []},
    "post /logs": {"key": "SignIn.Password.Submit"},
    "post /logs/trial": {"problems": []},
    "post /requests/count": {"count": 1},
    "post /requests/verify": {},
    "post /tenants": {"token": "dev-token"},
    "patch /settings": {"profile": "observed"},
    "post /advance": {"ahead": 3600.0},
}
# The statuses of each answer, beside 400, 401 and 403; and 415 where a body is sent.
ANSWERS = {
    "get /health": "200", "get /faults": "200", "post /faults": "201", "delete /faults": "204",
    "delete /faults/{id}": "204 404", "post /faults/trial": "200", "get /logs": "200", "post /logs": "201",
    "delete /logs": "204", "post /logs/trial": "200", "get /requests": "200", "delete /requests": "204",
    "post /requests/count": "200", "post /requests/verify": "200 406", "get /contract": "200", "get /presets": "200",
    "get /offences": "200", "get /suggestions": "200", "get /openapi.json": "200", "post /tenants": "201",
    "get /settings": "200", "patch /settings": "200", "post /reload": "200", "post /advance": "200",
    "post /reset": "204", "get /verdict": "200 404",
}  # fmt: skip


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with create_app(Settings(logs="seeded")).test_client() as client:
        yield client


def operations() -> dict[str, Any]:
    paths = description()["paths"]
    return {f"{method} {path}": operation for path, item in paths.items() for method, operation in item.items()}


def test_each_example_does_what_it_shows(client: FlaskClient) -> None:
    found = {name: each["requestBody"]["content"] for name, each in operations().items() if "requestBody" in each}
    assert found.keys() == EXAMPLES.keys()
    for name, content in found.items():
        method, _, path = name.partition(" ")
        if path == "/requests/count":
            client.get("/api/logs?page=2", headers=BEARER)
        # An example of a time that moves, or of an empty journal, is tried for a tenant of its own.
        own = f"/t/of{path.replace('/', '-')}" if path in ("/advance", "/requests/verify") else ""
        answer = client.open(f"{own}/__admin{path}", method=method, json=content["application/json"]["example"])
        assert EXAMPLES[name].items() <= dict(answer.json or {}).items(), name


def test_the_example_of_a_title_is_seen_in_the_name_of_its_tenant(client: FlaskClient) -> None:
    example = operations()["post /tenants"]["requestBody"]["content"]["application/json"]["example"]
    name = (client.post("/__admin/tenants", json=example).json or {})["tenant"]
    assert re.fullmatch("my-first-tes-[0-9a-f]{8}", name), name


def test_the_example_of_an_expectation_is_met_only_by_an_empty_journal(client: FlaskClient) -> None:
    example = operations()["post /requests/verify"]["requestBody"]["content"]["application/json"]["example"]
    assert client.post("/__admin/requests/verify", json=example).json == {"count": 0}
    client.get("/api/logs", headers=BEARER)
    assert client.post("/__admin/requests/verify", json=example).status_code == 406


def test_the_description_tells_each_status_that_a_route_answers() -> None:
    told = {name: set(operation["responses"]) for name, operation in operations().items()}
    assert told.keys() == ANSWERS.keys()
    for name, statuses in told.items():
        refused = {"400"} if name == "get /health" else {"400", "401", "403"}
        more = {"415"} if name.startswith(("post", "patch")) else set()
        assert statuses == {*ANSWERS[name].split()} | refused | more, name


def test_each_reference_of_the_description_leads_to_what_is_there() -> None:
    def references(node: Any) -> Iterator[str]:
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from references(value)
        if isinstance(node, dict) and "$ref" in node:
            yield node["$ref"]

    found = {*references(description())}
    for reference in found:
        place: Any = description()
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]
    assert {"#/components/responses/Refused406", "#/components/schemas/NewLog"} < found


def test_the_description_is_openapi_3_1_with_a_bearer_token_and_a_licence() -> None:
    whole = description()
    assert whole["openapi"] == "3.1.0"
    assert (whole["info"]["title"], whole["info"]["license"]) == (
        "mockserver control", {"name": "MIT", "identifier": "MIT"},
    )  # fmt: skip
    scheme = whole["components"]["securitySchemes"]["adminToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert {tag for each in operations().values() for tag in each["tags"]} == {tag["name"] for tag in whole["tags"]}
    assert [tag["name"] for tag in whole["tags"]] == ["Control"]


def test_what_a_form_needs_is_told_member_by_member() -> None:
    schemas = description()["components"]["schemas"]
    scalar = ["string", "integer", "number", "boolean"]
    text, whole, number = {"type": "string"}, {"type": "integer"}, {"type": "number"}
    by_name = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
    count = {"type": "integer", "minimum": 0}
    assert schemas["Field"]["properties"] == {
        "name": text, "type": {"type": "string", "enum": ["str", "int", "float"]}, "required": {"type": "boolean"},
        "default": {"type": [*scalar, "null"]}, "help": text, "at_least": {"type": ["number", "null"]},
        "at_most": {"type": ["number", "null"]}, "unit": text, "choices": {"type": "array", "items": text},
    }  # fmt: skip
    assert schemas["Expectation"]["required"] == []
    assert schemas["Expectation"]["properties"] == {
        "method": text, "path": text, "query": by_name, "headers": by_name, "status": count, "fault": text,
        "times": count, "at_least": count, "at_most": count,
    }  # fmt: skip
    assert schemas["Refusal"]["required"] == ["code", "message"]
    assert schemas["Advance"]["properties"]["seconds"]["minimum"] == 0
    assert schemas["Process"]["properties"]["since"] == {**number, "description": "Seconds since 1970."}
    assert (schemas["Process"]["properties"]["id"], schemas["Count"]["properties"]) == (whole, {"count": whole})
    assert not [name for name, each in schemas.items() if each.get("additionalProperties", False) is not False]


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("status", "retry_after", {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}),
        ("hang", "seconds", {"type": "number", "minimum": 0, "maximum": 3600}),
        ("garbage", "bytes", {"type": "integer", "minimum": 1, "maximum": 1_000_000}),
        ("latency", "distribution", {"type": "string", "enum": ["fixed", "uniform", "lognormal"]}),
    ],
)
def test_a_parameter_of_a_rule_has_its_bounds_in_the_schema(kind: str, name: str, told: dict[str, Any]) -> None:
    (schema,) = [each for each in description()["components"]["schemas"]["Rule"]["oneOf"] if each["title"] == kind]
    assert {key: value for key, value in schema["properties"][name].items() if key != "description"} == told


def test_unit_and_default_of_a_parameter_stand_behind_its_help() -> None:
    rules = {each["title"]: each["properties"] for each in description()["components"]["schemas"]["Rule"]["oneOf"]}
    assert rules["hang"]["seconds"]["description"] == "how long (s, default 30.0)"
    assert rules["status"]["code"]["description"] == "the status"
    assert rules["reset"]["after"]["description"].endswith("(bytes, default 0)")
    assert rules["RuleText"]["rule"] == {"type": "string", "description": "KIND[:name=value,...]"}
