"""Registering: a new account by name and password."""

from __future__ import annotations

from typing import Any

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.signin import complete
from mockserver.logs.traffic.interaction import Interaction, PersonInteraction
from mockserver.logs.traffic.users import User
from mockserver.logs.traffic.visit import MASKED, PersonVisit

WEAK = [
    {"code": "password_rejected.too_short", "interpolation": {"min": 8}},
    {"code": "password_rejected.restricted.sequence"},
]


def password(visit: PersonVisit) -> None:
    """Name and password, then signed in."""
    complete(_registered(Interaction(visit, "Register")))


def taken(visit: PersonVisit) -> None:
    """The name is taken, or the password too weak; most try again with better ones."""
    interaction = Interaction(visit, "Register")
    errors = (refused("user.username_already_in_use"), refused("password.rejected", WEAK))
    _choose(interaction, visit.random.choice(errors))
    if visit.random.random() < 0.7:
        complete(_registered(interaction))


def second_factor_offered(visit: PersonVisit) -> None:
    """The tenant asks for a second factor that can be skipped, and the user skips it."""
    interaction = _registered(Interaction(visit, "Register"))
    visit.pause(30, 300)
    interaction.step("Submit", refused("user.missing_mfa", {"skippable": True, "availableFactors": ["Totp"]}))
    visit.pause(1_500, 12_000)
    interaction.mfa = {"mfaSkipped": True}
    complete(interaction)


def _registered(interaction: PersonInteraction) -> PersonInteraction:
    """Choose a good name and password; the deployment makes the account."""
    _choose(interaction)
    interaction.identify(_account(interaction.visit.user))
    return interaction


def _choose(interaction: PersonInteraction, error: dict[str, Any] | None = None) -> None:
    interaction.visit.pause(8_000, 45_000)
    name = {"type": "username", "value": interaction.visit.user.username}
    record = {"identifier": name, "passwordEncryptionMethod": "Argon2i"}
    interaction.verify("NewPasswordIdentity", error, {"identifier": name, "password": MASKED}, **record)


def _account(user: User) -> dict[str, Any]:
    """Return the account as the deployment writes it, once, when it makes it."""
    return {
        "id": user.id,
        "username": user.username,
        "primaryEmail": None,
        "primaryPhone": None,
        "name": None,
        "avatar": None,
        "customData": {},
        "identities": {},
        "profile": {},
        "applicationId": None,
        "isSuspended": False,
        "lastSignInAt": None,
        "mfaVerifications": [],
        "passwordEncrypted": MASKED,
        "passwordEncryptionMethod": "Argon2i",
    }
