"""The judge: one run, from the first request to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import UNREADABLE, Answer, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.answer import answered
from mockserver.judge.checks.check import Context
from mockserver.judge.checks.http import read_only
from mockserver.judge.credentials import Client, Fetched, check_token
from mockserver.judge.findings import Ledger
from mockserver.judge.inventory import Inventory, survey
from mockserver.judge.known import Deviation
from mockserver.judge.limits import DEPTHS, Clock, Limits, WallClock
from mockserver.judge.probe import PLAIN, Bearer
from mockserver.judge.probes import PROBES, UNSAFE, ProbeFamily
from mockserver.judge.route import Address
from mockserver.judge.secrets import Secrets
from mockserver.judge.session import Session
from mockserver.judge.target import TIMEOUT, Gone, Spent, Target
from mockserver.judge.verdict import Verdict

PREFLIGHTS = 3
# Why no answer came, where nobody was there to give one.
_NOBODY = ("no address", "a refused connection", "a failing connection")
Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is judged and how, checked before the run begins.

    ``profile`` is the name under which reports tell the known ``deviations``; ``selected`` are names of checks;
    ``unsafe`` allows requests with methods that write.
    """

    address: Address
    limits: Limits
    token: str | None = None
    client: Client | None = None
    forbidden_token: str | None = None
    deviations: tuple[Deviation, ...] = ()
    profile: str = "documented"
    selected: frozenset[str] = frozenset(CHECKS)
    strict: bool = False
    unsafe: bool = False
    seed: int = 0
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        check_token("token", self.token)
        check_token("forbidden-token", self.forbidden_token)
        if not self.selected:
            raise MockserverError("checks", "none, after --only and --skip", "at least one that is judged")


class Judge:
    """One run. ``secrets`` learns what no report may tell; ``step`` receives the name of each family of probes as it
    begins, and the number of requests so far."""

    def __init__(
        self, case: RunOptions, secrets: Secrets, clock: Clock | None = None, step: Step = lambda name, requests: None
    ) -> None:
        self._case = case
        self._secrets = secrets
        self._step = step
        self._clock = clock or WallClock()
        # What the target was shown, and no answer may repeat. ``secrets`` holds more than that.
        self._credentials = Secrets()
        self._ledger = Ledger(case.selected, case.deviations)
        self._vacuous = self._remedy = ""
        self.target = Target(case.address, case.limits, self._tokens(), self._clock, case.timeout)
        self._session = Session(self.target, self._ledger, secrets, self._credentials, case.seed)

    def run(self) -> Verdict:
        """The verdict; raises MockserverError only if the first token cannot be fetched."""
        date = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            if self._preflight():
                self._probe()
        except (Spent, Gone) as end:
            # The target was lost, or the budget ended before the first family of probes: no verdict to trust.
            self._vacuous = self._vacuous or str(end)
            self._ledger.leave("the rest", str(end))
        finally:
            self._session.conclude()
            self.target.close()
        logs = len(self._session.memory.logs)
        if not self._vacuous:
            self._vacuous, self._remedy = _too_little(logs, self._ledger)
        case, target = self._case, self.target
        return Verdict(
            case.address, date, case.profile, case.limits.depth, case.strict, tuple(self._ledger), self._ledger, logs,
            target.requests, target.seconds, self._vacuous, self._remedy,
        )  # fmt: skip

    def _tokens(self) -> dict[Bearer, Callable[[], str]]:
        case = self._case
        tokens: dict[Bearer, Callable[[], str]] = {}
        if case.client is not None:
            fetch = Fetched(case.client, self._secrets, case.timeout, self._clock.now)
            tokens["token"] = lambda: self._token("MOCKSERVER_TOKEN", fetch)
        elif case.token is not None:
            tokens["token"] = lambda: self._token("MOCKSERVER_TOKEN", lambda: str(case.token))
        if case.forbidden_token is not None:
            tokens["forbidden"] = lambda: self._token("MOCKSERVER_FORBIDDEN_TOKEN", lambda: str(case.forbidden_token))
        return tokens

    def _token(self, variable: str, token: Callable[[], str]) -> str:
        """The text of a token, which from now on is a secret."""
        try:
            text = token()
        except MockserverError as error:
            # If a token cannot be renewed, the run ends but keeps its findings.
            if not self._session.memory.logs:
                raise
            raise Gone(str(error)) from None
        for secrets in (self._secrets, self._credentials):
            secrets.add_credential(text, variable)
        return text

    def _preflight(self) -> bool:
        """Send the plainest request three times. Returns whether there is anything to judge."""
        self._step("the plainest request", 0)
        answer = self.target.ask(PLAIN)
        self._vacuous, self._remedy = _nothing_to_judge(answer, with_token="token" in self.target.tokens)
        if answer.malformed:
            exchange = ProbeExchange(PLAIN, answer)
            self._session.judge(answered, exchange, answered(Context(exchange)))
        if self._vacuous:
            return False
        for _ in range(PREFLIGHTS - 1):
            self._session.refresh(PLAIN)
        return True

    def _probe(self) -> None:
        inventory = survey(self._session)
        if inventory is None:
            return
        if not self._case.unsafe:
            self._ledger.leave(read_only.name, "other methods are asked with --unsafe alone")
        self._send((*PROBES, *((UNSAFE,) if self._case.unsafe else ())), inventory)

    def _send(self, families: Iterable[ProbeFamily], inventory: Inventory) -> None:
        """Send families of probes; note those that were not sent to their end, and why."""
        for family in families:
            if DEPTHS.index(family.least) > DEPTHS.index(self._case.limits.depth):
                self._ledger.leave(family.name, f"part of --depth {family.least}")
                continue
            self._step(family.name, self.target.requests)
            try:
                family.run(self._session, inventory)
            except Spent as end:
                self._ledger.leave(family.name, str(end))
                self._ledger.ended = self._ledger.ended or str(end)
                proved = self._case.selected & {check.name for check in family.proves}
                # Logs that change at every look use up any budget: that reason is told instead.
                if proved and not self._ledger.inconclusive():
                    self._vacuous = self._vacuous or f"{end} before {family.name} was judged"
                    self._remedy = "allow more by --max-requests and --max-seconds"


def _too_little(logs: int, ledger: Ledger) -> tuple[str, str]:
    """Why a complete run judged too little for a green, and what to do; empty texts if it judged enough."""
    if not logs:
        return "no log was seen, and an empty answer proves nothing", "give a token that sees logs"
    if not any(ledger.judged.values()):
        why = next((why for name, why in ledger.unjudged.items() if name in ledger.selected), "nothing showed them")
        return f"none of the checks chosen by --only or --skip was judged ({why})", ""
    if names := ledger.inconclusive():
        reason = f"the logs changed at every look, which left unjudged: {', '.join(sorted(names))}"
        return reason, "judge it at a time when fewer logs come"
    proofs = {check.name for family in PROBES for check in family.proves} & ledger.selected - ledger.unjudged.keys()
    if names := [name for name in CHECKS if name in proofs and not ledger.judged[name]]:
        return f"no answer showed whether these are kept: {', '.join(names)}", "judge it by all checks"
    return "", ""


def _nothing_to_judge(answer: Answer, *, with_token: bool) -> tuple[str, str]:
    """Why the first answer leaves nothing to judge, and what to do; empty texts if it does not."""
    if answer.malformed:
        return f"no client reads the answer: {answer.lost}", "see RFC 9112, 5 and 6.3"
    if answer.status == 0:
        what = "unreachable" if answer.lost.startswith(_NOBODY) else "no answer to judge"
        return f"{what}: {answer.lost}", "check the address, and what runs there"
    if answer.status in (401, 403) and not with_token:
        return "a token is needed: see --token and --client-id", ""
    if answer.status in (401, 403):
        return f"the token was refused: {answer.said()}", "give one of this deployment, with scope all"
    # A gateway's own page says nothing of what is behind it.
    is_html = answer.media_type == "text/html" and answer.value is UNREADABLE and answer.status < 500
    if is_html or answer.status == 404 or 300 <= answer.status < 400:
        return f"not this API: {answer.said()}", "expected 200 with an array of logs; give the base URL of a Logto"
    return "", ""
