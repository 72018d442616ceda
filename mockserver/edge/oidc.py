"""The token endpoint, the public keys and the discovery document: all that a client needs to get a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Authorization

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused
from mockserver.contract.published import CLIENTS, PublishedClient
from mockserver.edge.wsgi import request_from
from mockserver.http.message import Request
from mockserver.mock import tokens
from mockserver.mock.exchange import Mock
from mockserver.mock.tenants import tenant_path

NO_STORE = {"Cache-Control": "no-store"}
FORM = "application/x-www-form-urlencoded"
# The bytes of a token request; a real one has some hundreds.
_LARGEST = 64 * 1024


def blueprint(mock: Mock, clock: Callable[[], float]) -> Blueprint:
    """The three routes below ``/oidc``; mounted at the root and under each tenant's prefix."""
    routes = Blueprint("oidc", __name__)

    @routes.post("/oidc/token")
    def token(tenant: str = "") -> ResponseReturnValue:
        name, issuer = _tenant_and_issuer(mock.placed(request_from(request.environ)))
        form = read_form()
        client = authenticate(form, request.headers.get("Authorization", ""))
        return jsonify(grant(form, client, name, issuer, clock() + mock.tenants.get(name).ahead)), NO_STORE

    @routes.get("/oidc/jwks")
    def jwks(tenant: str = "") -> ResponseReturnValue:
        return jsonify(tokens.public_keys())

    @routes.get("/oidc/.well-known/openid-configuration")
    def configuration(tenant: str = "") -> ResponseReturnValue:
        return jsonify(discovery(_tenant_and_issuer(mock.placed(request_from(request.environ)))[1]))

    @routes.errorhandler(Refused)
    def refused(refusal: Refused) -> ResponseReturnValue:
        oauth = refusal.data or {}
        headers = NO_STORE if oauth else {}
        if refusal.status == 401 and "Authorization" in request.headers:
            # RFC 6749, 5.2: the answer names the scheme that the client used.
            headers = headers | {"WWW-Authenticate": 'Basic realm="mockserver"'}
        return jsonify(code=refusal.code, message=refusal.message, **oauth), refusal.status, headers

    return routes


def _tenant_and_issuer(raw: Request) -> tuple[str, str]:
    """The tenant of a request, and the issuer of its tokens: the tenant's own endpoint, followed by ``/oidc``."""
    to = tenant_path(raw)
    return to.tenant, f"{raw.public}{to.prefix}/oidc"


def _refusal(status: int, error: str, description: str) -> Refused:
    """A refusal with the fields of RFC 6749, 5.2, beside those of Logto."""
    return Refused(status, f"oidc.{error}", description, {"error": error, "error_description": description})


def read_form() -> dict[str, str]:
    """The parameters of the token request at hand (RFC 6749, 3.2); raises Refused 400 for what is no form of them."""
    if request.mimetype != FORM:
        raise _refusal(400, "invalid_request", f"the body must be {FORM}")
    if len(request.get_data()) > _LARGEST:
        raise _refusal(400, "invalid_request", f"the body must have at most {_LARGEST:,} bytes")
    for name, values in request.form.lists():
        if len(values) > 1 and name == "resource":
            # RFC 8707, 2: a client may name several, and a server may refuse that.
            raise _refusal(400, "invalid_target", "resource must be given once")
        if len(values) > 1:
            raise _refusal(400, "invalid_request", f"{name!r:.40} must not be given twice")
    # RFC 6749, 3.2: a parameter without a value counts as left out.
    return {name: value for name, value in request.form.items() if value}


def grant(form: Mapping[str, str], client: PublishedClient, tenant: str, issuer: str, now: float) -> dict[str, Any]:
    """The body of a token response (RFC 6749, 4.4.3); raises Refused for another grant or an unknown resource."""
    if "grant_type" not in form:
        raise _refusal(400, "invalid_request", "grant_type is missing: it must be client_credentials")
    if form["grant_type"] != "client_credentials":
        raise _refusal(400, "unsupported_grant_type", "grant_type must be client_credentials")
    resource = form.get("resource", "")
    known = [tokens.audience(name) for name in dict.fromkeys(("default", tenant))]
    if resource and resource not in known:
        raise _refusal(400, "invalid_target", f"resource is not known: expected {' or '.join(known)}")
    scope = " ".join(name for name in form.get("scope", "").split() if name in client.scope.split())
    if resource:
        token = tokens.mint(tokens.claims(client.id, scope or None, now, resource, issuer))
    else:
        # Without a resource, a real deployment returns a token for its own user endpoint, which this API refuses.
        token = tokens.opaque(client.id, now)
    return {"access_token": token, "expires_in": tokens.LIFETIME, "token_type": "Bearer", "scope": scope}


def authenticate(form: Mapping[str, str], authorization: str) -> PublishedClient:
    """The client that HTTP Basic or the form fields name.

    Raises Refused 401 unless name and secret are known, and 400 for a client that authenticates in both ways.
    """
    names = ("client_id", "client_secret")
    name, secret = _basic(authorization) if authorization else [form.get(field, "") for field in names]
    # RFC 6749, 2.3: not more than one method in a request. The id alone is no method, and must be the same.
    if authorization and ("client_secret" in form or form.get("client_id", name) != name):
        raise _refusal(400, "invalid_request", "the client must authenticate by HTTP Basic or by form fields, not both")
    client = CLIENTS.get(name)
    if client is None or client.secret != secret:
        raise _refusal(401, "invalid_client", f"the client is not known: the mock knows {', '.join(CLIENTS)}")
    return client


def _basic(authorization: str) -> tuple[str, str]:
    """The name and the secret of HTTP Basic; empty for a header that is not valid."""
    # werkzeug raises ValueError for letters beyond ASCII.
    given = Authorization.from_header(authorization) if authorization.isascii() else None
    if given is None or given.type != "basic":
        return "", ""
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    return unquote_plus(given.username or ""), unquote_plus(given.password or "")


def discovery(issuer: str) -> dict[str, Any]:
    """The discovery document of an issuer (OpenID Connect Discovery 1.0, 3)."""
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
