"""Recovering: a mailed code lets a user replace a forgotten password."""

from __future__ import annotations

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.signin import mail_code, type_code
from mockserver.logs.traffic.interaction import Interaction, PersonInteraction
from mockserver.logs.traffic.visit import MASKED, PersonVisit


def reset(visit: PersonVisit) -> None:
    """A code by mail, then a new password."""
    interaction = _with_code(visit)
    interaction.identify()
    visit.pause(6_000, 40_000)
    interaction.step("Profile.Update", payload={"type": "password", "value": MASKED})
    visit.pause(40, 300)
    interaction.step("Submit")


def unknown(visit: PersonVisit) -> None:
    """The code is right, but no account has the address."""
    interaction = _with_code(visit)
    visit.pause(40, 400)
    record = interaction.records[-1]
    interaction.step("Identifier.Submit", refused("user.user_not_exist"), {"verificationId": record["id"]})
    visit.pause(2_000, 20_000)
    interaction.step("Profile.Update", refused("session.identifier_not_found"))


def _with_code(visit: PersonVisit) -> PersonInteraction:
    """Return a new recovery whose user has typed the right code."""
    interaction = Interaction(visit, "ForgotPassword")
    mail_code(interaction)
    visit.pause(10_000, 120_000)
    type_code(interaction)
    return interaction
