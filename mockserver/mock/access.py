"""Access: who may read the logs. Judged before anything else of a request is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused
from mockserver.contract.published import DEV_TOKEN, EXPIRED_TOKEN, FORBIDDEN_TOKEN
from mockserver.contract.refusals import forbidden, missing_subject, missing_token, refused_token, unsupported_scheme
from mockserver.mock import tokens
from mockserver.mock.settings import AuthMode

_LOOPBACK = re.compile(r"^(https?://)(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)", re.IGNORECASE)


def authorize(header: str | None, mode: AuthMode, tenant: str, endpoint: str, now: float) -> float:
    """Let a request pass, and tell until when the same one does (seconds since 1970); or raise Refused 401 or 403.

    ``header`` is the first Authorization header; ``endpoint`` the tenant's own base URL, whose ``/oidc`` is an issuer
    beside the published one; ``now`` in seconds since 1970.
    """
    if mode == "off":
        return math.inf
    token = bearer(header)
    if mode == "any" or token == DEV_TOKEN:
        return math.inf
    if token == EXPIRED_TOKEN:
        raise _claim("exp", "check_failed", expired=True)
    claims = {} if token == FORBIDDEN_TOKEN else _claims(token, tenant, endpoint, now)
    _require_scope(claims.get("scope", ""))
    return float(claims.get("exp", math.inf))


def bearer(header: str | None) -> str:
    """The token of an Authorization header, cut as a real deployment cuts it; raises Refused 401."""
    reading = contract().fact("bearer-reading")
    scheme: str = reading["scheme"]
    header = (header or "").strip(" \t")
    if header.startswith(scheme):
        return header[reading["cut"] :]
    raise unsupported_scheme(scheme) if header else missing_token()


def _claims(token: str, tenant: str, endpoint: str, now: float) -> Mapping[str, Any]:
    """The claims of a token that holds here and now; its scope is a text, if perhaps the wrong one."""
    claims = tokens.verified_claims(token)
    _check_claims(claims, {tokens.audience("default"), tokens.audience(tenant)}, endpoint, now)
    if not claims.get("sub"):
        raise missing_subject()
    scope = claims.get("scope", "")
    if not isinstance(scope, str):
        issue = {"code": "invalid_type", "expected": "string", "received": _json_type(scope), "path": []}
        raise refused_token("its scope is no text", {"issues": [issue], "name": "ZodError"})
    return claims


def _check_claims(claims: Mapping[str, Any], audiences: set[str], endpoint: str, now: float) -> None:
    """Judge the claims, in the order of the library that a real deployment uses."""
    for name in ("iss", "aud"):
        if name not in claims:
            raise _claim(name, "missing")
    if not isinstance(claims["iss"], str) or _same(claims["iss"]) not in {tokens.ISSUER, _same(f"{endpoint}/oidc")}:
        raise _claim("iss", "check_failed")
    asked = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not any(isinstance(each, str) and each in audiences for each in asked):
        raise _claim("aud", "check_failed")
    for name in ("iat", "nbf", "exp"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _claim(name, "invalid")
        if name == "nbf" and value > math.floor(now):
            raise _claim(name, "check_failed")
    if "exp" in claims and claims["exp"] <= math.floor(now):
        raise _claim("exp", "check_failed", expired=True)


def _same(issuer: str) -> str:
    """The issuer with every name of this machine written alike: a token fetched from localhost serves 127.0.0.1."""
    return _LOOPBACK.sub(r"\1localhost", issuer)


def _claim(name: str, reason: str, expired: bool = False) -> Refused:
    code, error = (
        ("ERR_JWT_EXPIRED", "JWTExpired")
        if expired
        else ("ERR_JWT_CLAIM_VALIDATION_FAILED", "JWTClaimValidationFailed")
    )
    return tokens.unauthorized(code, error, claim=name, reason=reason)


def _require_scope(scope: str) -> None:
    if contract().fact("forbidden-code")["scope"] not in scope.split(" "):
        raise forbidden()


def _json_type(value: Any) -> str:
    """The name that the real deployment's validator gives a JSON value's type."""
    names = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
    return names[type(value)]
