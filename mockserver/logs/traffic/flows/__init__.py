"""Flows: what clients do in one visit. One file for a family; the table below lists all flows.

A flow is a function that writes the logs of one visit. The table says who can play it, how common it is, and how it
goes: ``fine`` writes no errors, ``troubled`` writes errors among other logs, ``refused`` writes only errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mockserver.logs.traffic.flows import accounts, enterprise, mfa, signin, tokens


@dataclass(frozen=True, slots=True)
class Flow:
    """One way that a visit can go; a person's is a PersonVisit.

    ``weight`` (from 1) is how common it is among the flows that go the same way; ``saml``: it needs a SAML application.
    """

    play: Callable[..., None]
    who: Literal["person", "machine", "bot"]
    goes: Literal["fine", "troubled", "refused"]
    weight: int
    saml: bool = False


FLOWS = (
    Flow(signin.password, "person", "fine", 34),
    Flow(signin.social, "person", "fine", 7),
    Flow(signin.email_code, "person", "fine", 6),
    Flow(signin.captcha, "person", "fine", 2),
    Flow(enterprise.single_sign_on, "person", "fine", 3),
    Flow(enterprise.saml, "person", "fine", 2, saml=True),
    Flow(mfa.enrol, "person", "fine", 1),
    Flow(mfa.enrol_passkey, "person", "fine", 1),
    Flow(accounts.register, "person", "fine", 6),
    Flow(accounts.password_reset, "person", "fine", 2),
    Flow(tokens.refresh, "person", "fine", 6),
    Flow(tokens.machine_token, "machine", "fine", 84),
    Flow(signin.crawl, "bot", "fine", 2),
    Flow(signin.forgetful, "person", "troubled", 6),
    Flow(signin.given_up, "person", "troubled", 2),
    Flow(signin.stopped, "bot", "troubled", 1),
    Flow(mfa.second_factor, "person", "troubled", 9),
    Flow(mfa.passkey, "person", "troubled", 2),
    Flow(mfa.backup_code, "person", "troubled", 2),
    Flow(signin.late_code, "person", "troubled", 3),
    Flow(accounts.register_again, "person", "troubled", 3),
    Flow(accounts.register_without_second_factor, "person", "troubled", 3),
    Flow(accounts.reset_unknown_address, "person", "troubled", 2),
    Flow(tokens.reused_code, "person", "troubled", 2),
    Flow(tokens.customizer_fails, "person", "troubled", 1),
    Flow(tokens.stale_refresh, "person", "refused", 3),
    Flow(tokens.stale_code, "person", "refused", 2),
    Flow(tokens.no_grant_type, "person", "refused", 1),
    Flow(enterprise.unknown_service, "person", "refused", 1, saml=True),
    Flow(tokens.machine_wrong_secret, "machine", "refused", 4),
    Flow(tokens.machine_unknown_target, "machine", "refused", 2),
    Flow(tokens.machine_exchange_refused, "machine", "refused", 1),
)

# For a day that is full of errors, which users could not come to otherwise; no other day has it.
LAST_RESORT = Flow(tokens.denied, "person", "refused", 1)
