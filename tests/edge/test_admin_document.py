"""The description of the control API says what there is: all routes, no more, and the answers that these give."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mockserver.contract.document import validator
from mockserver.edge.admin import guard
from mockserver.edge.admin.actions import ROUTES
from mockserver.edge.admin.document import description
from mockserver.edge.app import create_app
from mockserver.faults.kinds import KINDS
from mockserver.mock.settings import TENANT_SETTINGS, Settings
from tests.support import control, docs

OPERATIONS = [(path, method) for path, item in description()["paths"].items() for method in item]
BEARER = {"Authorization": "Bearer dev-token"}


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(logs="seeded"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def schema(name: str) -> Any:
    return {**description()["components"]["schemas"][name], "components": description()["components"]}


def test_it_describes_the_routes_that_flask_serves_and_no_others(app: Flask) -> None:
    served = {
        (re.sub("<(?:int:)?(.+?)>", r"{\1}", rule.rule.removeprefix("/__admin")), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/__admin/") and rule.endpoint.startswith("admin-")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {*OPERATIONS}


def test_the_documents_list_the_same_routes() -> None:
    listed = re.findall(r"^\| `([A-Z]+) (\S+)` \|", docs.DOCUMENTS["control-api"].read_text(), re.MULTILINE)
    assert {(f"/{path}", method.lower()) for method, path in listed} == {*OPERATIONS}


def test_it_names_the_server_that_it_came_from(client: FlaskClient) -> None:
    for prefix in ("", "/t/acme"):
        document = client.get(f"{prefix}/__admin/openapi.json").json
        assert [server["url"] for server in document["servers"]] == [f"http://localhost{prefix}/__admin"]


def test_each_name_of_an_operation_is_its_own() -> None:
    names = [description()["paths"][path][method]["operationId"] for path, method in OPERATIONS]
    assert len({*names}) == len(ROUTES) == len(OPERATIONS)
    assert {"armFault", "verifyRequests", "changeSettings"} < {*names}


def test_a_token_is_demanded_where_the_server_has_one() -> None:
    plain, closed = (
        create_app(Settings(logs="seeded", admin_token=token)).test_client().get("/__admin/openapi.json").json
        for token in (None, "secret")
    )
    assert (plain["security"], closed["security"]) == ([{}, {"adminToken": []}], [{"adminToken": []}])
    assert closed["paths"]["/health"]["get"]["security"] == []


def test_web_pages_of_other_machines_do_not_read_it(client: FlaskClient) -> None:
    assert client.get("/__admin/openapi.json", headers={"Host": "example.com"}).status_code == 403


@pytest.mark.parametrize(("path", "method"), [each for each in OPERATIONS if each[1] in ("post", "patch")])
def test_each_example_is_valid_and_works(client: FlaskClient, path: str, method: str) -> None:
    body = description()["paths"][path][method].get("requestBody")
    if body is None:
        assert path in ("/reload", "/reset")
        return
    media = body["content"]["application/json"]
    assert validator({**media["schema"], "components": description()["components"]}).is_valid(media["example"])
    response = client.open(f"/__admin{path}", method=method.upper(), json=media["example"])
    assert str(response.status_code) in description()["paths"][path][method]["responses"]
    assert response.status_code < 300


def test_the_example_of_an_error_is_a_real_one(client: FlaskClient) -> None:
    media = description()["components"]["responses"]["Refused400"]["content"]["application/json"]
    assert client.post("/__admin/faults", json={"rule": "staus"}).json == media["example"]
    assert validator(schema("Refusal")).is_valid(media["example"])


def test_rules_have_the_kinds_parameters_and_bounds_of_the_grammar() -> None:
    choices = {choice["title"]: choice for choice in schema("Rule")["oneOf"]}
    assert choices.keys() == {"RuleText", *KINDS}
    assert choices["status"]["required"] == ["kind", "code"]
    code = choices["status"]["properties"]["code"]
    assert code == {"type": "integer", "description": "the status", "minimum": 200, "maximum": 999}
    assert {"rate", "times", "skip", "every", "page", "userId"} < choices["empty"]["properties"].keys()
    assert choices["latency"]["properties"]["distribution"]["enum"] == ["fixed", "uniform", "lognormal"]


def test_settings_are_those_of_a_tenant() -> None:
    assert schema("TenantSettings")["properties"].keys() == {*TENANT_SETTINGS}
    assert schema("Settings")["properties"].keys() > {*TENANT_SETTINGS}


def test_a_log_of_a_key_alone_can_be_added(client: FlaskClient) -> None:
    assert validator(schema("NewLog")).is_valid({"key": "Unknown"})
    added = client.post("/t/acme/__admin/logs", json={"key": "Unknown"}).json
    assert added["payload"] == {"key": "Unknown", "result": "Success"}
    assert client.get("/t/acme/api/logs?page_size=1", headers=BEARER).json == [added]
    partly = client.post("/t/acme/__admin/logs", json={"key": "Unknown", "payload": {"userId": "u1"}}).json
    assert partly["payload"] == {"key": "Unknown", "result": "Success", "userId": "u1"}


def test_schemathesis_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has a token here: a call without it, or with another one, must be refused."""
    monkeypatch.setattr(guard, "WRONG_TOKEN", 0.0)
    done = control.judge(tmp_path, control.TOKEN, 5)
    assert done.returncode == 0, done.stdout
    # All operations but the one that the description came from.
    assert f"Tested: {len(OPERATIONS) - 1}" in done.stdout, done.stdout


def test_schemathesis_would_find_a_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that the description does not have is found: here, a member too many."""
    monkeypatch.setattr(
        control,
        "CONFIGURATION",
        control.CONFIGURATION + "\n[[operations]]\nexclude-path = '/health'\nenabled = false\n",
    )
    monkeypatch.setattr("mockserver.edge.admin.actions.__version__", 3)
    done = control.judge(tmp_path, None, 1)
    assert done.returncode == 1
    assert '3 is not of type "string"' in done.stdout


def test_a_component_is_called_like_what_it_describes() -> None:
    names = description()["components"]["schemas"]
    assert {"Log", "Rule", "Health", "Refusal", "Field", "Problem"} <= set(names)
    assert not [name for name in names if "Json" in name]
