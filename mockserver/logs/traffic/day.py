"""The repeated day: some hundred visits, composed once, that stand for years of traffic.

*Problem.* A set may have 10^12 logs. They must look like the work of recurring people: sign-ins with several steps,
sessions, mistakes, busy and quiet hours. Any page of them must be answered at once, without a stored log.

*Idea.* Traffic is composed only once, for one day: a few thousand logs from Faker's values, sorted by time, each as a
template (see ``fresh``). The day then repeats. Log *n*, counted from the oldest, is ``divmod(n, logs a day)``: on which
day it happened, and at which place of the day its template stands. Everything else is arithmetic on these two:

- ``calendar`` gives its time: the place's time of day on that day, up to 1.5 s earlier so that no two days are equal;
- ``fresh`` gives its session ids, tokens and addresses, new on each day but shared by the logs of one visit;
- ``ids`` gives its id from *n*, and *n* from its id;
- ``index`` knows which places match a filter, and so counts and finds matching logs over all days.

*Invariants.* Equal parameters give an equal day in every process, on every machine, for one release of Faker. A visit
begins and ends on one day, so no session is cut at midnight. Offsets ascend strictly, so no two logs share a time. Each
user and each application come at least once. Each flow is played once before any flow of its kind repeats. The share of
errors is that of the parameters. A day has at most ``MOST_VISITS`` times its least visits, and one more for each user
and application.

*Example.* With 3,000 logs a day, log 7,500 is the log at place 1,500 of day 2: the same template as log 1,500 and log
4,500, with its own id, time, session and tokens, but of the same user at the same application.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from mockserver.contract.filters import pairs_of
from mockserver.logs.traffic.calendar import DAY
from mockserver.logs.traffic.flows import FLOWS, LAST_RESORT, Flow
from mockserver.logs.traffic.fresh import Template, template
from mockserver.logs.traffic.index import Index, Traits
from mockserver.logs.traffic.people import People
from mockserver.logs.traffic.roster import NOBODY, Roster

# How many of a hundred visits begin in each hour (UTC): offices by day, a dip at noon, a second peak in the evening.
HOURS = (1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 8, 6, 5, 6, 7, 7, 6, 5, 4, 4, 4, 3, 2, 1)
VISITS = 220  # and two more for each user: some 3,000 logs a day with a hundred users
MOST_VISITS = 3  # times as many while somebody has not come; then each of them comes in one visit more


class DayLog(NamedTuple):
    """One log of a day: when it happens (ms since the day began), the number of its visit, its template and traits."""

    offset: int
    visit: int
    template: Template
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A composed day, oldest log first; ``offsets`` are the times of its logs, strictly ascending."""

    key: bytes
    logs: tuple[DayLog, ...]
    offsets: tuple[int, ...]
    index: Index


@lru_cache(maxsize=4)  # a test suite opens many sets of one seed; a day takes 4 MB
def compose(seed: int, users: int, applications: int, error_rate: float, roster: Roster = NOBODY) -> Day:
    """Return the day of a seed, with so many users and applications (from 1), or those of the roster, and that share of
    errors (0 to 1)."""
    from mockserver.logs.traffic.provider import generator

    fake, people = generator(seed), len(roster.users) or users
    unsorted = _logs(fake.random, People(fake, users, applications, roster), VISITS + 2 * people, error_rate)
    logs = tuple(sorted(unsorted, key=lambda log: log.offset))
    offsets = accumulate((log.offset for log in logs), lambda before, offset: max(before + 1, offset))
    key = f"{(seed, users, applications, error_rate)}{roster.digest}".encode()
    return Day(key, logs, tuple(offsets), Index([log.traits for log in logs]))


def _logs(random: Random, people: People, least: int, error_rate: float) -> Iterator[DayLog]:
    """Yield the logs of at least so many visits, and of more while a user or an application has not come."""
    logs = errors = number = 0
    while number < least or people.awaited:
        visit = people.visit(_flow(people, error_rate * (logs + 1) - errors, number >= MOST_VISITS * least))
        logs += len(visit.logs)
        errors += sum(log["payload"]["result"] == "Error" for _, log in visit.logs)
        start = _start(random, visit.logs[-1][0])
        for since, log in visit.logs:
            yield DayLog(start + since, number, template(log), Traits(log["key"], pairs_of(log)))
        number += 1


def _flow(people: People, owed: float, is_late: bool) -> Flow:
    """Choose the next flow; ``owed`` is how many errors the day lacks; ``is_late``: it must bring somebody new.

    A flow that was not played yet comes first, so that every day has the rare ones.
    """
    if is_late:
        goes = "fine" if owed < 1 else "refused"
        return next(flow for flow in (LAST_RESORT, *FLOWS) if flow.goes == goes and people.awaits(flow))
    goes = "fine" if owed < 1 else "troubled" if owed < 4 else "refused"
    able = [flow for flow in FLOWS if people.can(flow)]
    # A day with a low share of errors never lacks four of them, so refused flows are due as soon as it lacks one.
    due = {goes} if owed < 1 else {goes, "refused"}
    new = [flow for flow in able if flow.goes in due and flow not in people.played]
    flows = new or [flow for flow in able if flow.goes == goes]
    return people.random.choices(flows, [flow.weight for flow in flows])[0]


def _start(random: Random, span: int) -> int:
    """Choose when a visit of ``span`` ms begins (ms since the day began), so that it ends on the same day."""
    start = DAY
    while start + span > DAY - 60_000:
        start = random.choices(range(24), HOURS)[0] * 3_600_000 + random.randrange(3_600_000)
    return start
