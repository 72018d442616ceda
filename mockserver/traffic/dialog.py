"""A dialog: one sign-in, registration or recovery in the browser, from the first page to the application's tokens."""

from __future__ import annotations

from typing import Any

from mockserver.traffic.people import User
from mockserver.traffic.visit import SCOPE, Error, Event, Visit


class Dialog:
    """The state that a deployment keeps of one interaction, and writes into each of its logs.

    Raises nothing: a flow calls the steps in an order that a browser could.
    """

    __slots__ = ("event", "identified", "interaction_id", "mfa", "params", "records", "visit")

    def __init__(self, visit: Visit, event: Event) -> None:
        self.visit = visit
        self.event = event
        self.identified: User | None = None
        self.records: list[dict[str, Any]] = []
        self.mfa: dict[str, Any] = {}
        self.interaction_id = visit.fresh.token(21)
        application = visit.application
        self.params = {
            "client_id": application.id,
            "redirect_uri": application.redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": visit.fresh.token(11),
            "code_challenge": visit.fresh.token(43),
            "code_challenge_method": "S256",
            "prompt": "consent",
        }
        prompt = {"name": "login", "reasons": ["no_session"], "details": {}}
        self._browser("Interaction.Create", visit.fresh.token(21), prompt=prompt)
        visit.pause(150, 1_500)
        self.step("Create")

    def step(self, step: str, error: Error | None = None, payload: dict[str, Any] | None = None, **extra: Any) -> None:
        """Write ``Interaction.<event>.<step>`` with the state as it stands."""
        user = self.identified
        interaction = {
            "interactionEvent": self.event,
            **({"userId": user.id} if user else {}),
            "verificationRecords": list(self.records),
            "profile": {},
            "mfa": dict(self.mfa),
            "captcha": {"verified": False, "skipped": False},
        }
        self.visit.log(
            f"Interaction.{self.event}.{step}",
            error,
            userId=user.id if user else None,
            interaction=interaction,
            payload=payload,
            **extra,
        )

    def verify(
        self, kind: str, error: Error | None = None, payload: dict[str, Any] | None = None, **record: Any
    ) -> None:
        """Write the ``Submit`` of a verification, and keep its record when there is no error."""
        if error is None:
            self.records.append({"id": self.visit.fresh.lower(21), "type": kind, **record})
        self.step(f"Verification.{kind}.Submit", error, payload)

    def identify(self, user: User, account: dict[str, Any] | None = None) -> None:
        """From here on the deployment knows who it is; ``account`` is what it has just made for them."""
        self.identified = user
        self.visit.pause(40, 400)
        record = self.records[-1]
        self.step("Identifier.Submit", payload={"verificationId": record["id"]}, verification=record, user=account)

    def finish(self) -> None:
        """Submit, agree to share, and leave the browser; the application has its code and may exchange it."""
        self.visit.pause(40, 600)
        self.step("Submit")
        self.consent()

    def consent(self) -> None:
        """The first interaction ends, and the consent begins and ends, in a session that has a user."""
        visit, session = self.visit, self.visit.fresh.token(21)
        visit.pause(50, 300)
        self._browser("Interaction.End", session)
        self.interaction_id = visit.fresh.token(21)
        details = {"missingOIDCScope": SCOPE.split()}
        prompt = {"name": "consent", "reasons": ["consent_prompt", "op_scopes_missing"], "details": details}
        visit.pause(1, 12)
        self._browser(
            "Interaction.Create", session, userId=self.identified.id if self.identified else None, prompt=prompt
        )
        visit.pause(80, 900)
        self._browser("Interaction.End", visit.fresh.token(21))
        visit.pause(40, 700)

    def _browser(self, key: str, session: str, **fields: Any) -> None:
        self.visit.log(key, sessionId=session, params=self.params, interactionId=self.interaction_id, **fields)
