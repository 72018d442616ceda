"""People: who takes part in the visits of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

from mockserver.logs.traffic.agents import agents
from mockserver.logs.traffic.flows import LAST_RESORT, Flow
from mockserver.logs.traffic.fresh import ADDRESS_END
from mockserver.logs.traffic.roster import NOBODY, Roster
from mockserver.logs.traffic.users import FakerValues, application, location, user
from mockserver.logs.traffic.visit import PersonVisit, Visit, client

Recurring = TypeVar("Recurring")


class People:
    """The users, applications and bots of a day; a few of them come most often.

    ``awaited`` are the users and applications that have not come yet, each with who brings it; ``played`` are
    the flows that were played.
    """

    def __init__(self, fake: FakerValues, users: int, applications: int, roster: Roster = NOBODY) -> None:
        """Make them up, so many ``users`` and ``applications``, unless the roster names them."""
        apps = [application(fake, *each) for each in enumerate(roster.applications or ({},) * applications)]
        self.random = fake.random
        self.kinds = {app.kind for app in apps}
        self.location = location(fake)
        people = [user(fake, said) for said in roster.users or ({},) * users]
        self.awaited = dict.fromkeys(people, "person") | {app: app.brought_by for app in apps}
        self.played: set[Flow] = set()
        self.users = recurring(self.random, people)
        self.unlucky = recurring(self.random, people)
        self.applications = recurring(self.random, [app for app in apps if app.brought_by == "person"])
        self.machines = recurring(self.random, [app for app in apps if app.kind == "machine"])
        self.services = recurring(self.random, [app for app in apps if app.kind == "saml"])
        self.bots = agents("bot")

    def can(self, flow: Flow) -> bool:
        """Whether there is an application of the kind that the flow needs."""
        return (flow.who != "machine" or "machine" in self.kinds) and (not flow.saml or "saml" in self.kinds)

    def awaits(self, flow: Flow) -> bool:
        """Whether the flow brings a user or an application that has not come yet."""
        return ("saml" if flow.saml else flow.who) in self.awaited.values()

    def visit(self, flow: Flow) -> Visit:
        """Play the flow and return its visit."""
        match flow.who:
            case "machine":
                machine = next(self.machines)
                agent = machine.agent if self.random.random() < 0.7 else None
                visit = Visit(self.random, machine, client(self.random, machine.address, agent, None))
            case "bot":
                bot = client(self.random, "192.0.2." + ADDRESS_END, self.random.choice(self.bots), self.location)
                visit = Visit(self.random, next(self.applications), bot)
            case _:
                has_come = (
                    flow.goes == "fine" or flow is LAST_RESORT
                )  # other flows may end before anybody is identified
                person = next(self.users if has_come else self.unlucky)
                application = next(self.services if flow.saml else self.applications)
                visit = PersonVisit(self.random, application, person)
                if has_come:
                    self.awaited.pop(person, None)
        self.awaited.pop(visit.application, None)
        flow.play(visit)
        self.played.add(flow)
        return visit


def recurring(random: Random, items: Sequence[Recurring]) -> Iterator[Recurring]:
    """Yield each item once, in any order; then go on without end, the n-th item n times rarer than the first (Zipf)."""
    yield from random.sample(items, len(items))
    weights = [1 / rank for rank in range(1, len(items) + 1)]
    while True:
        yield from random.choices(items, weights, k=64)
