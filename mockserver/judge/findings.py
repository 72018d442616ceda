"""Findings: breaks, grouped, each with the smallest request that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockserver.judge.answer import Break, ProbeExchange
from mockserver.judge.checks.check import CHECKS, Check
from mockserver.judge.known import Deviation

Weight = Literal["forbidden", "senseless", "advice", "known"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken in one way, ``times`` so often, shown by one exchange; ``deviation`` where it was known before."""

    rule: Check
    broken: Break
    exchange: ProbeExchange
    times: int = 1
    deviation: Deviation | None = None

    @property
    def weight(self) -> Weight:
        """How much it counts: the rule's severity, unless it was known."""
        return "known" if self.deviation else self.rule.severity

    def evidence(self) -> dict[str, Any]:
        """The facts of the answer that a known deviation may name."""
        answer = self.exchange.answer
        facts = {"status": answer.status, "code": answer.code, "content_type": answer.media_type}
        return facts | dict(self.broken.evidence) | {"subject": self.broken.subject}


class Ledger:
    """What has been judged and what was found, rule by rule; ``selected`` are the rules that count."""

    def __init__(self, selected: frozenset[str], deviations: tuple[Deviation, ...] = ()) -> None:
        self.selected = selected
        self.judged: dict[str, int] = dict.fromkeys(CHECKS, 0)
        self.unjudged: dict[str, str] = {}
        self._unsettled: set[str] = set()
        self._deviations = deviations
        self._exercised: set[str] = set()
        self._found: dict[tuple[str, str, str], Finding] = {}

    def judge(self, name: str, times: int = 1) -> None:
        """Count a judgement of a rule, whatever it is; one that is not selected is never judged."""
        if name in self.selected:
            self.judged[name] += times

    def leave(self, what: str, why: str) -> None:
        """Note what could not be judged, under a rule's name or in words; the first reason stands."""
        self.unjudged.setdefault(what, why)

    def unsettled(self, name: str, what: str) -> None:
        """Note that a relation could not be judged, since the logs changed each time it was tried."""
        self._unsettled.add(name)
        self.leave(f"{name}: {what}", "the logs changed each time it was tried")

    def lost(self) -> list[str]:
        """The forbidden rules of which every trial was left unsettled: a green without them would be none."""
        return [n for n in self.selected & self._unsettled if not self.judged[n] and CHECKS[n].severity == "forbidden"]

    def exercise(self, exchange: ProbeExchange) -> None:
        """Note which known deviations this request could show."""
        for deviation in self._deviations:
            if deviation.id not in self._exercised and deviation.asks(exchange.probe):
                self._exercised.add(deviation.id)

    def find(self, name: str, broken: Break, exchange: ProbeExchange) -> None:
        """Record a break: grouped with those of the same rule, subject and standing, shown by the smallest request."""
        if name not in self.selected:
            return
        found = Finding(CHECKS[name], broken, exchange)
        known = next(
            (d for d in self._deviations if d.rule == name and d.explains(exchange.probe, found.evidence())), None
        )
        key = (name, broken.subject, known.id if known else "")
        before = self._found.get(key)
        if before is None:
            self._found[key] = replace(found, deviation=known)
        elif exchange.probe.size < before.exchange.probe.size:
            self._found[key] = replace(found, deviation=known, times=before.times + 1)
        else:
            self._found[key] = replace(before, times=before.times + 1)

    def __iter__(self) -> Iterator[Finding]:
        """The findings in the order of the rules."""
        order = list(CHECKS)
        return iter(sorted(self._found.values(), key=lambda f: (order.index(f.rule.name), f.broken.subject)))

    def stale(self) -> list[Deviation]:
        """Known deviations that had their chance and did not show, one of each id."""
        shown = {finding.deviation.id for finding in self if finding.deviation}
        able = [d for d in self._deviations if d.rule in self.selected and d.id in self._exercised and not d.sometimes]
        return list({d.id: d for d in able if d.id not in shown}.values())
