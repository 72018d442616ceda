"""Signing in: by password, by a provider, by a code; after a captcha, with mistakes, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.tokens import exchange
from mockserver.logs.traffic.interaction import Interaction, PersonInteraction
from mockserver.logs.traffic.visit import MASKED, PersonVisit, Visit

CODE_MINUTES = 10  # how long a mailed code is valid


def password(visit: PersonVisit) -> None:
    """Password, consent, tokens: the most common visit."""
    complete(with_password(visit))


def forgetful(visit: PersonVisit) -> None:
    """One to three wrong passwords, then the right one."""
    interaction = Interaction(visit, "SignIn")
    for _ in range(visit.random.choice((1, 1, 2, 3))):
        type_password(interaction, wrong=True)
    complete(type_password(interaction))


def given_up(visit: PersonVisit) -> None:
    """Three wrong passwords and no fourth try: the deployment never learns who it was."""
    interaction = Interaction(visit, "SignIn")
    for _ in range(3):
        type_password(interaction, wrong=True)


def social(visit: PersonVisit) -> None:
    """An identity provider signs the user in."""
    interaction = Interaction(visit, "SignIn")
    connector = visit.random.choice(("google-universal", "github-universal", "apple-universal"))
    route = {"state": visit.fresh.token(21), "redirectUri": f"https://sign-in.example.com/callback/{connector}"}
    interaction.pause(900, 6_000).step("Verification.Social.Create", payload={"connectorId": connector, **route})
    payload = {"connectorId": connector, "connectorData": {"code": visit.fresh.token(30), **route}}
    complete(interaction.pause(3_000, 40_000).verify("Social", None, payload, connectorId=connector))


def email_code(visit: PersonVisit) -> None:
    """A mailed code, typed in time."""
    complete(type_code(mail_code(Interaction(visit, "SignIn")).pause(8_000, 90_000)))


def late_code(visit: PersonVisit) -> None:
    """A mailed code, perhaps mistyped, then typed too late; then a new one."""
    interaction = mail_code(Interaction(visit, "SignIn"))
    if visit.random.random() < 0.5:
        type_code(interaction.pause(8_000, 90_000), "verification_code.code_mismatch")
    type_code(interaction.pause(CODE_MINUTES * 60_000, CODE_MINUTES * 90_000), "verification_code.expired")
    complete(type_code(mail_code(interaction).pause(8_000, 60_000)))


def crawl(visit: Visit) -> None:
    """A bot that follows a link to the sign-in page and goes no further."""
    Interaction(visit, "SignIn")


def captcha(visit: PersonVisit) -> None:
    """A captcha first, as some tenants demand it; then the password."""
    complete(type_password(Interaction(visit, "SignIn", "solved")))


def stopped(visit: Visit) -> None:
    """A bot that fails a captcha, once or twice."""
    for _ in range(visit.random.choice((1, 2))):
        Interaction(visit, "SignIn", "failed")
        visit.pause(1_000, 60_000)


def with_password(visit: PersonVisit) -> PersonInteraction:
    """Return a new sign-in whose user has typed the right password and is identified."""
    return type_password(Interaction(visit, "SignIn")).identify()


def complete(interaction: PersonInteraction, then: Callable[[PersonVisit], None] = exchange) -> None:
    """End an interaction well: the user is identified and consents, ``then`` the application exchanges its code."""
    if interaction.identified is None:
        interaction.identify()
    interaction.finish()
    then(interaction.visit)


def type_password(interaction: PersonInteraction, wrong: bool = False) -> PersonInteraction:
    """Type a password and send it; the deployment masks it."""
    name = interaction.visit.user.identifier
    error = refused("session.invalid_credentials") if wrong else None
    payload = {"identifier": name, "password": MASKED}
    return interaction.pause(4_000, 25_000).verify("Password", error, payload, verified=True, identifier=name)


def mail_code(interaction: PersonInteraction) -> PersonInteraction:
    """Ask for a code by mail, or by phone when the user has no e-mail address."""
    address = interaction.visit.user.address
    payload = {"identifier": address, "interactionEvent": interaction.event}
    return interaction.pause(3_000, 15_000).step(f"Verification.{_kind(address)}.Create", payload=payload)


def type_code(interaction: PersonInteraction, error_code: str | None = None) -> PersonInteraction:
    """Type the mailed code and send it."""
    visit, event = interaction.visit, interaction.event
    address = visit.user.address
    payload = {"identifier": address, "code": digits(visit), "verificationId": visit.fresh.lower(21)}
    error = refused(error_code) if error_code else None
    record = {"verified": True, "identifier": address, "templateType": event}
    return interaction.verify(_kind(address), error, payload, **record)


def digits(visit: Visit) -> str:
    """Return a code of six digits."""
    return f"{visit.random.randrange(10**6):06}"


def _kind(address: dict[str, str]) -> str:
    return f"{address['type'].title()}VerificationCode"
