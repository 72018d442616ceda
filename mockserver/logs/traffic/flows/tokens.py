"""Tokens: an application exchanges a code, refreshes a token, revokes a grant, or fetches a token for itself.

The flows ``machine_*`` are those of an application that speaks for itself; the others follow the visit of a person.
"""

from __future__ import annotations

from typing import Any

from mockserver.logs.traffic.errors import oauth
from mockserver.logs.traffic.fresh import TENANT
from mockserver.logs.traffic.visit import MASKED, SCOPE, PersonVisit, Visit

TYPES = ["AccessToken", "RefreshToken", "IdToken"]
DENIED = "the policy does not admit this account"
HOUR = 3_600_000  # ms: how long an access token lives


def exchange(visit: PersonVisit) -> None:
    """The application exchanges its code; some users stay and refresh the token, a few sign out."""
    redeem(visit)
    if visit.random.random() < 0.15:
        refresh(visit)
    if visit.random.random() < 0.1:
        _revoke(visit)


def redeem(visit: PersonVisit) -> None:
    """The application exchanges its code."""
    request(visit, "AuthorizationCode", _code(visit), scope=SCOPE)


def refresh(visit: PersonVisit) -> None:
    """A token is refreshed about every hour, up to four times."""
    for _ in range(visit.random.choice((1, 1, 2, 4))):
        request(visit.pause(HOUR - 120_000, HOUR), "RefreshToken", _refreshing(visit), scope=SCOPE)


def stale_refresh(visit: PersonVisit) -> None:
    """A refresh token that was used before, or has expired."""
    error = oauth("invalid_grant", "grant request is invalid", "refresh token not found")
    request(visit, "RefreshToken", _refreshing(visit), error)


def stale_code(visit: PersonVisit) -> None:
    """A code that has expired; some versions write a plain sentence instead of JSON."""
    plain = "invalid_grant: grant request is invalid"
    detailed = oauth("invalid_grant", "grant request is invalid", "authorization code not found")
    request(visit, "AuthorizationCode", _code(visit), visit.random.choice((plain, detailed, detailed)))


def reused_code(visit: PersonVisit) -> None:
    """A code sent twice, perhaps by a reload: the deployment revokes the grant, and does not say whose it was."""
    params = _code(visit)
    request(visit, "AuthorizationCode", params, scope=SCOPE)
    visit.pause(300, 20_000).log("RevokeToken", params=params, grantId=visit.fresh.token(43), tokenTypes=[])
    error = oauth("invalid_grant", "grant request is invalid", "authorization code already consumed")
    request(visit.pause(1, 20), "AuthorizationCode", params, error)


def no_grant_type(visit: PersonVisit) -> None:
    """A request that names no grant, or one that is not supported."""
    nothing: dict[str, str] = {}
    missing = (nothing, oauth("invalid_request", "missing required parameter 'grant_type'"))
    foreign = ({"grant_type": "password"}, oauth("unsupported_grant_type", "unsupported grant_type requested"))
    params, error = visit.random.choice((missing, foreign))
    request(visit, "Unknown", params, error)


def customizer_fails(visit: PersonVisit) -> None:
    """The tenant's own script for token claims denies one exchange; the next one succeeds."""
    denied(visit)
    request(visit.pause(2_000, 9_000), "AuthorizationCode", _code(visit), scope=SCOPE)


def denied(visit: PersonVisit) -> None:
    """The tenant's own script denies an exchange; its log has another form of error. Both logs name the user."""
    user = visit.user.id
    token = {"kind": "AccessToken", "jti": visit.fresh.token(43), "clientId": visit.application.id, "accountId": user}
    visit.log(
        "JwtCustomizer.AccessToken",
        result="Error",
        userId=user,
        payload={"token": token, "context": {"user": {"id": user}}},
        customJwtError={"message": DENIED, "error": {"code": "AccessDenied", "message": DENIED}},
        tenantId=TENANT,
    )
    request(visit.pause(2, 30), "AuthorizationCode", _code(visit), oauth("access_denied", DENIED), userId=user)


def machine_token(visit: Visit) -> None:
    """A job fetches a token, and again after each hour that it runs."""
    scope = {"scope": "all"} if visit.random.random() < 0.6 else {}
    params = {"grant_type": "client_credentials", "resource": visit.application.resource, **scope}
    for _ in range(visit.random.choice((1, 1, 2, 3, 4))):
        request(visit, "ClientCredentials", params, **scope)
        visit.pause(3_500_000, 3_600_000)


def machine_wrong_secret(visit: Visit) -> None:
    """The secret was changed, but the job has the old one; it may try once more."""
    secret = {"client_id": visit.application.id, "client_secret": MASKED}
    params = {"grant_type": "client_credentials", **secret, "resource": visit.application.resource}
    error = oauth("invalid_client", "client authentication failed", "invalid secret provided", 401)
    for _ in range(visit.random.choice((1, 2))):
        request(visit, "ClientCredentials", params, error, applicationSecret=None)
        visit.pause(1_000, 30_000)


def machine_unknown_target(visit: Visit) -> None:
    """A token for a resource that the deployment does not know."""
    params = {"grant_type": "client_credentials", "resource": "https://unknown.example.com"}
    request(visit, "ClientCredentials", params, oauth("invalid_target", "resource indicator is missing, or unknown"))


def machine_exchange_refused(visit: Visit) -> None:
    """A token exchange by an application without the permission."""
    params = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": visit.fresh.token(43),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    error = oauth("invalid_client", "token exchange is not allowed for this application")
    request(visit, "TokenExchange", params, error)


def _client_id(visit: PersonVisit) -> dict[str, str]:
    """Return the parameter client_id; an application with a secret sends its id in a header instead."""
    return {} if visit.application.secret else {"client_id": visit.application.id}


def _code(visit: PersonVisit) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        **_client_id(visit),
        "code": visit.fresh.token(43),
        "redirect_uri": visit.application.redirect_uri,
        "code_verifier": visit.fresh.token(43),
    }


def _refreshing(visit: PersonVisit) -> dict[str, str]:
    return {"grant_type": "refresh_token", **_client_id(visit), "refresh_token": visit.fresh.token(43)}


def request(visit: Visit, grant: str, params: dict[str, str], error: str | None = None, **fields: Any) -> None:
    """Write the log of a request for tokens: those of a person, or the one of a machine."""
    secret = {"name": visit.application.secret} if visit.application.secret else None
    types, user = (TYPES, visit.user.id) if isinstance(visit, PersonVisit) else (["AccessToken"], None)
    if error:
        types, user = [], None
    fields = {"params": params, "tokenTypes": types, "applicationSecret": secret, "userId": user} | fields
    visit.log(f"ExchangeTokenBy.{grant}", error, **fields)


def _revoke(visit: PersonVisit) -> None:
    params, grant = {"token": visit.fresh.token(43), **_client_id(visit)}, visit.fresh.token(43)
    visit.pause(60_000, 2 * HOUR)
    visit.log("RevokeToken", userId=visit.user.id, params=params, grantId=grant, tokenTypes=["RefreshToken"])
