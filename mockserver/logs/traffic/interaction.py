"""An interaction: one sign-in, registration or recovery in the browser, from the first page to the consent."""

from __future__ import annotations

from typing import Any, Literal

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.users import User
from mockserver.logs.traffic.visit import SCOPE, Error, Event, Visit


class Interaction:
    """The state that a deployment keeps of one interaction, and writes into each of its logs.

    ``captcha`` says how the one went that the tenant asks for, None where it asks for none; where it failed there is
    no interaction to go on with. Raises nothing: a flow calls the steps in an order that a browser could.
    """

    __slots__ = ("captcha", "event", "identified", "interaction_id", "mfa", "params", "records", "visit")

    def __init__(self, visit: Visit, event: Event, captcha: Literal["solved", "failed"] | None = None) -> None:
        self.visit = visit
        self.event = event
        self.captcha = {"verified": captcha == "solved", "skipped": False}
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
        self._open(captcha)

    def _open(self, captcha: Literal["solved", "failed"] | None) -> None:
        """The first page: the interaction is created, unless its captcha fails."""
        if captcha == "failed":
            error = refused("session.captcha_failed")
            self.visit.log(f"Interaction.{self.event}.Create", error)
            self.visit.pause(0, 3)
            self.visit.log("Interaction.Create.Captcha", error)
            return
        self.step("Create")
        if captcha == "solved":
            self.visit.pause(0, 3)
            self.visit.log("Interaction.Create.Captcha", interaction=self._state())

    def step(self, step: str, error: Error | None = None, payload: dict[str, Any] | None = None, **extra: Any) -> None:
        """Write ``Interaction.<event>.<step>`` with the state as it stands."""
        self.visit.log(
            f"Interaction.{self.event}.{step}",
            error,
            userId=self.identified.id if self.identified else None,
            interaction=self._state(),
            payload=payload,
            **extra,
        )

    def begin(self, kind: str, payload: dict[str, Any] | None = None, **record: Any) -> str:
        """Write the ``Create`` of a verification, whose record is kept while it is open; gives the record's id."""
        self._keep(kind, record)
        self.step(f"Verification.{kind}.Create", payload=payload)
        return str(self.records[-1]["id"])

    def verify(
        self, kind: str, error: Error | None = None, payload: dict[str, Any] | None = None, **record: Any
    ) -> None:
        """Write the ``Submit`` of a verification, and keep its record when there is no error."""
        if error is None:
            self._keep(kind, record)
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

    def _state(self) -> dict[str, Any]:
        return {
            "interactionEvent": self.event,
            **({"userId": self.identified.id} if self.identified else {}),
            "verificationRecords": list(self.records),
            "profile": {},
            "mfa": dict(self.mfa),
            "captcha": self.captcha,
        }

    def _keep(self, kind: str, record: dict[str, Any]) -> None:
        """Put the record of a verification last; one of its kind that was begun keeps its id and what it said.

        A new record each time: the logs written before hold the old one.
        """
        begun = next((each for each in self.records if each["type"] == kind), None)
        others = [each for each in self.records if each is not begun]
        self.records = [*others, (begun or {"id": self.visit.fresh.lower(21), "type": kind}) | record]

    def _browser(self, key: str, session: str, **fields: Any) -> None:
        self.visit.log(key, sessionId=session, params=self.params, interactionId=self.interaction_id, **fields)
