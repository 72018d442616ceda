"""Tokens of machines: an application speaks for itself."""

from __future__ import annotations

from mockserver.logs.traffic.errors import oauth
from mockserver.logs.traffic.flows.tokens import request
from mockserver.logs.traffic.visit import MASKED, Visit


def fetch(visit: Visit) -> None:
    """A job fetches a token, again after an hour while it runs."""
    scope = {"scope": "all"} if visit.random.random() < 0.6 else {}
    params = {"grant_type": "client_credentials", "resource": visit.application.resource, **scope}
    for _ in range(visit.random.choice((1, 1, 2, 3, 4))):
        request(visit, "ClientCredentials", params, **scope)
        visit.pause(3_500_000, 3_600_000)


def wrong_secret(visit: Visit) -> None:
    """The secret was changed, and the job not told; it tries once more."""
    params = {
        "grant_type": "client_credentials",
        "client_id": visit.application.id,
        "client_secret": MASKED,
        "resource": visit.application.resource,
    }
    error = oauth("invalid_client", "client authentication failed", "invalid secret provided", 401)
    for _ in range(visit.random.choice((1, 2))):
        request(visit, "ClientCredentials", params, error, applicationSecret=None)
        visit.pause(1_000, 30_000)


def unknown_target(visit: Visit) -> None:
    """A token for a resource that the deployment does not know."""
    params = {"grant_type": "client_credentials", "resource": "https://unknown.example.com"}
    request(visit, "ClientCredentials", params, oauth("invalid_target", "resource indicator is missing, or unknown"))


def exchange_refused(visit: Visit) -> None:
    """A token exchange by an application that may not."""
    params = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": visit.fresh.token(43),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    error = oauth("invalid_client", "token exchange is not allowed for this application")
    request(visit, "TokenExchange", params, error)
