"""The control API: JSON in and out, one tenant at a time, and errors that list the known names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from mockserver.contract.document import contract
from mockserver.edge.admin.actions import (
    MOST_MARKS,
    MOST_SMALL,
    ROUTES,
    read_cursor,
    read_expectation_body,
    read_rule_body,
)
from mockserver.edge.app import create_app
from mockserver.faults.kinds import KINDS
from mockserver.mock.settings import Settings

LOG = {"key": "Interaction.Create", "payload": {"key": "Interaction.Create", "result": "Success", "userId": "u1"}}
TOKEN = {"Authorization": "Bearer dev-token"}


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    settings = Settings(logs="seeded", faults=("latency:seconds=0",), admin_token=None)
    with create_app(settings, clock=lambda: 1_767_225_600.0).test_client() as client:
        yield client


def read(client: FlaskClient, path: str = "/api/logs", **headers: str) -> Any:
    return client.get(path, headers=TOKEN | headers)


def test_health_is_open_to_everybody_and_shows_nothing_else(client: FlaskClient) -> None:
    response = client.get("/__admin/health", headers={"Host": "example.com", "Origin": "https://example.com"})
    assert (response.status_code, response.json["status"]) == (200, "ok")
    assert set(response.json) == {"status", "version"}


def test_settings_are_shown_without_the_admin_token() -> None:
    client = create_app(Settings(logs="seeded", admin_token="hidden-token")).test_client()
    assert client.get("/__admin/settings").status_code == 401
    response = client.get("/t/acme/__admin/settings", headers={"Authorization": "Bearer hidden-token"})
    assert "hidden-token" not in response.text
    assert response.json["tenant"] == "acme"
    assert response.json["tenants"] == ["acme"]
    assert (response.json["profile"], response.json["count"]) == ("documented", 89)


def test_a_rule_is_armed_as_text_or_as_fields_and_counts_its_requests(client: FlaskClient) -> None:
    as_text = client.post("/__admin/faults", json={"rule": "status:code=503,times=2"})
    as_fields = client.post("/__admin/faults", json={"kind": "status", "code": 404, "times": 1})
    assert as_text.status_code == as_fields.status_code == 201
    assert (as_text.json["id"], as_text.json["text"], as_text.json["fired"]) == ("2", "status:code=503,times=2", 0)
    assert as_fields.json["fields"] == {"code": 404, "times": 1}
    assert [read(client).status_code for _ in range(4)] == [503, 503, 404, 200]
    armed = client.get("/__admin/faults").json["armed"]
    assert [(rule["text"], rule["matched"], rule["fired"]) for rule in armed] == [
        ("latency:seconds=0", 4, 4), ("status:code=503,times=2", 4, 2), ("status:code=404,times=1", 2, 1),
    ]  # fmt: skip


def test_rules_are_disarmed_one_by_one_or_all_together(client: FlaskClient) -> None:
    client.post("/__admin/faults", json={"rule": "empty"})
    assert client.delete("/__admin/faults/1").status_code == 204
    missing = client.delete("/__admin/faults/1")
    assert (missing.status_code, missing.json["message"]) == (404, "fault id: found '1', expected one of 2")
    assert client.delete("/__admin/faults").status_code == 204
    assert client.get("/__admin/faults").json["armed"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"rule": "statuss:code=503"}, "did you mean status?"),
        ({"rule": "status:code=503,rate=1.5"}, "rate: found '1.5', expected a number from 0 to 1"),
        ({"kind": "hang", "seconds": -1}, "seconds: found -1, expected a number from 0 to 3,600"),
        ({"kind": "status", "code": "503x"}, "code"),
        ({"kind": "violate", "offence": "overlapp"}, "did you mean overlap?"),
        ({"kind": "nonsense"}, "one of dribble"),
        ({"kind": 5}, "no rule"),
        ({"rule": "empty", "times": 1}, "either"),
        ({}, "no rule"),
        ([], "no rule"),
        ("empty", "no rule"),
    ],
)
def test_an_invalid_rule_is_refused_and_nothing_is_armed(client: FlaskClient, body: Any, message: str) -> None:
    response = client.post("/__admin/faults", json=body)
    assert (response.status_code, response.json["code"]) == (400, "admin.invalid_input")
    assert message in response.json["message"]
    assert set(response.json["data"]) == {"place", "found", "expected", "remedy"}
    assert len(client.get("/__admin/faults").json["armed"]) == 1


def test_logs_with_more_values_than_can_be_read_in_a_turn_are_refused(client: FlaskClient) -> None:
    response = client.post(
        "/__admin/logs", data=b"[" + b"[]," * (MOST_MARKS // 2) + b"[]]", content_type="application/json"
    )
    assert response.status_code == 400
    assert "send the logs in several requests" in response.json["message"]


@pytest.mark.parametrize("path", ["faults", "faults/trial", "requests/count", "requests/verify"])
def test_a_rule_or_an_expectation_that_nobody_would_write_is_refused_unread(client: FlaskClient, path: str) -> None:
    response = client.post(f"/__admin/{path}", data=b" " * (MOST_SMALL + 1), content_type="application/json")
    assert (response.status_code, response.json["data"]["found"]) == (400, "65,537 bytes")


def test_a_body_that_is_not_json_is_refused(client: FlaskClient) -> None:
    response = client.post("/__admin/faults", data=b"{", content_type="application/json")
    assert (response.status_code, response.json["data"]["place"]) == (400, "body")


def test_the_kinds_of_faults_are_listed_as_forms_need_them(client: FlaskClient) -> None:
    faults = client.get("/__admin/faults").json
    assert [kind["kind"] for kind in faults["kinds"]] == list(KINDS)
    status = faults["kinds"][0]
    assert status["sentence"] == "The status, with an error body as Logto has it."
    assert status["parameters"][0] == {
        "name": "code", "type": "int", "required": True, "default": None, "help": "the status",
        "at_least": 200, "at_most": 999, "unit": "", "choices": [],
    }  # fmt: skip
    names = [condition["name"] for condition in faults["conditions"]]
    assert names == ["rate", "times", "skip", "every", *contract().parameters]
    assert all(set(condition) == set(status["parameters"][0]) for condition in faults["conditions"])
    offences = client.get("/__admin/offences").json
    assert {"name": "overlap", "severity": "senseless"}.items() <= {o["name"]: o for o in offences}["overlap"].items()


def test_a_parameter_that_is_a_time_is_in_seconds_and_one_that_counts_bytes_says_so(client: FlaskClient) -> None:
    kinds = client.get("/__admin/faults").json["kinds"]
    units = {f"{kind['kind']} {field['name']}": field["unit"] for kind in kinds for field in kind["parameters"]}
    seconds = ("latency seconds", "latency min", "latency max", "latency median", "hang seconds", "dribble seconds")
    seconds += ("rate_limit window", "outage period", "outage duration", "status retry_after")
    sizes = ("reset after", "truncate bytes", "garbage bytes")
    assert {name: unit for name, unit in units.items() if unit} == (
        dict.fromkeys(seconds, "s") | dict.fromkeys(sizes, "bytes")
    )


def test_one_or_several_logs_are_added_and_deleted(client: FlaskClient) -> None:
    one = client.post("/__admin/logs", json=LOG)
    assert one.status_code == 201
    assert one.json["tenantId"] == "default"
    two = client.post("/__admin/logs", json=[LOG, {**LOG, "id": "mine"}])
    assert [log["id"] for log in two.json][1] == "mine"
    assert client.get("/__admin/logs").json[0]["id"] == "mine"
    assert read(client, "/api/logs?userId=u1").headers["Total-Number"] == "3"
    assert read(client, "/api/logs/mine").json["id"] == "mine"
    assert client.delete("/__admin/logs").status_code == 204
    assert client.get("/__admin/logs").json == []


def test_a_log_that_breaks_the_contract_is_refused_with_its_path(client: FlaskClient) -> None:
    response = client.post("/__admin/logs", json={**LOG, "payload": {"key": "A", "result": "Maybe"}})
    assert response.status_code == 400
    assert response.json["message"] == "log.payload.result: found 'Maybe', expected one of Success, Error"


def test_requests_are_recorded_with_secrets_masked_and_read_by_cursor(client: FlaskClient) -> None:
    read(client, "/api/logs?page=2&token=abcdefgh")
    client.get("/t/acme/api/logs")
    client.post("/oidc/token")
    journal = client.get("/__admin/requests").json
    assert [entry["id"] for entry in journal["requests"]] == [1] == [journal["last"]]
    entry = journal["requests"][0]
    assert (entry["method"], entry["path"], entry["query"]) == ("GET", "/api/logs", "page=2&token=***")
    assert ["authorization", "Bearer ***"] in entry["headers"]
    assert (entry["status"], entry["faults"], entry["time"]) == (200, ["latency:seconds=0"], 1_767_225_600.0)
    assert entry["milliseconds"] > 0
    read(client)
    assert [entry["id"] for entry in client.get("/__admin/requests?after=1").json["requests"]] == [2]
    assert client.get("/__admin/requests?after=x").status_code == 400
    assert client.get(f"/__admin/requests?after={'9' * 5000}").status_code == 400
    assert client.get("/t/acme/__admin/requests").json["requests"][0]["path"] == "/api/logs"
    assert client.delete("/__admin/requests").status_code == 204
    assert client.get("/__admin/requests").json == {"requests": [], "last": 2}


def test_requests_are_counted_and_verified(client: FlaskClient) -> None:
    read(client)
    client.get("/api/logs")
    assert client.post("/__admin/requests/count", json={"status": 401}).json == {"count": 1}
    assert client.post("/__admin/requests/verify", json={"path": "/api/logs", "times": 2}).json == {"count": 2}
    response = client.post("/__admin/requests/verify", json={"status": 403})
    assert (response.status_code, response.json["code"]) == (406, "admin.expectation_not_met")
    assert "status is 401, expected 403" in response.json["message"]
    assert client.post("/__admin/requests/verify", json={"statuss": 1}).status_code == 400


def test_reset_returns_to_the_plan_of_the_server_and_forgets_logs_and_requests(client: FlaskClient) -> None:
    client.post("/__admin/faults", json={"rule": "status:code=503"})
    client.post("/__admin/logs", json=LOG)
    read(client, "/api/logs/nothing")
    assert client.post("/__admin/reset").status_code == 204
    assert [rule["text"] for rule in client.get("/__admin/faults").json["armed"]] == ["latency:seconds=0"]
    assert client.get("/__admin/logs").json == []
    assert client.get("/__admin/requests").json["requests"] == []


def test_a_tenant_is_named_by_path_header_or_host_as_in_the_api(client: FlaskClient) -> None:
    client.post("/t/acme/__admin/faults", json={"rule": "status:code=418"})
    assert len(client.get("/__admin/faults", headers={"Mock-Tenant": "acme"}).json["armed"]) == 2
    assert len(client.get("/__admin/faults", base_url="http://acme.localhost").json["armed"]) == 2
    assert [read(client).status_code, read(client, "/t/acme/api/logs").status_code] == [200, 418]
    assert client.get("/t/Nope/__admin/faults").json["code"] == "tenant.invalid_name"


def test_no_fault_strikes_the_control_api_and_other_origins_cannot_use_it(client: FlaskClient) -> None:
    client.post("/__admin/faults", json={"rule": "empty"})
    response = client.get("/__admin/faults", headers={"Prefer": "code=503"})
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "DELETE"}
    preflight = client.options("/__admin/faults", headers=headers)
    assert (preflight.status_code, "Access-Control-Allow-Origin" in preflight.headers) == (403, False)


@pytest.mark.parametrize("path", ["/__admin/nothing", "/__admin/faults/1/2"])
def test_an_unknown_path_is_refused_in_json(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json["code"]) == (404, "request.404")
    assert f"path: found '{path}', expected one of /__admin/, " in response.json["message"]


def test_the_refusal_of_a_misspelt_path_names_the_nearest_path(client: FlaskClient) -> None:
    for path in ("/__admin/fault", "/t/acme/__admin/fault"):
        assert client.get(path).json["message"].endswith("; did you mean /__admin/faults?")


def test_what_a_client_sends_is_read_without_touching_a_tenant() -> None:
    assert read_rule_body(b'{"kind": "status", "code": "503"}').text == "status:code=503"
    assert read_expectation_body(b'{"times": 2}').times == 2
    assert [read_cursor(parameters) for parameters in ({}, {"after": "7"})] == [0, 7]


def test_every_route_says_in_a_sentence_what_it_does() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert [route.path for route in ROUTES if not route.act.__doc__] == []
