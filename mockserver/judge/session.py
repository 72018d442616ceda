"""The session: it sends probes, judges every answer, and compares answers by bracketing.

The problem
-----------
Most of what a listing can do wrong shows only beside another listing: page 3 is wrong if it is not the third part of
what page 1 of a larger size shows. But a real deployment writes logs while it is judged, and it may answer from
replicas that are not equally fresh. So two answers may differ although both were right when they were given.

The idea
--------
A comparison is bracketed between two looks at a *reference*, a request whose answer says what the tested answer
should be:

    before = reference          100 logs, newest first
    answer = tested request     page 3 of 5
    after  = reference          asked again only if the answer does not match ``before``

1. The answer matches ``before``: the check is kept, at the cost of one request, since references are remembered.
2. It does not match, and ``before`` equals ``after``: nothing was written in between, so the answer is wrong: a
   finding.
3. It does not match, and the listing *grew* from ``before`` to ``after``: new logs came in front (newest first) or at
   the end (oldest first), and nothing else changed. ``states`` lists every listing that the deployment went through.
   An answer that matches one of them is right. Otherwise all of it is tried again, with ``after`` as ``before``.
4. The listing changed in another way, such as by deletion: all of it is tried again.

After ``ATTEMPTS`` attempts the comparison is *inconclusive*: neither kept nor broken, and the report says so. If all
comparisons of a forbidden check end like this, the run as a whole has judged too little for a green.

Replicas
--------
With two replicas, ``before`` and ``after`` may come from one of them and the answer from the other, which is behind. So
an answer that fits an earlier look is right (``differing``), and every second attempt looks once more first, so that
another of several copies answers. Any other mismatch of case 2 is *doubtful*: it must not match any state between an
earlier look and now, and the reference, asked ``DOUBTS`` times more, must show what it shows now, but for logs of one
moment (``same``). If a copy could explain the answer (``displaced``), the test is also sent ``DOUBTS`` times in a row:
a replica that answers every k-th request does not answer both. Then both are asked eight times more, in an order that
has no period, since replicas may answer at random; twelve times on a deployment that took back what it had listed.
Where logs come and none was taken back, they are not: the next log would come first. A reference with ``Age`` is of a
cache: such a mismatch must stay for ``STORED`` seconds, and the reference be new then. Once a check is known to be
broken in one way, the same break raises no further doubt. How a listing changed is judged too: logs in another order,
logs that were gone from between others and come back (``unstable``), and other logs of the same time (``divided``).

Doubts about single answers
---------------------------
Some headers are computed beside the page, such as a total: a log that comes between counting and listing makes them
look wrong. Such checks are declared ``doubtful``. Their breaks wait until the request has been repeated ``DOUBTS``
times, and only a break that stays is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from mockserver.contract.filters import matches
from mockserver.judge.answer import BEYOND, Answer, Break, Listing, ProbeExchange, identities
from mockserver.judge.checks import LOCAL
from mockserver.judge.checks.check import Check, Context, SeenLogs
from mockserver.judge.checks.listing import order_stable
from mockserver.judge.checks.logs import log_unchanged, renamed
from mockserver.judge.comparisons import Comparison, Mismatch, counted
from mockserver.judge.copies import differing, disorder, displaced, matches_between, same, states
from mockserver.judge.findings import Ledger, shortened
from mockserver.judge.limits import Depth
from mockserver.judge.probe import PLAIN, Probe
from mockserver.judge.reading import read_query
from mockserver.judge.secrets import Secrets
from mockserver.judge.target import Gone, Target

T = TypeVar("T")
# How often a comparison is tried on a deployment that changes meanwhile, and how often a doubtful break is asked again.
ATTEMPTS = 6
DOUBTS = 2
# Seconds: longer than small caches keep an answer.
STORED = 2.5
# An answer without logs may come from an empty copy; so many, all under filters, do not.
VANISHED = 5
# Tests and references in an order that has no period.
WAVERING = "trrt"
# The largest page that a reference asks for, and the most bytes that all references, and the logs seen, may take.
LARGEST_PAGE, MOST_KEPT, MOST_LEARNED = 1000, 96 * 1024 * 1024, 64 * 1024 * 1024
# A total may be behind by so many times the logs that one reference showed as new.
LAG = 20


class Session:
    """One run's exchanges with its target. It judges each answer and records the results in ``ledger``.

    ``secrets`` learns what no report may tell; ``credentials`` holds what was shown; ``seed`` makes generated requests.
    """

    def __init__(self, target: Target, ledger: Ledger, secrets: Secrets, credentials: Secrets, seed: int) -> None:
        self.target = target
        self.seed = seed
        self.ledger = ledger
        self.secrets = secrets
        self.memory = SeenLogs()
        self._credentials = credentials
        self._doubts: list[tuple[Check, ProbeExchange, Break]] = []
        self._confirmed: set[tuple[str, str]] = set()
        self._references: dict[Probe, list[Listing]] = {}
        self._weights: dict[Probe, int] = {}
        self._learned = 0
        # Whether a list came back in an earlier state, as replicas show it; how long a cache had the last reference.
        self._wavers, self._age = False, ""
        # Confirmed doubts, how many logs came in meanwhile, and answers without logs to requests that got some later.
        self._stale: list[tuple[Check, ProbeExchange, Break]] = []
        self.arrived = 0
        self._vanished: list[tuple[Mismatch, ProbeExchange]] = []

    @property
    def depth(self) -> Depth:
        """How much the run asks."""
        return self.target.limits.depth

    def by_depth(self, quick: Iterable[T], more: Iterable[T] = ()) -> list[T]:
        """The first ones at quick depth, otherwise both."""
        return [*quick] if self.depth == "quick" else [*quick, *more]

    def ask(self, probe: Probe) -> Answer:
        """The answer to a probe, after every local check has judged it; raises Spent and Gone as the target does."""
        try:
            answer = self.target.ask(probe)
            self._require_working_target(probe, answer)
        except Gone:
            # The report says that the target was lost; the requests that met its end are not to blame.
            answered = [each for each in self.target.exchanges if not each.answer.failed]
            self.target.exchanges = [each for each in answered if not _refuses_token(each.probe, each.answer)]
            raise
        finally:
            self._judge_pending()
        self._settle_doubts()
        return answer

    def together(self, probes: Sequence[Probe]) -> list[Answer]:
        """The answers to probes that are sent at once, each judged by every local check."""
        answers = self.target.together(probes)
        self._judge_pending()
        self._settle_doubts()
        return answers

    def judge(self, check: Check, exchange: ProbeExchange, breaks: Iterable[Break]) -> None:
        """Record what a check says of an exchange."""
        self.ledger.judge(check)
        for broken in breaks:
            self.ledger.find(check, broken, exchange)

    def _require_working_target(self, probe: Probe, answer: Answer) -> None:
        """Ask the plainest request after a failure or a refused token, before the probe gets the blame for it."""
        refused = _refuses_token(probe, answer)
        plain = answer
        while plain.failed or (refused and plain is answer):
            plain = self.target.ask(PLAIN)
        if refused and _refuses_token(PLAIN, plain):
            raise Gone(f"the token is no longer accepted: {plain.said()}")

    def _judge_pending(self) -> None:
        pending, self.target.exchanges = self.target.exchanges, []
        for exchange in pending:
            self.ledger.exercise(exchange)
            context = Context(exchange, self.memory, self._credentials)
            for check in LOCAL:
                breaks = check(context) if check.name in self.ledger.selected else None
                if breaks is None:
                    continue
                certain = []
                for broken in breaks:
                    if check.doubtful:
                        self._doubts.append((check, exchange, broken))
                    else:
                        certain.append(broken)
                self.judge(check, exchange, certain)
            answer = exchange.answer
            if answer.value is BEYOND:
                self.ledger.leave("what some answers hold", "they are larger, deeper or packed otherwise than is read")
            if self._learned < MOST_LEARNED:
                before = len(self.memory.logs)
                self.memory.learn(answer.logs)
                self._learned += answer.weight * (len(self.memory.logs) - before) // max(1, len(answer.logs))
            self.secrets.learn(answer.value)

    def _settle_doubts(self) -> None:
        doubts, self._doubts = self._doubts, []
        for check, exchange, broken in doubts:
            if (check.name, broken.subject) in self._confirmed or self._stays(check, exchange.probe, broken):
                self._confirmed.add((check.name, broken.subject))
                self._stale.append((check, shortened(exchange), broken))

    def conclude(self) -> None:
        """Record the breaks that rest on a total, but for those that a total counted a while ago explains, and filters
        that find nothing at first. An empty copy would show that without filters too."""
        if len(self._vanished) >= VANISHED and all(read_query(e.probe.parameters).filters for _, e in self._vanished):
            mismatch, exchange = self._vanished[0]
            self.ledger.find(mismatch.check, mismatch.broken, exchange)
        elif self._vanished:
            self.ledger.leave("answers without logs", f"{len(self._vanished)} came once, as from an empty copy")
        for check, exchange, broken in self._stale:
            off = dict(broken.evidence).get("off")
            if off is None or not self.arrived or off > self.arrived * LAG:
                self.ledger.find(check, broken, exchange)
            else:
                self.ledger.leave(f"{check.name}: {broken.subject}", "logs came in, and a total may be counted late")

    def _stays(self, check: Check, probe: Probe, broken: Break) -> bool:
        for _ in range(DOUBTS):
            again = ProbeExchange(probe, self.target.ask(probe))
            self.target.exchanges.clear()
            breaks = check(Context(again, self.memory, self._credentials)) or ()
            if broken.subject not in {again.subject for again in breaks}:
                return False
        return True

    def reference(self, probe: Probe) -> Listing | None:
        """What a probe last listed. Asks it now if it never was; None if it lists nothing to compare with."""
        return self._references[probe][-1] if probe in self._references else self.refresh(probe)

    def refresh(self, probe: Probe) -> Listing | None:
        """What a probe lists now; finds breaks of order-stable by what it listed before."""
        answer = self.ask(probe)
        if not answer.lists_logs:
            return None
        logs = answer.logs[:LARGEST_PAGE]
        self._age = answer.header("age") or ""
        self._weights[probe] = max(self._weights.get(probe, 0), answer.weight)
        history = self._references.setdefault(probe, [])
        if history:
            self.judge(log_unchanged, ProbeExchange(probe, answer), renamed(history[-1], logs))
            self.arrived = max(self.arrived, len(set(identities(logs)) - set(identities(history[0]))))
            self._wavers |= next(states(identities(history[-1]), identities(logs)), None) is None
        history.append(logs)
        del history[:-ATTEMPTS]
        if sum(weight * len(self._references[kept]) for kept, weight in self._weights.items()) > MOST_KEPT:
            raise Gone("the answers are too large to be kept and compared")
        self.judge(order_stable, ProbeExchange(probe, answer), disorder(history))
        return logs

    def relate(self, reference: Probe, test: Probe, checks: Iterable[Check], compare: Comparison) -> None:
        """Judge whether the answer to ``test`` is right beside what ``reference`` lists, by bracketing.

        ``checks`` are those that a right answer proves to be kept.
        """
        compare = counted(compare, read_query(test.parameters))
        for attempt in range(ATTEMPTS):
            # Of copies that answer in turn, another answers after one request more.
            before = (self.refresh if attempt % 2 else self.reference)(reference)
            if before is None:
                return
            answer = self.ask(test)
            # A null among the logs may stand for any.
            if not answer.lists_logs or None in answer.logs:
                return
            mismatch = differing(self._references[reference], answer, compare)
            after = before if mismatch is None else self.refresh(reference)
            if after is None:
                return
            agree = same(before, after)
            if mismatch and agree and self._is_doubtful(reference, test, mismatch, answer, compare):
                continue
            if agree or matches_between(before, after, answer, compare):
                for check in checks:
                    self.ledger.judge(check)
                if mismatch is not None and agree:
                    self._confirmed.add((mismatch.check.name, mismatch.broken.subject))
                    self.ledger.find(mismatch.check, mismatch.broken, ProbeExchange(test, answer))
                return
        for check in checks:
            self.ledger.unsettled(check, test.query or "the plainest request")

    def _is_doubtful(self, reference: Probe, test: Probe, found: Mismatch, answer: Answer, compare: Comparison) -> bool:
        """Whether replicas that are not equally fresh explain a mismatch."""
        if (found.check.name, found.broken.subject) in self._confirmed:
            return False
        *earlier, now = self._references[reference]
        if any(matches_between(logs, now, answer, compare) for logs in earlier):
            return True
        right = [log for log in now if matches(log, read_query(test.parameters).filters)]
        is_displaced = displaced(right, answer.logs)
        if is_displaced and self._age:
            self.target.clock.sleep(STORED)
            is_new = not same(self.refresh(reference) or [], now) or self._age.strip("0")
            if is_new or compare(now, self.ask(test)) is None:
                return True
        # Two requests in a row: no replica of several answers both of them, nor both of the references.
        rounds = is_displaced * (3 if self._wavers else 0 if self.arrived else 2)
        for turn in "t" * DOUBTS * is_displaced + "r" * DOUBTS + WAVERING * rounds:
            if turn == "r":
                stays = same(self.refresh(reference) or [], now)
            else:
                other = self.ask(test)
                stays = compare(now, other) is not None and same(other.logs, answer.logs)
            if not stays:
                # No log came meanwhile, so another copy answered.
                self._wavers |= turn == "t" and same(self.refresh(reference) or [], now)
                self._vanished += [(found, ProbeExchange(test, answer))] * (turn == "t" and not answer.logs)
                return True
        return False


def _refuses_token(probe: Probe, answer: Answer) -> bool:
    return probe.bearer == "token" and probe.method == "GET" and answer.status in (401, 403)
