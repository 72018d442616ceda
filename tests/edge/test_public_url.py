"""The URLs that clients are given: of the server, of --base-url, or of a proxy that is trusted."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from mockserver.edge.app import create_app
from mockserver.http.link import read_links
from mockserver.mock.settings import Settings

TOKEN = {"Authorization": "Bearer dev-token"}
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mock.example.com", "X-Forwarded-Prefix": "/logto"}
PUBLIC = "https://mock.example.com/logto"


def client(**settings: Any) -> FlaskClient:
    return create_app(Settings(logs="seeded", **settings)).test_client()


def urls(asked: FlaskClient, at: str, headers: dict[str, str]) -> set[str]:
    """What the server says of its own address, in each place where it does."""
    link = read_links(asked.get(f"{at}/api/logs", headers=TOKEN | headers).headers["Link"])["first"]
    discovery: Any = asked.get(f"{at}/oidc/.well-known/openid-configuration", headers=headers).json
    document: Any = asked.get(f"{at}/openapi.json", headers=headers).json
    text = yaml.safe_load(asked.get(f"{at}/openapi.yaml", headers=headers).data)
    assert document["servers"] == text["servers"]
    return {
        link.partition("/api/logs")[0],
        discovery["issuer"].removesuffix("/oidc"),
        discovery["token_endpoint"].removesuffix("/oidc/token"),
        document["servers"][0]["url"],
    }


@pytest.mark.parametrize("at", ["", "/t/acme"])
@pytest.mark.parametrize(
    ("settings", "headers", "base"),
    [
        ({}, {}, "http://localhost"),
        ({}, FORWARDED, "http://localhost"),
        ({"trusted_proxy": True}, {}, "http://localhost"),
        ({"trusted_proxy": True}, FORWARDED, PUBLIC),
        ({"trusted_proxy": True}, FORWARDED | {"X-Forwarded-Host": "a b"}, "http://localhost"),
        ({"base_url": PUBLIC}, {}, PUBLIC),
        ({"base_url": PUBLIC}, FORWARDED | {"X-Forwarded-Host": "evil.example.com"}, PUBLIC),
        ({"base_url": PUBLIC, "trusted_proxy": True}, FORWARDED | {"X-Forwarded-Prefix": "/x"}, PUBLIC),
    ],
)
def test_every_place_names_the_same_base_url(
    settings: dict[str, Any], headers: dict[str, str], base: str, at: str
) -> None:
    assert urls(client(**settings), at, headers) == {base + at}


def test_a_token_of_the_public_endpoint_is_accepted_there() -> None:
    asked = client(base_url=PUBLIC)
    form = {"grant_type": "client_credentials", "client_id": "mock-app", "client_secret": "mock-secret", "scope": "all"}
    token: Any = asked.post("/oidc/token", data=form | {"resource": "https://default.logto.app/api"}).json
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert asked.get("/api/logs", headers=headers).status_code == 200


def test_the_console_behind_a_proxy_is_of_the_public_origin() -> None:
    asked = client(base_url=PUBLIC, admin_token="secret")
    headers = {"Authorization": "Bearer secret", "Origin": "https://mock.example.com"}
    assert asked.get("/__admin/faults", headers=headers).status_code == 200
    assert asked.get("/__admin/faults", headers=headers | {"Origin": "https://x.example.com"}).status_code == 403


@pytest.mark.parametrize("target", ["/api/logs", "/nothing", "/oidc/jwks", "/openapi.json"])
@pytest.mark.parametrize("host", ["a b", "u@a", "a/b", "a:99999", "[::1"])
def test_a_host_that_is_none_is_400_as_documented(target: str, host: str) -> None:
    answer = client().get(target, headers={"Host": host} | TOKEN)
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "request.invalid_host")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
