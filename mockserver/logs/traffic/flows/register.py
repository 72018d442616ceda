"""Registering: a new account by name and password."""

from __future__ import annotations

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.tokens import exchange
from mockserver.logs.traffic.interaction import Interaction
from mockserver.logs.traffic.users import User
from mockserver.logs.traffic.visit import PersonVisit

WEAK = [
    {"code": "password_rejected.too_short", "interpolation": {"min": 8}},
    {"code": "password_rejected.restricted.sequence"},
]


def password(visit: PersonVisit) -> None:
    """Name, password, in."""
    interaction = Interaction(visit, "Register")
    _choose(interaction, visit.user)
    interaction.identify(visit.user, account=_account(visit.user))
    interaction.finish()
    exchange(visit)


def taken(visit: PersonVisit) -> None:
    """The name is taken, or the password too weak; most try again with better ones."""
    interaction, user = Interaction(visit, "Register"), visit.user
    error = visit.random.choice((refused("user.username_already_in_use"), refused("password.rejected", WEAK)))
    _choose(interaction, user, error)
    if visit.random.random() < 0.7:
        _choose(interaction, user)
        interaction.identify(user, account=_account(user))
        interaction.finish()
        exchange(visit)


def second_factor_offered(visit: PersonVisit) -> None:
    """The tenant asks for a second factor, which may be skipped, and is."""
    interaction, user = Interaction(visit, "Register"), visit.user
    _choose(interaction, user)
    interaction.identify(user, account=_account(user))
    visit.pause(30, 300)
    interaction.step("Submit", refused("user.missing_mfa", {"skippable": True, "availableFactors": ["Totp"]}))
    visit.pause(1_500, 12_000)
    interaction.mfa = {"mfaSkipped": True}
    interaction.finish()
    exchange(visit)


def _choose(interaction: Interaction, user: User, error: dict[str, object] | None = None) -> None:
    interaction.visit.pause(8_000, 45_000)
    name = {"type": "username", "value": user.username}
    payload = {"identifier": name, "password": "******"}
    interaction.verify("NewPasswordIdentity", error, payload, identifier=name, passwordEncryptionMethod="Argon2i")


def _account(user: User) -> dict[str, object]:
    """The account that was made, as the deployment writes it once."""
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
        "passwordEncrypted": "******",
        "passwordEncryptionMethod": "Argon2i",
    }
