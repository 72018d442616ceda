"""The Flask app: the API in front, documents and tokens behind it, under any WSGI server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import yaml
from flask import Flask

from mockserver.contract.errors import MockserverError
from mockserver.edge.app import create_app
from mockserver.http.cors import EXPOSED
from mockserver.logs.file import SeededSource
from mockserver.mock.settings import Settings
from tests.support.wire import request

TOKEN = {"Authorization": "Bearer dev-token"}
NOW = 1_793_016_000.0


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(logs="seeded"), clock=lambda: NOW)


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written while tests run."""


@pytest.fixture(scope="module")
def elsewhere(app: Flask) -> Iterator[int]:
    """The port of the standard library's WSGI server with the same app."""
    with make_server("127.0.0.1", 0, app, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_another_wsgi_server_answers_the_same(app: Flask, elsewhere: int) -> None:
    """Status, total, links and body, for pages, refusals and one log; and without the house's own environ."""
    client = app.test_client()
    for target, status in (
        ("/api/logs?page=2&page_size=7&x=%C3%BC+y", 200),
        ("/api/logs?page=0", 400),
        ("/api/logs/0", 200),
        ("/api/nothing", 404),
        ("/t/acme/api/logs?page_size=1", 200),
    ):
        answer = request(elsewhere, target, list(TOKEN.items()))
        tested = client.get(target, headers=TOKEN | {"Host": f"127.0.0.1:{elsewhere}"})
        assert (answer.status, answer.body) == (status, tested.data)
        assert answer.all("link") == tested.headers.getlist("link")
        assert answer.header("total-number") == tested.headers.get("total-number")


def test_another_wsgi_server_serves_the_whole_way_of_a_client(elsewhere: int) -> None:
    fields = {"grant_type": "client_credentials", "client_id": "mock-app", "client_secret": "mock-secret"}
    form = urlencode(fields | {"scope": "all", "resource": "https://default.logto.app/api"}).encode()
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(form)))]
    answer = request(elsewhere, "/oidc/token", headers, "POST", body=form)
    token = answer.json()["access_token"]
    # The clock of this server stands still, so that the token is judged at the moment it was made.
    assert request(elsewhere, "/api/logs", [("Authorization", f"Bearer {token}")]).status == 200


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/api/logs", 401),
        ("GET", "/api/nothing", 404),
        ("POST", "/api/logs", 405),
        ("OPTIONS", "/api/logs", 204),
        ("GET", "/t/NO/api/logs", 400),
        ("GET", "/openapi.yaml", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/openapi.txt", 404),
        ("POST", "/openapi.json", 405),
        ("GET", "/oidc/jwks", 200),
        ("GET", "/oidc/nothing", 404),
        ("GET", "/oidc/token", 405),
        ("POST", "/oidc/token", 400),
        ("POST", "/t/acme/oidc/token", 400),
        ("POST", "/t/NO/oidc/token", 400),
    ],
)
def test_every_reply_is_open_to_browsers_and_json_where_it_is_an_error(
    app: Flask, method: str, target: str, status: int
) -> None:
    answer = app.test_client().open(target, method=method)
    assert answer.status_code == status
    assert answer.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert answer.headers["Access-Control-Expose-Headers"] == ", ".join(EXPOSED)
    if status >= 400:
        assert answer.is_json
        assert answer.json is not None
        assert answer.json["code"]
        assert answer.json["message"]
    if status == 405:
        assert answer.headers["Allow"]


@pytest.mark.parametrize("target", ["/api/logs", "/t/acme/api/logs", "/oidc/token", "/openapi.json", "/api/nothing"])
def test_a_preflight_is_answered_without_a_token(app: Flask, target: str) -> None:
    asked = {"Origin": "http://app.example.com", "Access-Control-Request-Method": "GET"}
    answer = app.test_client().options(target, headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Authorization", "Prefer", "Mock-Tenant"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))


def test_scripts_may_read_what_paging_needs() -> None:
    assert {"Total-Number", "Link", "ETag", "Preference-Applied"} <= set(EXPOSED)


def test_the_control_api_is_not_open_to_browsers(app: Flask) -> None:
    client = app.test_client()
    for target in ("/__admin/health", "/t/acme/__admin/health"):
        assert "Access-Control-Allow-Origin" not in client.get(target).headers
        asked = {"Origin": "http://app.example.com", "Access-Control-Request-Method": "POST"}
        assert "Access-Control-Allow-Origin" not in client.options(target, headers=asked).headers


@pytest.mark.parametrize("prefix", ["", "/t/acme"])
def test_the_document_is_served_with_the_server_it_came_from_in_front(app: Flask, prefix: str) -> None:
    client = app.test_client()
    document = yaml.safe_load((Path(__file__).parent.parent.parent / "openapi.yaml").read_bytes())
    as_text, as_json = client.get(f"{prefix}/openapi.yaml"), client.get(f"{prefix}/openapi.json")
    assert as_text.mimetype == "application/yaml"
    assert as_json.json == json.loads(json.dumps(yaml.safe_load(as_text.data)))
    own, *published = yaml.safe_load(as_text.data).pop("servers")
    assert own["url"] == f"http://localhost{prefix}"
    assert published == document["servers"]
    assert {**as_json.json, "servers": published} == document


def test_a_source_stands_in_for_the_one_that_the_settings_name() -> None:
    empty = create_app(Settings(logs="no such source"), SeededSource([]))
    answer = empty.test_client().get("/api/logs", headers=TOKEN)
    assert (answer.json, answer.headers["Total-Number"]) == ([], "0")


@pytest.mark.parametrize("given", [{"logs": "seeded:path=nowhere"}, {"logs": "seeed"}, {"now": "soon"}])
def test_what_cannot_be_opened_is_told_when_the_app_is_made(given: dict[str, Any]) -> None:
    with pytest.raises(MockserverError):
        create_app(Settings(**({"logs": "seeded"} | given)))


def test_the_apps_of_one_process_share_nothing() -> None:
    one, other = create_app(Settings(logs="seeded")), create_app(Settings(logs="seeded"))
    log = {"key": "K", "payload": {"key": "K", "result": "Success"}}
    one.extensions["mockserver"].tenants.get("default").store.add_all([log], lambda: "new", 0)
    assert [each.test_client().get("/api/logs/new", headers=TOKEN).status_code for each in (one, other)] == [200, 404]


def test_an_error_that_nobody_foresaw_is_a_500_in_the_form_of_the_others_and_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mockserver.mock.tokens.public_keys", lambda: 1 / 0)
    answer = create_app(Settings(logs="seeded")).test_client().get("/oidc/jwks")
    assert (answer.status_code, answer.json["code"]) == (500, "request.500")
    assert [record.exc_info for record in caplog.records] == [False]
    told = "a defect of the mock, please report it: ZeroDivisionError('division by zero')"
    assert [record.getMessage() for record in caplog.records] == [told]


def test_the_methods_that_a_route_of_flask_has_are_told_in_order(app: Flask) -> None:
    """A set of them would have another order in each process."""
    for path, allow in (("faults", "DELETE, GET, HEAD, OPTIONS, POST"), ("settings", "GET, HEAD, OPTIONS, PATCH")):
        answer = app.test_client().put(f"/__admin/{path}", json={})
        assert (answer.status_code, answer.headers["Allow"]) == (405, allow)


def test_flask_serves_no_files_of_its_own(app: Flask) -> None:
    assert not [rule.rule for rule in app.url_map.iter_rules() if "static" in rule.rule or "filename" in rule.rule]
    assert app.test_client().get("/static/x").json["code"] == "request.not_found"
