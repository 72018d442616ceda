"""The token endpoint: both ways to authenticate, each refusal, and tokens that the published keys verify."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from mockserver.contract.published import CLIENTS
from mockserver.edge.app import create_app
from mockserver.mock.settings import Settings

NOW = 1_793_016_000.5
RESOURCE = "https://default.logto.app/api"
FORM_MEDIA = "application/x-www-form-urlencoded"
FORM = {
    "grant_type": "client_credentials",
    "client_id": "mock-app",
    "client_secret": "mock-secret",
    "resource": RESOURCE,
    "scope": "all",
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(logs="seeded"), clock=lambda: NOW).test_client()


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def request_token(
    client: FlaskClient, form: dict[str, str], headers: dict[str, str] | None = None, at: str = ""
) -> TestResponse:
    return client.post(f"{at}/oidc/token", data=form, headers=headers or {}, content_type=FORM_MEDIA)


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in FORM.items() if name not in names}


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        (FORM, {}),
        (without("client_id", "client_secret"), basic("mock-app", "mock-secret")),
        (without("client_id", "client_secret"), basic("mock%2Dapp", "mock%2dsecret")),
        (FORM | {"scope": "other all  more"}, {}),
        (without("client_secret"), basic("mock-app", "mock-secret")),
        (FORM | {"client_secret": "", "client_id": ""}, basic("mock-app", "mock-secret")),
    ],
)
def test_a_client_gets_a_token_by_form_fields_and_by_http_basic(
    client: FlaskClient, form: dict[str, str], headers: dict[str, str]
) -> None:
    answer = request_token(client, form, headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = (answer.json or {}).pop("access_token")
    assert answer.json == {
        "access_token": token,
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "all",
    }
    assert client.get("/api/logs", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize(
    ("changed", "scope", "status"),
    [
        ({}, "all", 200),
        ({"scope": ""}, "", 403),
        ({"scope": "allx"}, "", 403),
        ({"client_id": "no-scope-app"}, "", 403),
        ({"resource": "", "scope": ""}, "", 401),
    ],
)
def test_a_token_has_the_requested_scopes_that_the_client_may_have(
    client: FlaskClient, changed: dict[str, str], scope: str, status: int
) -> None:
    answer = request_token(client, FORM | changed).json or {}
    assert answer["scope"] == scope
    reply = client.get("/api/logs", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert reply.status_code == status


def test_discovery_leads_to_keys_that_verify_the_token(client: FlaskClient) -> None:
    """A client library takes the same steps: discovery document, endpoints, keys, issuer in the claims."""
    for at in ("", "/t/acme"):
        discovery: Any = client.get(f"{at}/oidc/.well-known/openid-configuration").json
        assert discovery["issuer"] == f"http://localhost{at}/oidc"
        assert discovery["token_endpoint"] == f"{discovery['issuer']}/token"
        assert discovery["grant_types_supported"] == ["client_credentials"]
        keys = KeySet.import_key_set(client.get(discovery["jwks_uri"]).json)  # type: ignore[arg-type]  # its TypedDict
        answer: Any = client.post(discovery["token_endpoint"], data=FORM).json
        (algorithm,) = discovery["id_token_signing_alg_values_supported"]
        token = jwt.decode(answer["access_token"], keys, algorithms=[algorithm])
        assert token.header["typ"] == "at+jwt"
        assert token.claims | {"jti": "x"} == {
            "jti": "x",
            "sub": "mock-app",
            "client_id": "mock-app",
            "scope": "all",
            "iat": int(NOW),
            "exp": int(NOW) + 3600,
            "iss": discovery["issuer"],
            "aud": RESOURCE,
        }


def test_a_tenant_issues_tokens_for_its_own_resource(client: FlaskClient) -> None:
    own = FORM | {"resource": "https://acme.logto.app/api"}
    token = (request_token(client, own, at="/t/acme").json or {})["access_token"]
    authorization = {"Authorization": f"Bearer {token}"}
    assert client.get("/t/acme/api/logs", headers=authorization).status_code == 200
    assert client.get("/api/logs", headers=authorization).status_code == 401
    assert request_token(client, own).status_code == 400


UNKNOWN = (401, "invalid_client")
INVALID = (400, "invalid_request")
BY_BASIC = without("client_id", "client_secret")
REFUSALS: dict[str, tuple[dict[str, str], dict[str, str], tuple[int, str]]] = {
    "nothing": ({}, {}, UNKNOWN),
    "a wrong secret": (FORM | {"client_secret": "x"}, {}, UNKNOWN),
    "no secret": (without("client_secret"), {}, UNKNOWN),
    "an unknown client": (FORM | {"client_id": "x"}, {}, UNKNOWN),
    "basic with a wrong secret": (BY_BASIC, basic("mock-app", "x"), UNKNOWN),
    "basic without a colon": (BY_BASIC, {"Authorization": "Basic bW9jaw=="}, UNKNOWN),
    "basic that is no base64": (BY_BASIC, {"Authorization": "Basic ***"}, UNKNOWN),
    "basic that is no UTF-8": (BY_BASIC, {"Authorization": "Basic /////w=="}, UNKNOWN),
    "basic that is no ASCII": (BY_BASIC, {"Authorization": "Basic \xff"}, UNKNOWN),
    "a bearer token": (BY_BASIC, {"Authorization": "Bearer x"}, UNKNOWN),
    "no grant": (without("grant_type"), {}, INVALID),
    "a grant without a value": (FORM | {"grant_type": ""}, {}, INVALID),
    "two ways at once": (FORM, basic("mock-app", "mock-secret"), INVALID),
    "two ways at once, one of them wrong": (FORM, basic("mock-app", "x"), INVALID),
    "basic beside another client": (
        BY_BASIC | {"client_id": "no-scope-app"},
        basic("mock-app", "mock-secret"),
        INVALID,
    ),
    "another grant": (FORM | {"grant_type": "password"}, {}, (400, "unsupported_grant_type")),
    "another resource": (FORM | {"resource": "https://x.example.com"}, {}, (400, "invalid_target")),
    "another tenant's resource": (FORM | {"resource": "https://acme.logto.app/api"}, {}, (400, "invalid_target")),
}


@pytest.mark.parametrize(("form", "headers", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_has_the_fields_of_the_standard_and_those_of_the_api(
    client: FlaskClient, form: dict[str, str], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = request_token(client, form, headers)
    refusal: Any = answer.json
    assert (answer.status_code, refusal["error"]) == expected
    assert refusal["code"] == f"oidc.{expected[1]}"
    assert refusal["message"] == refusal["error_description"]
    assert "mock-secret" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401 and bool(headers))


@pytest.mark.parametrize(
    ("body", "media", "error"),
    [
        (urlencode(FORM) + "&scope=all", "", "invalid_request"),
        (urlencode(FORM) + "&grant_type=client_credentials", "", "invalid_request"),
        (urlencode(FORM) + "&unheard=1&unheard=2", "", "invalid_request"),
        (urlencode(FORM) + f"&resource={RESOURCE}", "", "invalid_target"),
        (urlencode(FORM) + "&unheard=" + "a" * 65536, "", "invalid_request"),
        (urlencode(FORM), "text/plain", "invalid_request"),
        (json.dumps(FORM), "application/json", "invalid_request"),
    ],
)
def test_what_oauth_forbids_is_refused(client: FlaskClient, body: str, media: str, error: str) -> None:
    """Repeated parameters (RFC 6749, 3.2), several resources, bodies that are no form."""
    answer = client.post("/oidc/token", data=body, content_type=media or "application/x-www-form-urlencoded")
    assert (answer.status_code, (answer.json or {})["error"]) == (400, error)


def test_a_multipart_body_is_refused(client: FlaskClient) -> None:
    answer = client.post("/oidc/token", data=FORM, content_type="multipart/form-data")
    assert (answer.status_code, (answer.json or {})["error"]) == INVALID


def test_the_refusal_of_an_unknown_client_lists_the_known_ones(client: FlaskClient) -> None:
    assert all(name in request_token(client, {}).text for name in CLIENTS)


@pytest.mark.parametrize("body", [b"\xff=\xff&grant_type=%FF", b"{}", b"a" * 100_000, b"\0"])
@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data", ""])
def test_a_body_of_any_bytes_is_refused(client: FlaskClient, body: bytes, media: str) -> None:
    status = 401 if "urlencoded" in media and len(body) < 65536 else 400
    assert client.post("/oidc/token", data=body, content_type=media).status_code == status
