"""A visit: one client for a while, and the logs it leaves behind, in order."""

from __future__ import annotations

from random import Random
from typing import Any

from mockserver.contract.document import contract
from mockserver.logs.traffic.agents import Agent
from mockserver.logs.traffic.fresh import Fresh
from mockserver.logs.traffic.users import Application, Place, User, addressed

Error = dict[str, Any] | str

SCOPE = "openid offline_access profile email"
MASKED = "******"  # what the deployment writes in place of a secret


class Visit:
    """What a flow plays upon: who comes, from where, to which application; ``logs`` gathers (ms since the start, log).

    A log lacks tenantId, id and createdAt: those belong to the day.
    """

    __slots__ = ("application", "client", "clock", "fresh", "logs", "random")

    def __init__(self, random: Random, application: Application, client: dict[str, Any]) -> None:
        self.random = random
        self.application = application
        self.client = client
        self.fresh = Fresh()
        self.clock = 0
        self.logs: list[tuple[int, dict[str, Any]]] = []

    def pause(self, low: int, high: int) -> None:
        """Let between ``low`` and ``high`` ms pass."""
        self.clock += self.random.randint(low, high)

    def log(self, key: str, error: Error | None = None, **fields: Any) -> None:
        """Leave a log: an Error when there is an ``error``; fields that are None are absent, extra ones come last."""
        own = {"key": key, "result": "Error" if error else "Success", "error": error}
        fields = own | self.client | {"applicationId": self.application.id} | fields
        documented = contract().log_schema["properties"]["payload"]["properties"]
        names = [*(name for name in documented if name in fields), *(name for name in fields if name not in documented)]
        payload = {name: fields[name] for name in names if fields[name] is not None}
        self.logs.append((self.clock, {"key": key, "payload": payload}))


class PersonVisit(Visit):
    """A visit of somebody who can be identified."""

    __slots__ = ("user",)

    def __init__(self, random: Random, application: Application, user: User) -> None:
        super().__init__(random, application, person(random, user))
        self.user = user


def client(random: Random, address: str, agent: Agent | None, place: Place | None) -> dict[str, Any]:
    """The fields that a client gives to each of its logs.

    Not every deployment parses user agents or stands behind a proxy that says where an address is: of the recorded
    logs with a user agent half carry its parse, and one in eight carries headers.
    """
    fields: dict[str, Any] = {"ip": address}
    if agent is not None:
        fields["userAgent"] = agent.text
        if random.random() < 0.62:
            fields["userAgentParsed"] = agent.parsed
    if place is not None and random.random() < 0.2:
        fields["injectedHeaders"] = _headers(random, agent, place)
    return fields


def person(random: Random, user: User) -> dict[str, Any]:
    """The client of somebody at home: mostly the first of the user's agents, the address of the day."""
    agent = user.agents[0] if random.random() < 0.8 else random.choice(user.agents)
    return client(random, addressed(user.network), agent, user.place)


def _headers(random: Random, agent: Agent | None, place: Place) -> dict[str, str]:
    bot = agent is not None and agent.kind == "bot"
    return {
        "country": place.country,
        "city": place.city,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "botScore": str(random.randint(1, 29) if bot else random.randint(60, 99)),
        "botVerified": "true" if bot else "false",
    }
