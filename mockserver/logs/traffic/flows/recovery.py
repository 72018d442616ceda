"""Recovering: a forgotten password is replaced by way of a mailed code."""

from __future__ import annotations

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.signin import mail_code, type_code
from mockserver.logs.traffic.interaction import Interaction
from mockserver.logs.traffic.visit import PersonVisit


def reset(visit: PersonVisit) -> None:
    """Code by mail, a new password, done."""
    interaction, user = Interaction(visit, "ForgotPassword"), visit.user
    mail_code(interaction, user)
    visit.pause(10_000, 120_000)
    type_code(interaction, user)
    interaction.identify(user)
    visit.pause(6_000, 40_000)
    interaction.step("Profile.Update", payload={"type": "password", "value": "******"})
    visit.pause(40, 300)
    interaction.step("Submit")


def unknown(visit: PersonVisit) -> None:
    """The address is right for a code, but no account has it."""
    interaction, user = Interaction(visit, "ForgotPassword"), visit.user
    mail_code(interaction, user)
    visit.pause(10_000, 120_000)
    type_code(interaction, user)
    visit.pause(40, 400)
    record = interaction.records[-1]
    interaction.step("Identifier.Submit", refused("user.user_not_exist"), {"verificationId": record["id"]})
    visit.pause(2_000, 20_000)
    interaction.step("Profile.Update", refused("session.identifier_not_found"))
