"""The session: where probes are asked, every answer judged, and relations between answers confirmed before they count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.checks.context import context
from mockserver.judge.checks.local import LOCAL, LocalCheck
from mockserver.judge.findings import Ledger
from mockserver.judge.growth import states, unstable
from mockserver.judge.limits import Depth
from mockserver.judge.probe import PLAIN, Probe
from mockserver.judge.secrets import Secrets
from mockserver.judge.seen import SeenLogs, identity
from mockserver.judge.target import Gone, Target

Logs = list[Any]
T = TypeVar("T")
# How often a relation is tried on a deployment that changes under it, and a doubtful break asked again.
ATTEMPTS = 6
DOUBTS = 2


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How an answer does not fit what was expected of it: the rule that this breaks, and the break."""

    rule: str
    broken: Break


# Whether an answer fits what a reference listed.
Comparison = Callable[[Logs, Answer], Mismatch | None]


class Session:
    """One run's dealings with its target: asks, judges each answer, relates answers to references, keeps the ledger.

    ``seed`` is that of generated requests.
    """

    def __init__(self, target: Target, ledger: Ledger, secrets: Secrets, credentials: Secrets, seed: int) -> None:
        self.target = target
        self.seed = seed
        self.ledger = ledger
        self.secrets = secrets
        self.memory = SeenLogs()
        self._credentials = credentials
        self._pending: list[ProbeExchange] = []
        self._doubts: list[tuple[LocalCheck, ProbeExchange, Break]] = []
        self._confirmed: set[tuple[str, str]] = set()
        self._references: dict[Probe, list[Logs]] = {}

    @property
    def depth(self) -> Depth:
        """How much is looked at."""
        return self.target.limits.depth

    def some(self, quick: Iterable[T], full: Iterable[T] = ()) -> list[T]:
        """The quick ones at quick depth, else both."""
        return [*quick] if self.depth == "quick" else [*quick, *full]

    def notice(self, probe: Probe, answer: Answer) -> None:
        """Take in one answer, to be judged once it is clear that the target still stands."""
        self._pending.append(ProbeExchange(probe, answer))

    def ask(self, probe: Probe) -> Answer:
        """The answer to a probe, judged by every local check; raises Spent and Gone as the target does."""
        try:
            answer = self.target.ask(probe)
            self._see_that_it_stands(probe, answer)
        except Gone:
            # What came with the end of the target as a whole is told as that, not as breaks by single requests.
            self._pending = [e for e in self._pending if not _fails(e.answer) and not _refuses_token(e.probe, e.answer)]
            raise
        finally:
            self._judge_pending()
        self._settle_doubts()
        return answer

    def _see_that_it_stands(self, probe: Probe, answer: Answer) -> None:
        """Ask the plainest request after an answer that may mean the end of all, before a probe is blamed for it."""
        refused = _refuses_token(probe, answer)
        plain = answer
        while _fails(plain) or (refused and plain is answer):
            plain = self.target.ask(PLAIN)
        if refused and _refuses_token(PLAIN, plain):
            raise Gone(f"the token is no longer accepted: {plain.said()}")

    def _judge_pending(self) -> None:
        pending, self._pending = self._pending, []
        for exchange in pending:
            self.ledger.exercise(exchange)
            self._judge(exchange)
            self.memory.learn(exchange.answer.logs)
            self.secrets.learn(exchange.answer.value)

    def _judge(self, exchange: ProbeExchange) -> None:
        seen = context(exchange, self.memory, self._credentials)
        for check in LOCAL:
            breaks = check.judge(seen) if check.rule in self.ledger.selected else None
            if breaks is None:
                continue
            self.ledger.judge(check.rule)
            for broken in breaks:
                if check.doubtful and (check.rule, broken.subject) not in self._confirmed:
                    self._doubts.append((check, exchange, broken))
                else:
                    self.ledger.find(check.rule, broken, exchange)

    def _settle_doubts(self) -> None:
        """Ask again where a race within the target may have looked like a break: one that stays is a finding."""
        doubts, self._doubts = self._doubts, []
        for check, exchange, broken in doubts:
            if (check.rule, broken.subject) in self._confirmed or self._stays(check, exchange.probe, broken):
                self._confirmed.add((check.rule, broken.subject))
                self.ledger.find(check.rule, broken, exchange)

    def _stays(self, check: LocalCheck, probe: Probe, broken: Break) -> bool:
        for _ in range(DOUBTS):
            again = ProbeExchange(probe, self.target.ask(probe))
            self._pending.clear()
            found = check.judge(context(again, self.memory, self._credentials)) or ()
            if broken.subject not in {b.subject for b in found}:
                return False
        return True

    def reference(self, probe: Probe) -> Logs | None:
        """What a probe last listed; asked now where it never was, None where it lists nothing to compare with."""
        return self._references[probe][-1] if probe in self._references else self.refresh(probe)

    def refresh(self, probe: Probe) -> Logs | None:
        """What a probe lists now; a break of order-stable by what it listed before is found here."""
        answer = self.ask(probe)
        if not answer.is_page:
            return None
        history = self._references.setdefault(probe, [])
        history.append(answer.logs)
        del history[:-ATTEMPTS]
        self.ledger.judge("order-stable")
        if unstable([_identities(logs) for logs in history]):
            same_times = times(history[-2]) == times(history[-1])
            broken = Break("the same logs in the same order", "another order", evidence=(("ties", same_times),))
            self.ledger.find("order-stable", broken, ProbeExchange(probe, answer))
        return answer.logs

    def relate(self, reference: Probe, test: Probe, rules: Iterable[str], fit: Comparison) -> None:
        """Judge whether the answer to ``test`` fits what ``reference`` lists, by bracketing.

        A mismatch counts only between two references that agree. Where the listing grew in between, the answer may fit
        any state it went through; else all is tried again, and in the end left as inconclusive. So is what replicas
        may show that are not at one.
        """
        before = self.reference(reference)
        if before is None:
            return
        for attempt in range(1, ATTEMPTS + 1):
            answer = self.ask(test)
            if not answer.is_page:
                return
            mismatch = fit(before, answer)
            after = before if mismatch is None else self.refresh(reference)
            if after is None:
                return
            agree = _identities(before) == _identities(after)
            if mismatch and agree and attempt < ATTEMPTS and self._is_doubtful(reference, mismatch, answer, fit):
                before = self._references[reference][-1]
                continue
            if mismatch is None or agree or _fits_between(before, after, answer, fit):
                for rule in rules:
                    self.ledger.judge(rule)
                if mismatch is not None and agree:
                    self._confirmed.add((mismatch.rule, mismatch.broken.subject))
                    self.ledger.find(mismatch.rule, mismatch.broken, ProbeExchange(test, answer))
                return
            before = after
        what = test.query or "the plainest request"
        for rule in rules:
            self.ledger.unsettled(rule, what)

    def _is_doubtful(self, reference: Probe, mismatch: Mismatch, answer: Answer, fit: Comparison) -> bool:
        """Whether replicas that are not at one explain a mismatch: it fits a state from before, or the reference has more
        to show when asked again. Where its rule is known to be broken, that is no question any more."""
        if (mismatch.rule, mismatch.broken.subject) in self._confirmed:
            return False
        *earlier, now = self._references[reference]
        if any(_fits_between(then, now, answer, fit) for then in earlier):
            return True
        return any(_grew(now, self.refresh(reference)) for _ in range(DOUBTS))


def _grew(one: Logs, other: Logs | None) -> bool:
    """Whether one of two listings has grown from the other."""
    left, right = _identities(one), _identities(other or [])
    return left != right and any(any(states(*pair)) for pair in ((left, right), (right, left)))


def _fits_between(before: Logs, after: Logs, answer: Answer, fit: Comparison) -> bool:
    by_identity = {identity(log): log for log in (*before, *after)}
    between = states(_identities(before), _identities(after))
    return any(fit([by_identity[one] for one in state], answer) is None for state in between)


def _identities(logs: Logs) -> list[str]:
    return [identity(log) for log in logs]


def times(logs: Logs) -> list[Any]:
    """The createdAt of each log: what stays of an order without a tie-breaker."""
    return [log.get("createdAt") if isinstance(log, dict) else None for log in logs]


def _fails(answer: Answer) -> bool:
    return answer.status == 0 or answer.status >= 500


def _refuses_token(probe: Probe, answer: Answer) -> bool:
    return probe.bearer == "token" and probe.method == "GET" and answer.status in (401, 403)
