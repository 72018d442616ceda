"""Findings: breaks in groups, each with the smallest request that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from mockserver.judge.accepted import Traits, shared, traits
from mockserver.judge.answer import Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.check import Check
from mockserver.judge.known import Deviation

# A finding keeps so many bytes of a body, and a check so many findings; the last of these stands for all others.
LONGEST_BODY, MOST_FINDINGS = 20_000, 10
OTHERS = "others"
Weight = Literal["forbidden", "senseless", "advice", "known"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check broken in one way, ``times`` so often, shown by one exchange; ``deviation`` if it was known before.

    ``traits`` are what all of its exchanges have in common.
    """

    check: Check
    broken: Break
    exchange: ProbeExchange
    times: int = 1
    deviation: Deviation | None = None
    traits: Traits = field(default_factory=dict)

    def __str__(self) -> str:
        how = f"Expected: {self.broken.expected}. Came: {self.broken.came}."
        return f"{self.check.name} ({self.check.severity}): {self.check.sentence} {how}"

    @property
    def weight(self) -> Weight:
        """How much it counts: the check's severity, unless it was known."""
        return "known" if self.deviation else self.check.severity

    def known_among(self, deviations: tuple[Deviation, ...]) -> Deviation | None:
        """The first deviation that explains this finding."""
        answer, probe = self.exchange.answer, self.exchange.probe
        facts = {"status": answer.status, "code": answer.code, "content_type": answer.media_type}
        facts |= dict(self.broken.evidence) | {"subject": self.broken.subject}
        return next((d for d in deviations if d.check == self.check.name and d.explains(probe, facts)), None)


def shortened(exchange: ProbeExchange) -> ProbeExchange:
    """The exchange without most of its body, and without what was parsed of it."""
    return replace(exchange, answer=replace(exchange.answer, body=exchange.answer.body[:LONGEST_BODY]))


class Ledger:
    """What was judged and what was found, check by check; only the checks ``selected`` by name count."""

    def __init__(self, selected: frozenset[str], deviations: tuple[Deviation, ...] = ()) -> None:
        self.selected = selected
        self.judged: dict[str, int] = dict.fromkeys(CHECKS, 0)
        self.unjudged: dict[str, str] = {}
        self._unsettled: set[str] = set()
        self._deviations = deviations
        self._exercised: set[str] = set()
        self._findings: dict[tuple[str, str, str], Finding] = {}

    def judge(self, check: Check) -> None:
        """Count one judgement of a check, whatever its result."""
        if check.name in self.selected:
            self.judged[check.name] += 1

    def leave(self, what: str, why: str) -> None:
        """Note what could not be judged: the name of a selected check, or words. The first reason stands."""
        if what in self.selected or what not in CHECKS:
            self.unjudged.setdefault(what, why)

    def unsettled(self, check: Check, what: str) -> None:
        """Note that a comparison was inconclusive, because the logs changed each time it was tried."""
        self._unsettled.add(check.name)
        self.leave(f"{check.name}: {what}", "the logs changed each time it was tried")

    def inconclusive(self) -> list[str]:
        """The forbidden checks of which every comparison was inconclusive: without them, a green proves nothing."""
        names = self.selected & self._unsettled
        return [name for name in names if not self.judged[name] and CHECKS[name].severity == "forbidden"]

    def exercise(self, exchange: ProbeExchange) -> None:
        """Note which known deviations this request could show."""
        for deviation in self._deviations:
            if deviation.id not in self._exercised and deviation.asks(exchange.probe):
                self._exercised.add(deviation.id)

    def find(self, check: Check, broken: Break, exchange: ProbeExchange) -> None:
        """Record a break, in one group with those of the same check, subject and deviation; the smallest request shows
        the group."""
        if check.name not in self.selected:
            return
        known, own = Finding(check, broken, exchange).known_among(self._deviations), traits(exchange, broken)
        key = (check.name, broken.subject, known.id if known else "")
        if key not in self._findings and sum(name == check.name for name, *_ in self._findings) >= MOST_FINDINGS - 1:
            broken = replace(broken, subject=OTHERS)
            key = (check.name, OTHERS, key[2])
        before = self._findings.get(key)
        common = shared(before.traits, own) if before else own
        finding = Finding(check, broken, shortened(exchange), before.times + 1 if before else 1, known, common)
        if before is not None and before.exchange.probe.size <= exchange.probe.size:
            finding = replace(before, times=finding.times, traits=common)
        self._findings[key] = finding

    def __iter__(self) -> Iterator[Finding]:
        """The findings in the order of the checks."""
        order = list(CHECKS)
        return iter(sorted(self._findings.values(), key=lambda f: (order.index(f.check.name), f.broken.subject)))

    def stale(self) -> list[Deviation]:
        """Known deviations that could have shown and did not, one of each id."""
        applied = {finding.deviation.id for finding in self if finding.deviation}
        able = [d for d in self._deviations if d.check in self.selected and d.id in self._exercised and not d.sometimes]
        return list({d.id: d for d in able if d.id not in applied}.values())
