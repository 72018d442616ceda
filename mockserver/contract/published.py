"""The credentials that the mock publishes for everybody: tokens that work by name, and clients with their secret."""

from __future__ import annotations

from dataclasses import dataclass

# Bearer tokens for curl, and the status of the reply to each.
DEV_TOKEN, FORBIDDEN_TOKEN, EXPIRED_TOKEN = "dev-token", "forbidden-token", "expired-token"
TOKENS = {DEV_TOKEN: 200, FORBIDDEN_TOKEN: 403, EXPIRED_TOKEN: 401}
# The token of the control API in the image, see Dockerfile.
ADMIN_TOKEN = "dev-admin-token"


@dataclass(frozen=True, slots=True)
class PublishedClient:
    """A machine-to-machine application that may ask for tokens: its id, its secret, the scope it can have."""

    id: str
    secret: str
    scope: str


CLIENTS = {
    client.id: client
    for client in (
        PublishedClient("mock-app", "mock-secret", "all"),
        PublishedClient("no-scope-app", "mock-secret", ""),
    )
}
