"""The token endpoint, the keys and the discovery document: what a client needs to fetch a token by itself."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused
from mockserver.contract.published import CLIENTS, PublishedClient
from mockserver.edge.wsgi import request_from
from mockserver.mock import tokens
from mockserver.mock.exchange import Mock
from mockserver.mock.tenants import tenant_path


class _Failed(Exception):
    """A refusal of the token endpoint in the words of RFC 6749, 5.2."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, error, description)
        self.status = status
        self.error = error
        self.description = description


def blueprint(mock: Mock, clock: Callable[[], float]) -> Blueprint:
    """The three routes below ``/oidc``; mounted at the root and under each tenant's prefix."""
    routes = Blueprint("oidc", __name__)

    @routes.post("/oidc/token")
    def token(tenant: str = "") -> ResponseReturnValue:
        return _grant(clock())

    @routes.get("/oidc/jwks")
    def jwks(tenant: str = "") -> ResponseReturnValue:
        return jsonify(tokens.public_keys())

    @routes.get("/oidc/.well-known/openid-configuration")
    def configuration(tenant: str = "") -> ResponseReturnValue:
        return jsonify(_configuration(_endpoint()[1]))

    @routes.errorhandler(_Failed)
    def failed(error: _Failed) -> ResponseReturnValue:
        body = {
            "code": f"oidc.{error.error}", "message": error.description,
            "error": error.error, "error_description": error.description,
        }  # fmt: skip
        return jsonify(body), error.status, {"Cache-Control": "no-store"}

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return jsonify(code=error.code, message=error.message), error.status

    return routes


def _endpoint() -> tuple[str, str]:
    """The tenant of this request, and the issuer of its tokens: its own endpoint's ``/oidc``."""
    raw = request_from(request.environ)
    to = tenant_path(raw)
    return to.tenant, f"{raw.origin}{to.prefix}/oidc"


def _grant(now: float) -> Response:
    tenant, issuer = _endpoint()
    client = _client()
    if request.form.get("grant_type") != "client_credentials":
        raise _Failed(400, "unsupported_grant_type", "grant_type must be client_credentials")
    resource = request.form.get("resource", "")
    known = [tokens.audience(name) for name in dict.fromkeys(("default", tenant))]
    if resource and resource not in known:
        raise _Failed(400, "invalid_target", f"resource is not known: expected {' or '.join(known)}")
    granted = " ".join(scope for scope in request.form.get("scope", "").split() if scope in client.scope.split())
    # Without a resource a real deployment gives a token that serves its own user endpoint alone, not this API.
    access_token = (
        tokens.mint(tokens.claims(client.id, granted or None, now, resource, issuer))
        if resource
        else tokens.opaque(client.id, now)
    )
    body = {"access_token": access_token, "expires_in": tokens.LIFETIME, "token_type": "Bearer", "scope": granted}
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _client() -> PublishedClient:
    """The client that HTTP Basic or the form fields name; raises the refusal of RFC 6749 where the secret is wrong."""
    header = request.headers.get("Authorization", "")
    form = request.form
    name, secret = _basic(header) if header else (form.get("client_id", ""), form.get("client_secret", ""))
    client = CLIENTS.get(name)
    if client is None or client.secret != secret:
        raise _Failed(401, "invalid_client", f"the client is not known: out of the box there are {', '.join(CLIENTS)}")
    return client


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        pair = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        # No ASCII, no base64, or no UTF-8 in it: each has an error of its own, and all are this one.
        pair = ""
    name, _, secret = pair.partition(":")
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    return unquote_plus(name), unquote_plus(secret)


def _configuration(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [tokens.ALGORITHM],
        "scopes_supported": [contract().fact("forbidden-code")["scope"]],
    }
