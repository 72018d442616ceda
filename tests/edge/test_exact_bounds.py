"""What is exactly as large as a bound allows passes, and one more does not."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from mockserver.contract.published import CLIENTS
from mockserver.edge.admin.actions import MOST_MARKS, MOST_SMALL
from mockserver.edge.app import create_app
from mockserver.mock.settings import Settings
from tests.faults.test_kinds import MINIMAL


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings(logs="faker:count=40,seed=1")).test_client()


@pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 400)])
def test_a_rule_may_have_64_kib(client: FlaskClient, more: int, status: int) -> None:
    body = b'{"rule": "empty"}'.ljust(64 * 1024 + more)
    assert len(body) == MOST_SMALL + more
    response = client.post("/__admin/faults", data=body, content_type="application/json")
    assert response.status_code == status, response.text


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_body_may_have_half_a_million_commas_and_brackets(client: FlaskClient, more: int, is_read: bool) -> None:
    """What is read is then no log; what is not read is refused for its length."""
    body = b"[" + b"," * (500_000 - 1 + more) + b"]"
    assert sum(map(body.count, (b",", b"[", b"{"))) == MOST_MARKS + more
    message = client.post("/__admin/logs", data=body, content_type="application/json").json["message"]
    assert ("commas and opening brackets" not in message) is is_read


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 400)])
def test_a_form_for_a_token_may_have_64_kib(client: FlaskClient, more: int, status: int) -> None:
    name = next(iter(CLIENTS.values()))
    fields = {"grant_type": "client_credentials", "client_id": name.id, "client_secret": name.secret}
    form = urlencode(fields | {"resource": "https://default.logto.app/api", "scope": "all", "unheard": ""})
    body = form + "a" * (64 * 1024 + more - len(form))
    assert client.post("/oidc/token", data=body, content_type="application/x-www-form-urlencoded").status_code == status


def test_a_cursor_of_the_journal_has_up_to_eighteen_digits_as_the_description_says(client: FlaskClient) -> None:
    operation = client.get("/__admin/openapi.json").json["paths"]["/requests"]["get"]
    (largest,) = [each["schema"]["maximum"] for each in operation["parameters"] if each["name"] == "after"]
    assert largest == int("9" * 18)
    statuses = [client.get(f"/__admin/requests?after={number}").status_code for number in (largest, largest + 1)]
    assert statuses == [200, 400]


def test_a_fresh_tenant_has_eight_random_characters_behind_its_title(client: FlaskClient) -> None:
    names = [client.post("/__admin/tenants", json={"title": "My first test"}).json["tenant"] for _ in range(2)]
    assert all(re.fullmatch(r"[a-z-]+-[0-9a-f]{8}", name) for name in names), names
    assert names[0] != names[1]


def test_a_parameter_is_required_exactly_where_a_rule_cannot_do_without(client: FlaskClient) -> None:
    """``MINIMAL`` has the rules that cannot be shorter; latency needs one of several parameters, as its text says."""
    kinds = client.get("/__admin/faults").json["kinds"]
    assert {each["kind"] for each in kinds} == MINIMAL.keys()
    for each in kinds:
        required = {field["name"] for field in each["parameters"] if field["required"]}
        assert required == (set() if each["kind"] == "latency" else set(MINIMAL[each["kind"]]))
        assert all(field["default"] is None for field in each["parameters"] if field["required"])
    for field in client.get("/__admin/faults").json["conditions"]:
        assert field["required"] is False
