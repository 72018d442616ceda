"""What the control API and the token endpoint say of a wrong request, in full: place, found, expected, what to do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from mockserver.edge.app import create_app
from mockserver.mock.settings import Settings

NOW = 1_767_225_600.0
RULE = 'an object with "rule" (a text), or "kind" and its fields'
NO_FILE = "The control API opens no file that was not named at the start: mockserver serve --logs FILE does."
TOLD: list[tuple[str, str, Any, int, str]] = [
    ("POST", "/faults", {}, 400, f"body: found no rule, expected {RULE}"),
    ("POST", "/faults", ["empty"], 400, f"body: found no rule, expected {RULE}"),
    ("POST", "/faults", {"rule": 1}, 400, f"body: found no rule, expected {RULE}"),
    ("POST", "/faults", {"rule": "empty", "times": 1}, 400,
     'body: found "rule" with other fields, expected either "rule" alone, or "kind" and its fields'),
    ("DELETE", "/faults/9", None, 404, "fault id: found '9', expected none"),
    ("POST", "/logs", 1, 400, "log: found no object, expected an object"),
    ("POST", "/logs/trial", 1, 400, "log: found no object, expected an object"),
    ("GET", "/requests?after=x", None, 400, "after: found 'x', expected the id of an entry: a whole number from 0"),
    ("POST", "/requests/verify", {"times": 3}, 406, "Expected exactly 3 requests; 0 of 0 recorded did."),
    ("POST", "/tenants", {"title": 1}, 400, "title: found 1, expected a text, such as the name of a test"),
    ("POST", "/tenants", {}, 400, "body: found an object, expected an object with title"),
    ("POST", "/tenants", {"title": "a", "titel": 1}, 400,
     "body member: found 'titel', expected one of title; did you mean title?"),
    ("POST", "/advance", {"seconds": "1"}, 400, "seconds: found '1', expected a number"),
    ("POST", "/advance", {"seconds": True}, 400, "seconds: found true, expected a number"),
    ("POST", "/advance", [1], 400, "body: found an array, expected an object with seconds"),
    ("PATCH", "/settings", [], 400, "body: found an array, expected an object of settings"),
    ("PATCH", "/settings", {"logs": "x.jsonl"}, 403, NO_FILE),
    ("GET", "/verdict", None, 404, "Only `mockserver proxy` judges what passes."),
    ("POST", "/reload", None, 400,
     "reload: found logs that come from no file, expected a server of a file, such as --logs FILE"),
]  # fmt: skip
MANY = "body: found more than 500,000 commas and opening brackets, expected fewer; send the logs in several requests"
BYTES = [
    ("/faults", b" " * 65_537, "body: found 65,537 bytes, expected at most 65,536"),
    ("/logs", b"[" + b"," * 500_000, MANY),
    ("/logs", b"{", "body: found no JSON (unexpected end of data: line 1 column 2 (char 1)), expected one JSON value"),
]
FORM = {"grant_type": "client_credentials", "client_id": "mock-app", "client_secret": "mock-secret", "scope": "all"}
RESOURCE = "https://default.logto.app/api"
TOKENS = [
    (FORM | {"client_secret": "x"}, "the client is not known: the mock knows mock-app, no-scope-app"),
    (FORM | {"grant_type": ""}, "grant_type is missing: it must be client_credentials"),
    (FORM | {"grant_type": "password"}, "grant_type must be client_credentials"),
    (FORM | {"resource": "x"}, f"resource is not known: expected {RESOURCE}"),
    ([*FORM.items(), ("resource", RESOURCE), ("resource", RESOURCE)], "resource must be given once"),
    ([*FORM.items(), ("a" * 60, "1"), ("a" * 60, "2")], f"'{'a' * 39} must not be given twice"),
    (FORM | {"unheard": "a" * 65_536}, "the body must have at most 65,536 bytes"),
]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(logs="seeded"), clock=lambda: NOW).test_client()


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), TOLD)
def test_a_wrong_request_to_the_control_api_is_told_in_full(
    client: FlaskClient, method: str, path: str, body: Any, status: int, message: str
) -> None:
    answer = client.open(f"/__admin{path}", method=method, json=body)
    assert (answer.status_code, dict(answer.json or {})["message"]) == (status, message)
    code = {403: "admin.file", 406: "admin.expectation_not_met"}.get(status, "admin.invalid_input")
    absent = "admin.no_verdict" if path == "/verdict" else "admin.not_found"
    assert dict(answer.json or {})["code"] == (absent if status == 404 else code)


@pytest.mark.parametrize(("path", "body", "message"), BYTES, ids=["long", "marks", "no JSON"])
def test_bytes_that_are_not_read_are_told_in_full(client: FlaskClient, path: str, body: bytes, message: str) -> None:
    answer = client.post(f"/__admin{path}", data=body, content_type="application/json")
    assert (answer.status_code, dict(answer.json or {})["message"]) == (400, message)


@pytest.mark.parametrize(("form", "message"), TOKENS, ids=[message for _, message in TOKENS])
def test_a_wrong_request_for_a_token_is_told_in_full(client: FlaskClient, form: Any, message: str) -> None:
    answer = client.post("/oidc/token", data=urlencode(form), content_type="application/x-www-form-urlencoded")
    assert dict(answer.json or {})["message"] == message
    assert answer.status_code == (401 if message.startswith("the client is not known") else 400)


def test_a_body_of_another_type_is_told_which_one_is_wanted(client: FlaskClient) -> None:
    answer = client.post("/oidc/token", data="{}", content_type="application/json")
    assert (answer.status_code, dict(answer.json or {})["message"]) == (
        400, "the body must be application/x-www-form-urlencoded",
    )  # fmt: skip


def test_a_client_that_authenticates_twice_is_told_to_do_it_once(client: FlaskClient) -> None:
    media = "application/x-www-form-urlencoded"
    answer = client.post("/oidc/token", data=urlencode(FORM), content_type=media, auth=("mock-app", "mock-secret"))
    told = "the client must authenticate by HTTP Basic or by form fields, not both"
    assert (answer.status_code, dict(answer.json or {})["message"]) == (400, told)


def test_the_time_of_a_tenant_s_logs_is_the_moment_that_it_is_given(client: FlaskClient) -> None:
    moment = 1_749_988_800.0
    changed = client.patch("/t/moved/__admin/settings", json={"now": "2025-06-15T12:00:00Z"})
    assert dict(changed.json or {})["time"] == moment
    later = client.patch("/t/moved/__admin/settings", json={"auth": "off"})
    assert dict(later.json or {})["time"] == moment
    assert dict(client.get("/__admin/settings").json or {})["time"] == NOW


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"Origin": "http://x"}, 403, "The control API is not open to web pages of other origins."),
        ({"Via": "x"}, 403, "The control API is not open through a proxy without --admin-token."),
        ({"Host": "x"}, 403, "The Host 'x' is not a name of this machine."),
        ({"Content-Type": "text/plain"}, 415, "The control API takes JSON: send `Content-Type: application/json`."),
    ],
)
def test_who_is_kept_out_is_told_why(client: FlaskClient, headers: dict[str, str], status: int, message: str) -> None:
    answer = client.post("/__admin/reset", headers=headers)
    assert (answer.status_code, dict(answer.json or {})["message"]) == (status, message)


def test_another_machine_and_a_client_without_the_token_are_told_why(client: FlaskClient) -> None:
    away = client.get("/__admin/faults", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    closed = create_app(Settings(logs="seeded", admin_token="right")).test_client().get("/__admin/faults")
    assert [(each.status_code, dict(each.json or {})["message"]) for each in (away, closed)] == [
        (403, "The control API is off: not on a loopback host, and without --admin-token."),
        (401, "The control API needs `Authorization: Bearer ADMIN_TOKEN`."),
    ]


def test_time_goes_on_where_a_setting_changes_that_says_nothing_of_it() -> None:
    now = [NOW]
    app = create_app(Settings(logs="seeded"), clock=lambda: now[0])
    client, tenants = app.test_client(), app.extensions["mockserver"].tenants
    client.patch("/t/moved/__admin/settings", json={"now": "2025-06-15T12:00:00Z"})
    before = tenants.get("moved").setup
    now[0] += 200_000
    changed = client.patch("/t/moved/__admin/settings", json={"auth": "off"})
    assert dict(changed.json or {})["time"] == 1_749_988_800.0 + 200_000
    other = client.patch("/t/other/__admin/settings", json={"auth": "off"})
    assert dict(other.json or {})["time"] == NOW + 200_000
    after = tenants.get("moved").setup
    assert (after.source, after.end, after.shift) == (before.source, before.end, before.shift)
    assert tenants.get("other").setup.end == tenants.setup.end
