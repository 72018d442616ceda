"""A cast: who takes part in the visits of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

from mockserver.logs.traffic.agents import agents
from mockserver.logs.traffic.flows import Flow
from mockserver.logs.traffic.users import Values, addressed, application, place, user
from mockserver.logs.traffic.visit import PersonVisit, Visit, client

Some = TypeVar("Some")


class People:
    """Who takes part in the visits of a day, a few of them most often.

    ``awaited`` are those who have not yet come, ``played`` the flows that have been.
    """

    def __init__(self, fake: Values, users: int, applications: int) -> None:
        every = [application(fake, number) for number in range(applications)]
        self.random = fake.random
        self.kinds = {one.kind for one in every}
        self.place = place(fake)
        people = [user(fake) for _ in range(users)]
        self.awaited = {one.id for one in people}
        self.played: set[Flow] = set()
        self.users = recurring(self.random, people)
        self.unlucky = recurring(self.random, people)
        self.applications = recurring(self.random, [one for one in every if one.kind not in ("machine", "saml")])
        self.machines = recurring(self.random, [one for one in every if one.kind == "machine"])
        self.services = recurring(self.random, [one for one in every if one.kind == "saml"])
        self.bots = agents("bot")

    def can(self, flow: Flow) -> bool:
        """Whether there is an application of the kind that the flow goes to."""
        return (flow.who != "machine" or "machine" in self.kinds) and (not flow.saml or "saml" in self.kinds)

    def visit(self, flow: Flow) -> Visit:
        """What the flow will be played upon, once it has been played."""
        match flow.who:
            case "machine":
                machine = next(self.machines)
                agent = machine.agent if self.random.random() < 0.7 else None
                visit = Visit(self.random, machine, client(self.random, machine.address, agent, None))
            case "bot":
                bot = client(self.random, addressed("192.0.2."), self.random.choice(self.bots), self.place)
                visit = Visit(self.random, next(self.applications), bot)
            case _:
                somebody = next(self.users if flow.goes == "fine" else self.unlucky)
                application = next(self.services if flow.saml else self.applications)
                visit = PersonVisit(self.random, application, somebody)
                self.awaited -= {somebody.id} if flow.goes == "fine" else set()
        flow.play(visit)
        self.played.add(flow)
        return visit


def recurring(random: Random, some: Sequence[Some]) -> Iterator[Some]:
    """Each of ``some`` once, in any order; then without end, the n-th of them n times rarer than the first (Zipf)."""
    yield from random.sample(some, len(some))
    weights = [1 / rank for rank in range(1, len(some) + 1)]
    while True:
        yield from random.choices(some, weights, k=64)
