"""Prints what the judge sees of the strangers, at both depths: `python -m tests.strangers [NAME...]`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass

from mockserver.judge.known import known_deviations
from mockserver.judge.limits import Depth, limits
from mockserver.judge.route import logs_address
from mockserver.judge.run import Judge, RunOptions
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict
from tests.strangers import STRANGERS, Base, served

DEPTHS: tuple[Depth, ...] = ("quick", "full")


@dataclass(frozen=True)
class Outcome:
    """What the judge said of one stranger: `right` is whether it fits the stranger's verdict."""

    name: str
    kind: type[Base]
    verdict: Verdict
    seconds: float

    @property
    def graves(self) -> list[str]:
        return [f"{item.weight} {item.check.name}" for item in self.verdict.findings if item.weight in GRAVE]

    @property
    def right(self) -> bool:
        if self.kind.verdict == "honest":
            return not self.graves and self.verdict.exit_code == self.kind.exit_code
        return any(grave.startswith("forbidden") or self.kind.verdict == "senseless" for grave in self.graves)


GRAVE = ("forbidden", "senseless")


def judged(name: str, depth: Depth) -> Outcome:
    """One stranger under the judge."""
    kind = STRANGERS[name]
    with served(kind()) as url:
        options = RunOptions(
            logs_address(url), limits(depth, True, None, None, None),
            token=kind.token, forbidden_token=kind.forbidden_token,
            deviations=known_deviations(kind.profile), strict=True, unsafe=kind.unsafe, timeout=5,
        )  # fmt: skip
        began = time.perf_counter()
        verdict = Judge(options, Secrets()).run()
        return Outcome(name, kind, verdict, time.perf_counter() - began)


def main(names: list[str]) -> None:
    for depth in DEPTHS:
        outcomes = [judged(name, depth) for name in names or STRANGERS]
        wrong = [outcome for outcome in outcomes if not outcome.right]
        for outcome in outcomes if names else wrong:
            said = ", ".join(sorted(set(outcome.graves))) or outcome.verdict.summary
            sys.stdout.write(f"{depth} {outcome.kind.verdict} {outcome.name}: {said}\n")
        seen: Counter[str] = Counter()
        all_of: Counter[str] = Counter()
        for outcome in outcomes:
            seen[outcome.kind.verdict] += outcome.right
            all_of[outcome.kind.verdict] += 1
        score = ", ".join(f"{seen[verdict]} of {all_of[verdict]} {verdict}" for verdict in all_of)
        most = max(outcome.verdict.requests for outcome in outcomes)
        sys.stdout.write(
            f"{depth}: right about {score}; at most {most} requests, {max(o.seconds for o in outcomes):.1f} s\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
