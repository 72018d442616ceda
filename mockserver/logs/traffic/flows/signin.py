"""Signing in: by password, by a provider, by a code; past a captcha, with mistakes, or not at all."""

from __future__ import annotations

from typing import Any

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.tokens import exchange
from mockserver.logs.traffic.interaction import Interaction
from mockserver.logs.traffic.users import User
from mockserver.logs.traffic.visit import PersonVisit, Visit

CODE_MINUTES = 10  # how long a mailed code lives


def password(visit: PersonVisit) -> None:
    """Password, consent, tokens; the most common visit."""
    interaction, user = Interaction(visit, "SignIn"), visit.user
    type_password(interaction, user)
    interaction.identify(user)
    interaction.finish()
    exchange(visit)


def forgetful(visit: PersonVisit) -> None:
    """One to three wrong passwords, then the right one."""
    interaction, user = Interaction(visit, "SignIn"), visit.user
    for _ in range(visit.random.choice((1, 1, 2, 3))):
        type_password(interaction, user, wrong=True)
    type_password(interaction, user)
    interaction.identify(user)
    interaction.finish()
    exchange(visit)


def given_up(visit: PersonVisit) -> None:
    """Three wrong passwords, and gone: the deployment never learns who it was."""
    interaction = Interaction(visit, "SignIn")
    for _ in range(3):
        type_password(interaction, visit.user, wrong=True)


def social(visit: PersonVisit) -> None:
    """By way of an identity provider."""
    interaction, user = Interaction(visit, "SignIn"), visit.user
    connector = visit.random.choice(("google-universal", "github-universal", "apple-universal"))
    callback = f"https://sign-in.example.com/callback/{connector}"
    state = visit.fresh.token(21)
    visit.pause(900, 6_000)
    payload: dict[str, Any] = {"connectorId": connector, "state": state, "redirectUri": callback}
    interaction.step("Verification.Social.Create", payload=payload)
    visit.pause(3_000, 40_000)
    data = {"code": visit.fresh.token(30), "state": state, "redirectUri": callback}
    interaction.verify("Social", None, {"connectorId": connector, "connectorData": data}, connectorId=connector)
    interaction.identify(user)
    interaction.finish()
    exchange(visit)


def email_code(visit: PersonVisit) -> None:
    """By a mailed code, typed in time."""
    interaction, user = Interaction(visit, "SignIn"), visit.user
    mail_code(interaction, user)
    visit.pause(8_000, 90_000)
    type_code(interaction, user)
    interaction.identify(user)
    interaction.finish()
    exchange(visit)


def late_code(visit: PersonVisit) -> None:
    """A mailed code mistyped, then typed too late; then a new one."""
    interaction, user = Interaction(visit, "SignIn"), visit.user
    mail_code(interaction, user)
    if visit.random.random() < 0.5:
        visit.pause(8_000, 90_000)
        type_code(interaction, user, "verification_code.code_mismatch")
    visit.pause(CODE_MINUTES * 60_000, CODE_MINUTES * 90_000)
    type_code(interaction, user, "verification_code.expired")
    mail_code(interaction, user)
    visit.pause(8_000, 60_000)
    type_code(interaction, user)
    interaction.identify(user)
    interaction.finish()
    exchange(visit)


def crawl(visit: Visit) -> None:
    """A bot that follows a link to the sign-in page and no further."""
    Interaction(visit, "SignIn")


def captcha(visit: PersonVisit) -> None:
    """A captcha first, as some tenants ask for it; then the password."""
    interaction, user = Interaction(visit, "SignIn", "solved"), visit.user
    type_password(interaction, user)
    interaction.identify(user)
    interaction.finish()
    exchange(visit)


def stopped(visit: Visit) -> None:
    """A bot that no captcha lets in; it comes once more."""
    for _ in range(visit.random.choice((1, 2))):
        Interaction(visit, "SignIn", "failed")
        visit.pause(1_000, 60_000)


def type_password(interaction: Interaction, user: User, wrong: bool = False) -> None:
    """Type a password and send it; the deployment masks it."""
    name = {"type": "username", "value": user.username}
    interaction.visit.pause(4_000, 25_000)
    error = refused("session.invalid_credentials") if wrong else None
    payload = {"identifier": name, "password": "******"}
    interaction.verify("Password", error, payload, verified=True, identifier=name)


def mail_code(interaction: Interaction, user: User) -> None:
    """Ask for a code by mail."""
    interaction.visit.pause(3_000, 15_000)
    payload = {"identifier": {"type": "email", "value": user.email}, "interactionEvent": interaction.event}
    interaction.step("Verification.EmailVerificationCode.Create", payload=payload)


def type_code(interaction: Interaction, user: User, error_code: str | None = None) -> None:
    """Type the mailed code and send it."""
    address = {"type": "email", "value": user.email}
    payload = {
        "identifier": address,
        "code": digits(interaction.visit),
        "verificationId": interaction.visit.fresh.lower(21),
    }
    error = refused(error_code) if error_code else None
    interaction.verify(
        "EmailVerificationCode", error, payload, verified=True, identifier=address, templateType=interaction.event
    )


def digits(visit: Visit) -> str:
    """A code of six digits."""
    return f"{visit.random.randrange(10**6):06}"
