"""Findings: breaks in groups, each with the smallest request that shows it.

**How a finding is accepted.** An entry for a file of known deviations demands what all exchanges of the finding have in
common: the method, each parameter and its least number, the status, code and type of the answers, the subject. So
"page_size=1000 is refused" does not excuse that page_size=1 is.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any, Literal

from mockserver.contract.document import read_plain_yaml
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.check import Check
from mockserver.judge.known import Deviation

# A finding keeps so many bytes of a body, and a check so many findings; the last of these stands for all others.
LONGEST_BODY, MOST_FINDINGS = 20_000, 10
OTHERS = "others"
Weight = Literal["forbidden", "senseless", "advice", "known"]
# What an entry demands: facts of an answer by name; parameters as ``?name`` with a number, or ANY for any text.
FindingTraits = dict[str, Any]
ANY = -math.inf


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
    traits: FindingTraits = field(default_factory=dict)

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

    @property
    def group(self) -> frozenset[str]:
        """The parts of its subject. A finding whose group holds all of another's shows the same break with more
        around it. One known difference is one group."""
        return frozenset() if self.deviation else frozenset(self.broken.subject.split(", "))


def shortened(exchange: ProbeExchange) -> ProbeExchange:
    """The exchange without most of its body, and without what was parsed of it."""
    return replace(exchange, answer=replace(exchange.answer, body=exchange.answer.body[:LONGEST_BODY]))


class Ledger:
    """What was judged and what was found, check by check; only the checks ``selected`` by name count."""

    def __init__(self, selected: frozenset[str], deviations: tuple[Deviation, ...] = ()) -> None:
        self.selected = selected
        self.judged: dict[str, int] = dict.fromkeys(CHECKS, 0)
        self.unjudged: dict[str, str] = {}
        # Which bound of the run ended a family of probes, if any did.
        self.ended = ""
        self._unsettled: set[str] = set()
        self._deviations = deviations
        self._exercised: set[str] = set()
        self._findings: dict[str, list[Finding]] = {}

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
        """Note which known deviations this request must show, if they are there."""
        for deviation in self._deviations:
            if not deviation.sometimes and deviation.id not in self._exercised and deviation.asks(exchange.probe):
                self._exercised.add(deviation.id)

    def find(self, check: Check, broken: Break, exchange: ProbeExchange) -> None:
        """Record a break, in one finding with those of the same check, deviation and group; the smallest group and
        request show it."""
        if check.name not in self.selected:
            return
        known = Finding(check, broken, exchange).known_among(self._deviations)
        finding = Finding(check, broken, shortened(exchange), 1, known, traits(exchange, broken))
        findings = self._findings.get(check.name, [])
        same = [f for f in findings if (f.deviation and f.deviation.id) == (known and known.id)]
        # Around two breaks of which each is known, a request shows the first of them.
        alike = [f for f in same if f.group <= finding.group][:1] or [f for f in same if finding.group <= f.group]
        if not alike and len(findings) >= MOST_FINDINGS - 1:
            finding = replace(finding, broken=replace(broken, subject=OTHERS))
            alike = [f for f in same if f.broken.subject == OTHERS]
        first = min((*alike, finding), key=lambda f: (len(f.group), f.exchange.probe.size))
        common = reduce(shared, (f.traits for f in alike), finding.traits)
        merged = replace(first, times=1 + sum(f.times for f in alike), traits=common)
        self._findings[check.name] = [*(f for f in findings if all(f is not other for other in alike)), merged]

    def __iter__(self) -> Iterator[Finding]:
        """The findings in the order of the checks."""
        for name in CHECKS:
            yield from sorted(self._findings.get(name, ()), key=lambda finding: finding.broken.subject)

    def stale(self) -> list[Deviation]:
        """Known deviations that have expired, or could have shown and did not; one of each id."""
        applied = {finding.deviation.id for finding in self if finding.deviation}
        able = [d for d in self._deviations if d.expired or (d.check in self.selected and d.id in self._exercised)]
        return list({d.id: d for d in able if d.id not in applied}.values())


def traits(exchange: ProbeExchange, broken: Break) -> FindingTraits:
    """What an entry can demand of an exchange and its break."""
    probe, answer = exchange.probe, exchange.answer
    asked = {f"?{name}": _number(text) for name, text in probe.parameters if re.fullmatch(r"\w+", name)}
    answered = {"status": answer.status, "code": answer.code, "content_type": answer.media_type}
    return {**asked, "method": probe.method, **answered, "subject": broken.subject}


def shared(one: FindingTraits, other: FindingTraits) -> FindingTraits:
    """The traits that two exchanges have in common."""
    both = {name: (one[name], other[name]) for name in one if name in other}
    return {name: min(pair) for name, pair in both.items() if name[0] == "?" or pair[0] == pair[1]}


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return ANY
    return number if math.isfinite(number) else ANY


def accept(path: Path, findings: Iterable[Finding], clean: Callable[[str], str]) -> int:
    """Add the findings that can fail a run to a YAML file, and return how many they are.

    ``clean`` takes out of a text what no file may tell. Raises MockserverError for a file that cannot be added to.
    """

    def tell(text: str) -> str:
        return "".join(c if c.isprintable() else "�" for c in clean(text))

    news = [_entry(finding, tell) for finding in findings if finding.weight in ("forbidden", "senseless")]
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        # The entries stand behind the others, or in place of an empty list; comments stay.
        is_empty = not before or not read_plain_yaml(before.encode())
        kept = re.sub(r"(---\s*)?\[\s*\]\s*\Z", "", before) if is_empty else before.rstrip() + "\n"
        lines = "".join(f"- {encode(entry).decode()}\n" for entry in news)
        text = kept + lines if lines else before or "[]\n"
        read_plain_yaml(text.encode())
        path.write_text(text, "utf-8")
    except (OSError, ValueError) as error:
        found = str(getattr(error, "strerror", None) or "YAML that no line can be added to").lower()
        raise MockserverError(str(path), found, "a file to add lines to, which begin with -", "see --accept") from None
    return len(news)


def _entry(finding: Finding, tell: Callable[[str], str]) -> dict[str, Any]:
    asked = {name[1:]: least for name, least in finding.traits.items() if name[0] == "?"}
    when = [f"method = {finding.traits['method']}"] if "method" in finding.traits else []
    when += [f"{name} ~ .*" if least == ANY else f"{name} >= {least:.17g}" for name, least in sorted(asked.items())]
    answer = {name: value for name, value in finding.traits.items() if name[0] != "?" and name != "method"}
    check, broken, day = finding.check.name, finding.broken, datetime.datetime.now(datetime.UTC).date()
    return {
        "id": tell(": ".join(filter(None, (check, broken.subject)))),
        "check": check,
        "when": " and ".join(when),
        "answer": {name: value for name, value in answer.items() if tell(str(value)) == str(value)},
        "reason": tell(f"accepted on {day}: expected {broken.expected}, came {broken.came}"),
    }
