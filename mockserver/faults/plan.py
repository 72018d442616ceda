"""Plans: rules and a seed, frozen; and the plan as it runs in one tenant, with what has happened since."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mockserver.contract.errors import unknown
from mockserver.faults.fault import Case, Chance, Tally
from mockserver.faults.rule import Rule, read_rule
from mockserver.http.message import Reply, Request

# Rules that requests brought along are remembered by a hash of their text, so many a tenant, for their counts to go on.
_MOST_BROUGHT = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tenant starts with: rules in order, and the seed of every draw."""

    rules: tuple[Rule, ...] = ()
    seed: int = 0


def plan(texts: Iterable[str], seed: int = 0) -> Plan:
    """The plan of some rule texts; raises MockserverError for the first that does not read."""
    return Plan(tuple(map(read_rule, texts)), seed)


class Drawn(NamedTuple):
    """A rule that struck, and the chance that its fault goes by."""

    rule: Rule
    chance: Chance


@dataclass(slots=True)
class ArmedRule:
    """A rule that waits for requests: its number, and what has happened to it."""

    id: str
    rule: Rule
    tally: Tally = field(default_factory=Tally)


class Armed:
    """A plan as it runs in one tenant. Rules are armed and disarmed; ``reset`` returns to the plan."""

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
        """Take out one rule; raises MockserverError that lists the armed ones."""
        for each in self.rules:
            if each.id == number:
                self.rules.remove(each)
                return each
        raise unknown("fault id", number, [each.id for each in self.rules])

    def clear(self) -> None:
        """Take out every rule."""
        self.rules.clear()

    def reset(self) -> None:
        """Return to the plan, as if nothing had happened since."""
        self.clear()
        self._brought.clear()
        for rule in self._start.rules:
            self.arm(rule)

    def draw(self, request: Request, now: float, brought: Sequence[Rule] = ()) -> list[Drawn]:
        """The rules that strike this request, at most one a slot; those that it brought along come first.

        A rule whose slot is taken is not asked, and counts nothing.
        """
        if not brought and not self.rules:
            return []
        drawn: dict[str, Drawn] = {}
        for rule, tally in [*((rule, self._tally(rule)) for rule in brought), *((a.rule, a.tally) for a in self.rules)]:
            if rule.fault.slot not in drawn and rule.matches(request):
                chance = rule.strikes(self._start.seed, now, tally)
                if chance is not None:
                    drawn[rule.fault.slot] = Drawn(rule, chance)
        # What makes an answer comes before what only delays it.
        return sorted(drawn.values(), key=lambda each: each.rule.fault.slot != "answer")

    def _tally(self, rule: Rule) -> Tally:
        key = hash(rule.text)
        tally = self._brought.setdefault(key, Tally())
        self._brought.move_to_end(key)
        if len(self._brought) > _MOST_BROUGHT:
            self._brought.popitem(last=False)
        return tally


def disturbed(drawn: Sequence[Drawn], request: Request, now: float, ask: Callable[[Request], Reply]) -> Reply:
    """The reply that the drawn faults (at least one) make; ``ask`` gives honest answers, which may never be needed."""
    reply: Reply | None = None
    for rule, chance in drawn:
        reply = rule.fault.disturb(Case(request, now, ask, chance, reply))
    return ask(request) if reply is None else reply
