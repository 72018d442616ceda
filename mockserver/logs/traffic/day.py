"""A day of traffic: some hundred visits composed once from Faker's values, as templates in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from mockserver.contract.filters import pairs_of
from mockserver.logs.traffic.calendar import DAY
from mockserver.logs.traffic.flows import FLOWS, Flow
from mockserver.logs.traffic.fresh import Template, template
from mockserver.logs.traffic.index import Index, Traits
from mockserver.logs.traffic.people import People
from mockserver.logs.traffic.users import Values

# How many of a hundred visits begin in each hour (UTC): offices by day, a dip at noon, a second peak at home.
HOURS = (1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 8, 6, 5, 6, 7, 7, 6, 5, 4, 4, 4, 3, 2, 1)
VISITS = 220  # beside two for each user: some 3,000 logs a day with a hundred users
MOST_VISITS = 3  # times as many when users are still awaited then, as on days full of errors


class Parameters(NamedTuple):
    """What a day depends on: seed, users and applications (how many, from 1), the share of errors (0 to 1)."""

    seed: int
    users: int
    applications: int
    error_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A composed day, oldest log first: of each its template, its visit, its ms since the day began, its traits."""

    key: bytes
    templates: tuple[Template, ...]
    visits: tuple[int, ...]
    offsets: tuple[int, ...]
    traits: tuple[Traits, ...]
    index: Index


class _Entry(NamedTuple):
    offset: int
    visit: int
    template: Template
    traits: Traits


@lru_cache(maxsize=4)
def compose(parameters: Parameters) -> Day:
    """The day of these parameters: equal parameters give an equal day in any process, and mostly the same in one.

    A suite that opens many sets of one seed composes it once; a day takes 4 MB.
    """
    from mockserver.logs.traffic.provider import generator

    entries = sorted(_entries(generator(parameters.seed), parameters), key=lambda entry: entry.offset)
    traits = tuple(entry.traits for entry in entries)
    return Day(
        key=repr(tuple(parameters)).encode(),
        templates=tuple(entry.template for entry in entries),
        visits=tuple(entry.visit for entry in entries),
        offsets=_ascending([entry.offset for entry in entries]),
        traits=traits,
        index=Index(traits),
    )


def _entries(fake: Values, parameters: Parameters) -> Iterator[_Entry]:
    cast = People(fake, parameters.users, parameters.applications)
    logs = errors = 0
    least = VISITS + 2 * parameters.users
    for number in range(MOST_VISITS * least):
        if number >= least and not cast.awaited:
            break
        visit = cast.visit(_flow(cast, parameters.error_rate * (logs + 1) - errors))
        logs += len(visit.logs)
        errors += sum(log["payload"]["result"] == "Error" for _, log in visit.logs)
        start = _start(fake.random, visit.logs[-1][0])
        for since, log in visit.logs:
            yield _Entry(start + since, number, template(log), _traits(log))


def _flow(cast: People, owed: float) -> Flow:
    """A flow that keeps the day at its share of errors: ``owed`` is how many errors it is short of.

    Each is played once before any comes again, so that every day has the rare ones.
    """
    goes = "fine" if owed < 1 else "troubled" if owed < 4 else "refused"
    able = [flow for flow in FLOWS if cast.can(flow)]
    # At a low share of errors no day is ever so short of them that the refused would have their turn.
    due = {goes} if owed < 1 else {goes, "refused"}
    new = [flow for flow in able if flow.goes in due and flow not in cast.played]
    some = new or [flow for flow in able if flow.goes == goes]
    return cast.random.choices(some, [flow.weight for flow in some])[0]


def _start(random: Random, span: int) -> int:
    """When a visit of ``span`` ms begins, in ms since the day began, so that it ends on the same day."""
    start = DAY
    while start + span > DAY - 60_000:
        start = random.choices(range(24), HOURS)[0] * 3_600_000 + random.randrange(3_600_000)
    return start


def _ascending(offsets: Sequence[int]) -> tuple[int, ...]:
    """The same offsets with the fewest ms added that set them apart."""
    return tuple(accumulate(offsets, lambda before, offset: max(before + 1, offset)))


def _traits(log: dict[str, Any]) -> Traits:
    return Traits(log["key"], pairs_of(log))
