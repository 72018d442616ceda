"""The judge: one run from the first request to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mockserver.contract.errors import MockserverError
from mockserver.judge.address import Address
from mockserver.judge.answer import UNREADABLE, Answer
from mockserver.judge.checks.check import CHECKS
from mockserver.judge.credentials import Client, Fetched
from mockserver.judge.findings import Ledger
from mockserver.judge.inventory import Inventory, survey
from mockserver.judge.known import Deviation
from mockserver.judge.limits import DEPTHS, FAILING_CREDENTIALS, Clock, Limits, WallClock
from mockserver.judge.probe import PLAIN, Bearer, Probe
from mockserver.judge.probes.http import WRITES
from mockserver.judge.schedule import LAST, PLAN, UNSAFE, ProbeFamily
from mockserver.judge.secrets import Secrets
from mockserver.judge.session import Session
from mockserver.judge.target import TIMEOUT, Gone, Spent, Target
from mockserver.judge.verdict import Verdict

PREFLIGHTS = 3
Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is judged and how: everything a run needs to know, checked before it begins.

    ``selected`` are names of rules; ``unsafe`` allows methods that write, where they are not refused as they should be.
    """

    address: Address
    limits: Limits
    token: str | None = None
    client: Client | None = None
    forbidden_token: str | None = None
    deviations: tuple[Deviation, ...] = ()
    selected: frozenset[str] = frozenset(CHECKS)
    strict: bool = False
    unsafe: bool = False
    seed: int = 0
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        for name, token in (("token", self.token), ("forbidden-token", self.forbidden_token)):
            if token and not (token.isprintable() and token == token.strip()):
                expected = "visible characters without blanks or line ends around them"
                raise MockserverError(name, "one that no header can hold", expected)
        if not self.selected:
            raise MockserverError("checks", "none, after --only and --skip", "at least one that is judged")


class Judge:
    """One run. ``secrets`` know what no report may tell; ``step`` is told each part as it begins, and the requests so
    far."""

    def __init__(
        self, case: RunOptions, secrets: Secrets, clock: Clock | None = None, step: Step = lambda name, requests: None
    ) -> None:
        self._case = case
        self._secrets = secrets
        self._step = step
        self._clock = clock or WallClock()
        # What was shown to the target, of which no answer may tell: the secrets of a run are more than that.
        self._credentials = Secrets()
        self._ledger = Ledger(case.selected, case.deviations)
        self._vacuous = self._remedy = ""
        self.target = Target(case.address, case.limits, self._tokens(), self._clock, self._notice, case.timeout)
        self._court = Session(self.target, self._ledger, secrets, self._credentials, case.seed)

    def run(self) -> Verdict:
        """The verdict; raises MockserverError only where no first token can be fetched."""
        try:
            if self._preflight():
                self._examine()
        except (Spent, Gone) as end:
            # A target that was lost on the way leaves no verdict to trust, nor does a budget that ended before the
            # first examination: what an examination leaves for want of budget is told beside what was judged.
            self._vacuous = self._vacuous or str(end)
            self._ledger.leave("the rest", str(end))
        finally:
            self.target.close()
        logs = len(self._court.memory.logs)
        if not self._vacuous:
            self._vacuous, self._remedy = _too_little(logs, self._ledger)
        left_out = CHECKS.keys() - self._case.selected
        return Verdict(
            self._case.address,
            self._case.limits.depth,
            self._case.strict,
            tuple(self._ledger),
            self._ledger.judged,
            tuple((what, why) for what, why in self._ledger.unjudged.items() if what not in left_out),
            tuple(self._ledger.stale()),
            logs,
            self.target.requests,
            self.target.seconds,
            self._vacuous,
            self._remedy,
            frozenset(left_out),
        )

    def _tokens(self) -> dict[Bearer, Callable[[], str]]:
        case = self._case
        tokens: dict[Bearer, Callable[[], str]] = {}
        if case.client is not None:
            tokens["token"] = self._remembering(Fetched(case.client, self._secrets, case.timeout, self._clock.now))
        elif case.token is not None:
            tokens["token"] = self._remembering(lambda: str(case.token))
        if case.forbidden_token is not None:
            tokens["forbidden"] = lambda: str(case.forbidden_token)
            self._secrets.add_credential(case.forbidden_token, "MOCKSERVER_FORBIDDEN_TOKEN")
            self._credentials.add_credential(case.forbidden_token, "MOCKSERVER_FORBIDDEN_TOKEN")
        return tokens

    def _remembering(self, token: Callable[[], str]) -> Callable[[], str]:
        def remembered() -> str:
            try:
                text = token()
            except MockserverError as error:
                # One that cannot be renewed ends a run, and does not take with it what was found.
                if not self._court.memory.logs:
                    raise
                raise Gone(str(error)) from None
            for secrets in (self._secrets, self._credentials):
                secrets.add_credential(text, "MOCKSERVER_TOKEN")
            return text

        return remembered

    def _notice(self, probe: Probe, answer: Answer) -> None:
        self._court.notice(probe, answer)

    def _preflight(self) -> bool:
        """Ask the plainest request, thrice: whether there is anything here to judge."""
        self._step("the plainest request", 0)
        answer = self.target.ask(PLAIN)
        self._vacuous, self._remedy = _no_case(answer, shown=self.target.has("token"))
        if self._vacuous:
            return False
        for _ in range(PREFLIGHTS - 1):
            self._court.refresh(PLAIN)
        return True

    def _examine(self) -> None:
        kept = FAILING_CREDENTIALS[self._case.limits.depth] + len(WRITES) * self._case.unsafe
        self.target.reserve(kept)
        inventory = survey(self._court)
        if inventory is None:
            return
        try:
            self._take(PLAN, inventory)
        finally:
            self.target.reserve(0)
        if self._case.unsafe:
            self._take((UNSAFE,), inventory)
        else:
            self._ledger.leave("read-only", "other methods are asked with --unsafe alone")
        self._take(LAST, inventory)

    def _take(self, examinations: Iterable[ProbeFamily], inventory: Inventory) -> None:
        for examination in examinations:
            if DEPTHS.index(examination.least) > DEPTHS.index(self._case.limits.depth):
                self._ledger.leave(examination.name, f"part of --depth {examination.least}")
                continue
            self._step(examination.name, self.target.requests)
            try:
                examination.run(self._court, inventory)
            except Spent as end:
                for rule in (examination.name, *examination.rules):
                    self._ledger.leave(rule, str(end))


def _too_little(logs: int, ledger: Ledger) -> tuple[str, str]:
    """Why a run that came to its end judged too little for a green, and what to do; empty where it did not."""
    if not logs:
        return "no log was seen, and an empty answer proves nothing", "give a token that sees logs"
    if not any(ledger.judged.values()):
        why = next((why for name, why in ledger.unjudged.items() if name in ledger.selected), "nothing showed them")
        return f"none of the checks chosen by --only or --skip was judged ({why})", ""
    if lost := ledger.lost():
        told = f"the logs changed at every look, which left unjudged: {', '.join(sorted(lost))}"
        return told, "judge it at a time when fewer logs come"
    return "", ""


def _no_case(answer: Answer, *, shown: bool) -> tuple[str, str]:
    """Why the first answer leaves nothing to judge, and what to do; empty where it does not."""
    if answer.status == 0:
        return f"unreachable: {answer.lost}", "check the address, and that a server runs there"
    if answer.status in (401, 403) and not shown:
        return "a token is needed: see --token and --client-id", ""
    if answer.status in (401, 403):
        return f"the token was refused: {answer.said()}", "give one of this deployment, with scope all"
    page = answer.media_type == "text/html" and answer.value is UNREADABLE
    if page or answer.status == 404 or 300 <= answer.status < 400:
        return f"not this API: {answer.said()}", "expected 200 with an array of logs; give the base URL of a Logto"
    return "", ""
