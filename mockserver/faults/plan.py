"""Plans: which faults strike a request, and why the same requests always meet the same faults.

**The problem.** Random faults must be repeatable: from the seed alone, in another process, with another version, and
while other clients send requests too. A generator of random numbers cannot do that, since each number that one rule
takes would change the numbers of all other rules.

**Chance is a function.** A rule counts the requests that it matches: k = 1, 2, 3 and so on. Whether it strikes its k-th
request, how late the answer is, which bytes are garbage: each is a hash of (the plan's seed, the rule's text, k, the
purpose), and of nothing else. See ``Chance``. Two rules with the same text have the same chances.

**Counting.** For each request, a rule is asked in this order (``Rule.strikes``): does the query match; then k grows by
one; then ``skip``, ``every`` and ``times``; then ``rate``; then the fault itself, which may strike at some times only
(``outage``, ``rate_limit``). The rule has fired when all of them agree. ``times`` counts firings, the others count
matches. The counts are a ``Tally``; a ``Rule`` is a value and never changes.

**Slots.** Some faults exclude each other: one answer cannot be a 503 and a reset. Others combine: a 503 may be late.
Each kind has a slot: ``latency``, ``dribble``, and ``answer`` for the rest. Rules are asked in order, and the first one
that strikes takes its slot; a later rule of a slot that is taken is not asked and counts nothing. So, armed in this
order, ``status:code=503,times=2`` and ``status:code=401,times=1`` answer 503, 503, 401, and then as without faults. The
fault of slot ``answer`` makes the reply first; the others then change how it is sent.

**Brought rules.** A request may bring rules of its own (``Prefer: fault=...``). They are asked before the armed ones.
A client that retries sends the same header again, and ``fault="status:code=503,times=2"`` must let its third attempt
pass. So each tenant remembers the tallies of the last 256 brought rules, by a hash of their texts, since a stranger may
send any number of texts of any length.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from mockserver.contract.errors import MockserverError, Refused, unknown
from mockserver.faults.fault import Case, Chance, Tally
from mockserver.faults.rule import Rule, build_rule, read_rule
from mockserver.http.message import Reply, Request
from mockserver.http.prefer import Preferences, preference_applied, read_preferences

_MOST_BROUGHT = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tenant starts with: rules in order, and the seed of every chance."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0


def plan(texts: Iterable[str], seed: int = 0) -> Plan:
    """The plan of these rule texts; raises MockserverError for the first that is no rule."""
    return Plan(tuple(map(read_rule, texts)), seed)


# The rule that each preference stands for. Other preferences are for other servers, and ignored (RFC 7240, 2).
PREFERENCES: Mapping[str, Callable[[str], Rule]] = {
    "code": lambda value: build_rule("status", {"code": value}),
    "delay": lambda value: build_rule("latency", {"seconds": value}),
    "fault": read_rule,
}


class Brought(NamedTuple):
    """The rules that a request brings along, and the text of ``Preference-Applied`` that answers it."""

    rules: tuple[Rule, ...] = ()
    applied: str = ""


def brought_rules(request: Request) -> Brought:
    """The rules that a request asks for itself; raises Refused (400) that lists the known preferences."""
    try:
        return _rules_of(read_preferences(request))
    except MockserverError as error:
        known = {"preferences": list(PREFERENCES)}
        raise Refused(400, "request.invalid_preference", str(error), known) from None


@lru_cache(maxsize=256)
def _rules_of(preferences: Preferences) -> Brought:
    values = dict(preferences)
    known = tuple((name, values[name]) for name in PREFERENCES if name in values)
    return Brought(tuple(PREFERENCES[name](value) for name, value in known), preference_applied(known))


class Drawn(NamedTuple):
    """A rule that strikes a request, and the chance that its fault goes by."""

    rule: Rule
    chance: Chance


@dataclass(slots=True)
class ArmedRule:
    """A rule that waits for requests: its number, and what has happened to it."""

    id: str
    rule: Rule
    tally: Tally = field(default_factory=Tally)


class Armed:
    """The armed rules of one tenant, in the order in which they are asked; ``reset`` returns to the plan."""

    def __init__(self, start: Plan) -> None:
        self._start = start
        self._count = 0
        self._brought: OrderedDict[int, Tally] = OrderedDict()
        self.rules: list[ArmedRule] = []
        self.reset()

    def arm(self, rule: Rule) -> ArmedRule:
        """Add a rule behind the others."""
        self._count += 1
        armed = ArmedRule(str(self._count), rule)
        self.rules.append(armed)
        return armed

    def disarm(self, number: str) -> ArmedRule:
        """Remove one rule and return it; raises MockserverError that lists the armed ones."""
        for armed in self.rules:
            if armed.id == number:
                self.rules.remove(armed)
                return armed
        raise unknown("fault id", number, [armed.id for armed in self.rules])

    def clear(self) -> None:
        """Remove every rule."""
        self.rules.clear()

    def change(self, plan: Plan) -> None:
        """Go on with another plan: with its seed, and with its rules in place of the armed ones if they are others."""
        are_others = plan.rules != self._start.rules
        self._start = plan
        if are_others:
            self.reset()

    def reset(self) -> None:
        """Return to the plan, with nothing counted."""
        self.clear()
        self._brought.clear()
        for rule in self._start.rules:
            self.arm(rule)

    def draw(self, request: Request, now: float, brought: Sequence[Rule] = (), reads: bool = True) -> list[Drawn]:
        """The rules that strike this request, at most one a slot, with that of slot ``answer`` first.

        ``now``: seconds since 1970. ``brought``: the request's own rules, which are asked before the armed ones.
        ``reads``: whether the request reads a list or a log.
        """
        if not brought and not self.rules:
            return []
        drawn: dict[str, Drawn] = {}
        armed = ((each.rule, each.tally) for each in self.rules)
        for rule, tally in (*((rule, self._tally(rule)) for rule in brought), *armed):
            slot = rule.fault.slot
            if slot not in drawn and rule.matches(request, reads):
                chance = rule.strikes(self._start.seed, now, tally)
                if chance is not None:
                    drawn[slot] = Drawn(rule, chance)
        return sorted(drawn.values(), key=lambda strike: strike.rule.fault.slot != "answer")

    def _tally(self, rule: Rule) -> Tally:
        key = hash(rule.text)
        tally = self._brought.setdefault(key, Tally())
        self._brought.move_to_end(key)
        if len(self._brought) > _MOST_BROUGHT:
            self._brought.popitem(last=False)
        return tally


def disturbed(drawn: Sequence[Drawn], request: Request, now: float, ask: Callable[[Request], Reply]) -> Reply:
    """The reply that the drawn faults make; ``ask`` answers as without faults, and is called only when needed."""
    reply: Reply | None = None
    for rule, chance in drawn:
        reply = rule.fault.disturb(Case(request, now, ask, chance, reply))
    return ask(request) if reply is None else reply
