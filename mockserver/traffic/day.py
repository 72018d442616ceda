"""A day of traffic: some hundred visits composed once from Faker's values, as templates in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mockserver.traffic.agents import agents
from mockserver.traffic.calendar import DAY
from mockserver.traffic.flows import FLOWS, Flow
from mockserver.traffic.fresh import Template, template
from mockserver.traffic.index import Index, Traits
from mockserver.traffic.people import Application, User, addressed, application, place, user
from mockserver.traffic.visit import Visit, client, person

if TYPE_CHECKING:
    from random import Random

    from faker.generator import Generator

Some = TypeVar("Some")

# How many of a hundred visits begin in each hour (UTC): offices by day, a dip at noon, a second peak at home.
HOURS = (1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 8, 6, 5, 6, 7, 7, 6, 5, 4, 4, 4, 3, 2, 1)
VISITS = 120  # a day beside three for each user


class Parameters(NamedTuple):
    """What a day depends on: seed, number of users and applications (from 1), share of logs that are errors (0 to 1)."""

    seed: int
    users: int
    applications: int
    error_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A composed day, oldest log first: for each place its template, its visit, its ms since the day began, its traits."""

    key: bytes
    templates: tuple[Template, ...]
    visits: tuple[int, ...]
    offsets: tuple[int, ...]
    traits: tuple[Traits, ...]
    index: Index


class _Entry(NamedTuple):
    offset: int
    visit: int
    log: dict[str, Any]


def compose(parameters: Parameters) -> Day:
    """The day of these parameters: equal parameters give an equal day, in any process."""
    entries = sorted(_entries(generator(parameters.seed), parameters), key=lambda entry: entry.offset)
    traits = tuple(_traits(entry.log) for entry in entries)
    return Day(
        key=repr(tuple(parameters)).encode(),
        templates=tuple(template(entry.log) for entry in entries),
        visits=tuple(entry.visit for entry in entries),
        offsets=_ascending([entry.offset for entry in entries]),
        traits=traits,
        index=Index(traits),
    )


def generator(seed: int) -> Generator:
    """Faker's values for that seed: the only importer of Faker, with no more providers than people need."""
    from faker.factory import Factory

    fake = Factory.create("en_US", [f"faker.providers.{name}" for name in ("person", "internet", "geo")])
    fake.seed_instance(seed)
    return fake

def _entries(fake: Generator, parameters: Parameters) -> Iterator[_Entry]:
    cast = Cast(fake, parameters.users, parameters.applications)
    logs = errors = 0
    for number in range(VISITS + 3 * parameters.users):
        visit = cast.visit(_flow(cast, parameters.error_rate * (logs + 1) - errors))
        logs += len(visit.logs)
        errors += sum(log["payload"]["result"] == "Error" for _, log in visit.logs)
        start = _start(fake.random, visit.logs[-1][0])
        for since, log in visit.logs:
            yield _Entry(start + since, number, log)


def _flow(cast: Cast, owed: float) -> Flow:
    """A flow that keeps the day at its share of errors: ``owed`` is how many errors it is short of."""
    goes = "fine" if owed < 1 else "troubled" if owed < 4 else "refused"
    able = [flow for flow in FLOWS if flow.goes == goes and (flow.who != "machine" or cast.has_machines)]
    return cast.random.choices(able, [flow.weight for flow in able])[0]


def _start(random: Random, span: int) -> int:
    """When a visit of ``span`` ms begins, in ms since the day began, so that it ends on the same day."""
    hour = random.choices(range(24), HOURS)[0]
    return min(hour * 3_600_000 + random.randrange(3_600_000), DAY - 60_000 - span)


def _ascending(offsets: Sequence[int]) -> tuple[int, ...]:
    """The same offsets with the fewest ms added that set them apart."""
    return tuple(accumulate(offsets, lambda before, offset: max(before + 1, offset)))


def _traits(log: dict[str, Any]) -> Traits:
    return Traits(log["payload"].get("userId"), log["payload"].get("applicationId"), log["key"])


class Cast:
    """Who takes part in the visits of a day, each at least once while the visits last, a few of them most often."""

    def __init__(self, fake: Generator, users: int, applications: int) -> None:
        every = [application(fake, number) for number in range(applications)]
        machines = [one for one in every if one.kind == "machine"]
        self.random: Random = fake.random
        self.has_machines = bool(machines)
        self.place = place(fake)
        people = [user(fake) for _ in range(users)]
        self.users = recurring(self.random, people)
        self.unlucky = recurring(self.random, people)
        self.applications = recurring(self.random, [one for one in every if one.kind != "machine"])
        self.machines = recurring(self.random, machines)
        self.bots = [agent for agent in agents() if agent.kind == "bot"]

    def visit(self, flow: Flow) -> Visit:
        """What the flow will be played upon, once it has been played."""
        match flow.who:
            case "machine":
                machine = next(self.machines)
                visit = Visit(self.random, machine, None, client(self.random, machine.address, machine.agent, None))
            case "bot":
                bot = client(self.random, addressed("192.0.2."), self.random.choice(self.bots), self.place)
                visit = Visit(self.random, next(self.applications), None, bot)
            case _:
                somebody = next(self.users if flow.goes == "fine" else self.unlucky)
                visit = Visit(self.random, next(self.applications), somebody, person(self.random, somebody))
        flow.play(visit)
        return visit


def recurring(random: Random, some: Sequence[Some]) -> Iterator[Some]:
    """Each of ``some`` once, in any order; then without end, the n-th of them n times less often than the first (Zipf)."""
    yield from random.sample(some, len(some))
    weights = [1 / rank for rank in range(1, len(some) + 1)]
    while True:
        yield from random.choices(some, weights, k=64)
