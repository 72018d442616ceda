"""Accounts: a user registers by identifier and password, or resets a forgotten password by a code."""

from __future__ import annotations

from typing import Any

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.signin import complete, mail_code, type_code
from mockserver.logs.traffic.interaction import Interaction, PersonInteraction
from mockserver.logs.traffic.users import PROFILE, User
from mockserver.logs.traffic.visit import MASKED, PersonVisit

WEAK = [
    {"code": "password_rejected.too_short", "interpolation": {"min": 8}},
    {"code": "password_rejected.restricted.sequence"},
]


def register(visit: PersonVisit) -> None:
    """Identifier and password, then signed in."""
    complete(_registered(Interaction(visit, "Register")))


def register_again(visit: PersonVisit) -> None:
    """The identifier is taken, or the password too weak; most try again with better ones."""
    interaction = Interaction(visit, "Register")
    taken = f"user.{visit.user.identifier['type']}_already_in_use"
    errors = (refused(taken), refused("password.rejected", WEAK))
    _choose(interaction, visit.random.choice(errors))
    if visit.random.random() < 0.7:
        complete(_registered(interaction))


def register_without_second_factor(visit: PersonVisit) -> None:
    """The tenant asks for a second factor that can be skipped, and the user skips it."""
    interaction = _registered(Interaction(visit, "Register"))
    data = {"skippable": True, "availableFactors": ["Totp"]}
    interaction.pause(30, 300).step("Submit", refused("user.missing_mfa", data))
    interaction.mfa = {"mfaSkipped": True}
    complete(interaction.pause(1_500, 12_000))


def password_reset(visit: PersonVisit) -> None:
    """A code by mail, then a new password in place of the forgotten one."""
    interaction = _with_code(visit).identify().pause(6_000, 40_000)
    interaction.step("Profile.Update", payload={"type": "password", "value": MASKED}).pause(40, 300).step("Submit")


def reset_unknown_address(visit: PersonVisit) -> None:
    """The code is right, but no account has the address."""
    interaction = _with_code(visit)
    payload = {"verificationId": interaction.records[-1]["id"]}
    interaction.pause(40, 400).step("Identifier.Submit", refused("user.user_not_exist"), payload)
    interaction.pause(2_000, 20_000).step("Profile.Update", refused("session.identifier_not_found"))


def _with_code(visit: PersonVisit) -> PersonInteraction:
    """Return a new recovery whose user has typed the right code."""
    return type_code(mail_code(Interaction(visit, "ForgotPassword")).pause(10_000, 120_000))


def _registered(interaction: PersonInteraction) -> PersonInteraction:
    """Choose a good identifier and password; the deployment makes the account."""
    return _choose(interaction).identify(_account(interaction.visit.user))


def _choose(interaction: PersonInteraction, error: dict[str, Any] | None = None) -> PersonInteraction:
    name = interaction.visit.user.identifier
    payload = {"identifier": name, "password": MASKED}
    return interaction.pause(8_000, 45_000).verify(
        "NewPasswordIdentity", error, payload, identifier=name, passwordEncryptionMethod="Argon2i"
    )


def _account(user: User) -> dict[str, Any]:
    """Return the account as the deployment writes it, once, when it makes it."""
    profile = {name: user.profile.get(name) for name in PROFILE}
    empty: dict[str, Any] = {"customData": {}, "identities": {}, "profile": {}}
    state: dict[str, Any] = {"applicationId": None, "isSuspended": False, "lastSignInAt": None, "mfaVerifications": []}
    secret = {"passwordEncrypted": MASKED, "passwordEncryptionMethod": "Argon2i"}
    return {"id": user.id} | profile | empty | state | secret
