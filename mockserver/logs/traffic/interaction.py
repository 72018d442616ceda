"""An interaction: one sign-in, registration or recovery in the browser, from the first page to the consent."""

from __future__ import annotations

from typing import Any, Generic, Literal, Self, TypeVar

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.users import User
from mockserver.logs.traffic.visit import SCOPE, Error, PersonVisit, Visit

Event = Literal["SignIn", "Register", "ForgotPassword"]
Captcha = Literal["solved", "failed"]
Payload = dict[str, Any] | None
SomeVisit = TypeVar("SomeVisit", bound=Visit, covariant=True)


class Interaction(Generic[SomeVisit]):
    """The state that a deployment keeps of one interaction and writes into each of its logs.

    ``captcha`` says how the captcha went, None when the tenant has none; a failed one ends the interaction at once. A
    flow must call the steps in an order that is possible in a browser; nothing checks it. Most steps return the
    interaction, for what comes next.
    """

    def __init__(self, visit: SomeVisit, event: Event, captcha: Captcha | None = None) -> None:
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
        error = refused("session.captcha_failed") if captcha == "failed" else None
        state = None if error else self._state()
        visit.pause(150, 1_500).log(f"Interaction.{event}.Create", error, interaction=state)
        if captcha is not None:
            visit.pause(0, 3).log("Interaction.Create.Captcha", error, interaction=state)

    def pause(self, low: int, high: int) -> Self:
        """Wait from ``low`` to ``high`` ms and return the interaction, for its next step."""
        self.visit.pause(low, high)
        return self

    def step(self, step: str, error: Error | None = None, payload: Payload = None, **extra: Any) -> Self:
        """Write ``Interaction.<event>.<step>`` with the present state."""
        key = f"Interaction.{self.event}.{step}"
        self.visit.log(key, error, userId=self._user_id(), interaction=self._state(), payload=payload, **extra)
        return self

    def begin(self, kind: str, payload: Payload = None, **record: Any) -> str:
        """Write the ``Create`` of a verification and keep its record; return the record's id."""
        self._keep(kind, record)
        self.step(f"Verification.{kind}.Create", payload=payload)
        return str(self.records[-1]["id"])

    def verify(self, kind: str, error: Error | None = None, payload: Payload = None, **record: Any) -> Self:
        """Write the ``Submit`` of a verification, and keep its record when there is no error."""
        if error is None:
            self._keep(kind, record)
        return self.step(f"Verification.{kind}.Submit", error, payload)

    def identify(self: Interaction[PersonVisit], account: Payload = None) -> PersonInteraction:
        """Tell the deployment who it is, by the last verification; ``account`` is what it has just made for them."""
        self.identified = self.visit.user
        record = self.records[-1]
        payload = {"verificationId": record["id"]}
        return self.pause(40, 400).step("Identifier.Submit", payload=payload, verification=record, user=account)

    def finish(self) -> None:
        """Submit and consent. The application then has a code that it can exchange.

        The consent is an interaction of its own: the first one ends, the second begins and ends, in a session that has
        a user.
        """
        visit = self.visit
        self.pause(40, 600).step("Submit")
        session = visit.fresh.token(21)
        self.pause(50, 300)._browser("Interaction.End", session)
        self.interaction_id = visit.fresh.token(21)
        details = {"missingOIDCScope": SCOPE.split()}
        prompt = {"name": "consent", "reasons": ["consent_prompt", "op_scopes_missing"], "details": details}
        self.pause(1, 12)._browser("Interaction.Create", session, userId=self._user_id(), prompt=prompt)
        self.pause(80, 900)._browser("Interaction.End", visit.fresh.token(21))
        visit.pause(40, 700)

    def _user_id(self) -> str | None:
        return self.identified.id if self.identified else None

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
        """Put the record of a verification last; a record of its kind that was begun keeps its id and its fields.

        The record is always a new object, because the earlier logs hold the old one.
        """
        begun = next((known for known in self.records if known["type"] == kind), None)
        others = [known for known in self.records if known is not begun]
        self.records = [*others, (begun or {"id": self.visit.fresh.lower(21), "type": kind}) | record]

    def _browser(self, key: str, session: str, **fields: Any) -> None:
        self.visit.log(key, sessionId=session, params=self.params, interactionId=self.interaction_id, **fields)


PersonInteraction = Interaction[PersonVisit]
