"""A visit: one client for a while, and the logs that it causes, in order."""

from __future__ import annotations

from random import Random
from typing import Any, Self

from mockserver.contract.document import contract
from mockserver.logs.traffic.agents import Agent
from mockserver.logs.traffic.fresh import ADDRESS_END, Fresh
from mockserver.logs.traffic.users import Application, Location, User

Error = dict[str, Any] | str

SCOPE = "openid offline_access profile email"
MASKED = "******"  # what the deployment writes in place of a secret


class Visit:
    """Who comes, from where, to which application; ``logs`` holds (ms since the visit began, log).

    A log has no tenantId, id and createdAt yet: the day adds them.
    """

    def __init__(self, random: Random, application: Application, client: dict[str, Any]) -> None:
        self.random = random
        self.application = application
        self.client = client
        self.fresh = Fresh()
        self.clock = 0
        self.logs: list[tuple[int, dict[str, Any]]] = []

    def pause(self, low: int, high: int) -> Self:
        """Wait from ``low`` to ``high`` ms and return the visit, for what comes next."""
        self.clock += self.random.randint(low, high)
        return self

    def log(self, key: str, error: Error | None = None, **fields: Any) -> None:
        """Write a log, an Error when ``error`` is given. Fields that are None are left out; extra fields come last."""
        own = {"key": key, "result": "Error" if error else "Success", "error": error}
        fields = own | self.client | {"applicationId": self.application.id} | fields
        documented = contract().log_schema["properties"]["payload"]["properties"]
        ordered = {name: fields[name] for name in documented if name in fields} | fields
        payload = {name: value for name, value in ordered.items() if value is not None}
        self.logs.append((self.clock, {"key": key, "payload": payload}))


class PersonVisit(Visit):
    """A visit of a person, who can be identified: mostly on the first of the user's agents, at the day's address."""

    def __init__(self, random: Random, application: Application, user: User) -> None:
        agent = user.agents[0] if random.random() < 0.8 else random.choice(user.agents)
        super().__init__(random, application, client(random, user.network + ADDRESS_END, agent, user.location))
        self.user = user


def client(random: Random, address: str, agent: Agent | None, location: Location | None) -> dict[str, Any]:
    """Return the fields that a client gives to each of its logs.

    Not every deployment parses user agents or stands behind a proxy that says where an address is. Of the recorded logs
    with a user agent, half have its parse; one in eight has headers.
    """
    fields: dict[str, Any] = {"ip": address}
    if agent is not None:
        fields["userAgent"] = agent.text
        if random.random() < 0.62:
            fields["userAgentParsed"] = agent.parsed
    if location is not None and random.random() < 0.2:
        bot = agent is not None and agent.kind == "bot"
        score = random.randint(1, 29) if bot else random.randint(60, 99)
        scores = {"botScore": str(score), "botVerified": "true" if bot else "false"}
        fields["injectedHeaders"] = location._asdict() | scores
    return fields
