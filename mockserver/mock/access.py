"""Access: who may read the logs. This is checked before anything else of a request for logs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused
from mockserver.contract.published import DEV_TOKEN, EXPIRED_TOKEN, FORBIDDEN_TOKEN
from mockserver.contract.refusals import (
    forbidden,
    missing_subject,
    missing_token,
    refused_token,
    unsupported_scheme,
    wrong_types,
)
from mockserver.mock import tokens
from mockserver.mock.settings import AuthMode

# The names that the validator of a real deployment gives to the types of JSON values.
_TYPES = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
_LOOPBACK = re.compile(r"^(https?://)(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)", re.IGNORECASE)


def authorize(
    header: str | None,
    mode: AuthMode,
    tenant: str,
    endpoint: str,
    now: float,
    strict: bool = False,
    issuer: tokens.Issuer | None = None,
) -> float:
    """Until when the request may read the logs (seconds since 1970); raises Refused 401 or 403 when it may not.

    ``header`` is the first Authorization header; ``endpoint`` is the tenant's own base URL, whose ``/oidc`` is accepted
    as an issuer beside the published one; ``now`` is in seconds since 1970; ``strict`` refuses tokens with characters
    beside those of base64url; ``issuer`` is one more whose tokens count.
    """
    if mode == "off":
        return math.inf
    token = bearer(header)
    if mode == "any" or token == DEV_TOKEN:
        return math.inf
    if token == EXPIRED_TOKEN:
        raise _expired({})
    claims = {} if token == FORBIDDEN_TOKEN else _claims(token, tenant, endpoint, now, strict, issuer)
    if contract().fact("forbidden-code")["scope"] not in claims.get("scope", "").split(" "):
        raise forbidden()
    return float(claims.get("exp", math.inf))


@lru_cache(maxsize=256)
def bearer(header: str | None) -> str:
    """The token of an Authorization header, cut out as a real deployment does; raises Refused 401."""
    reading = contract().fact("bearer-reading")
    scheme: str = reading["scheme"]
    header = (header or "").strip(" \t")
    if header.startswith(scheme):
        return header[reading["cut"] :]
    raise unsupported_scheme(scheme) if header else missing_token()


def _claims(
    token: str, tenant: str, endpoint: str, now: float, strict: bool, issuer: tokens.Issuer | None
) -> Mapping[str, Any]:
    """The claims of a token that is accepted for this tenant now; its scope is a text, but perhaps the wrong one."""
    claims = tokens.verified_claims(token, strict, issuer)
    more = (issuer.audience, _same(issuer.name)) if issuer else ()
    audiences = {tokens.audience("default"), tokens.audience(tenant), *more[:1]}
    _check_claims(claims, audiences, {tokens.ISSUER, _same(f"{endpoint}/oidc"), *more[1:]}, now)
    if not claims.get("sub"):
        raise missing_subject()
    scope = claims.get("scope", "")
    if not isinstance(scope, str):
        raise refused_token("its scope is no text", wrong_types(_TYPES[type(scope)], []))
    return claims


def _check_claims(claims: Mapping[str, Any], audiences: set[str], issuers: set[str], now: float) -> None:
    """Check the claims in the order of the library that a real deployment uses; raises Refused 401."""
    for name in ("iss", "aud"):
        if name not in claims:
            raise _invalid_claim(name, "missing", claims)
    if not isinstance(claims["iss"], str) or _same(claims["iss"]) not in issuers:
        raise _invalid_claim("iss", "check_failed", claims)
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not any(isinstance(audience, str) and audience in audiences for audience in named):
        raise _invalid_claim("aud", "check_failed", claims)
    for name in ("iat", "nbf", "exp"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _invalid_claim(name, "invalid", claims)
        if name == "nbf" and value > math.floor(now):
            raise _invalid_claim(name, "check_failed", claims)
    if "exp" in claims and claims["exp"] <= math.floor(now):
        raise _expired(claims)


def _same(issuer: str) -> str:
    """The issuer with one name for this machine: a token that was fetched from localhost is good for 127.0.0.1."""
    return _LOOPBACK.sub(r"\1localhost", issuer)


def _invalid_claim(name: str, reason: str, claims: Mapping[str, Any]) -> Refused:
    code = "ERR_JWT_CLAIM_VALIDATION_FAILED"
    return tokens.unauthorized(code, "JWTClaimValidationFailed", claim=name, reason=reason, payload=claims)


def _expired(claims: Mapping[str, Any]) -> Refused:
    return tokens.unauthorized("ERR_JWT_EXPIRED", "JWTExpired", claim="exp", reason="check_failed", payload=claims)
