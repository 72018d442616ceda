"""Traffic: judges the answers to other people's requests, and their pages against each other, without asking anything.

*One answer* is judged by every check that one answer shows. Of a check that a race may look like (``doubtful``), a
break counts once it came three times in a row, since nobody may repeat the request here.

*Two answers.* Logs come in between two pages, and both are then right. But clients poll: where one asked for page 1,
then for another page, then for page 1 again, and page 1 stayed the same, nothing came in between: the other page
must fit. That is the bracketing of ``session``, by requests that are not ours. Other pages share no log with page 1; a
first page of another size, or under filters, must fit into it. Only requests with the same token are compared.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.contract.document import LIST_PATH
from mockserver.contract.filters import Pairs
from mockserver.contract.profile import ProfileName
from mockserver.http.encoding import decoded_start
from mockserver.http.masking import SECRET_NAME, cleaner, masked_query
from mockserver.http.message import Headers, Reply, Request
from mockserver.judge.answer import Answer, Break, ProbeExchange, identities, identity, times
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.checks.check import Check, Context, SeenLogs
from mockserver.judge.checks.listing import order_stable, page_ignored, page_size_ignored, pages_overlap
from mockserver.judge.comparisons import Mismatch, page
from mockserver.judge.findings import Finding, Ledger
from mockserver.judge.known import known_deviations
from mockserver.judge.limits import LARGEST_JUDGED
from mockserver.judge.probe import Bearer, Probe, Value
from mockserver.judge.report.record import Report, record
from mockserver.judge.route import Address
from mockserver.judge.secrets import Secrets
from mockserver.judge.validator import schema_breaks
from mockserver.judge.verdict import Verdict

# Pages that are compared; lists whose first page is kept for it; credentials that reports mask; breaks of a check that
# one answer tells.
_MOST_PAGES, _MOST_LISTS, _MOST_TOKENS, _MOST_BREAKS = 24, 16, 100, 20
# A value takes time, whatever its length. 100 logs have some 5,000 of these.
_MOST_MARKS = 10_000
_IN_A_ROW = 3
# What changes in each answer, and no check looks at.
_CHANGING = ("date", "age", "x-request-id")


class _Asked(NamedTuple):
    """A page that was asked for, and the answer; ``turn`` counts the requests."""

    turn: int
    token: str
    exchange: ProbeExchange
    number: int
    size: int
    filters: Pairs

    @property
    def ids(self) -> list[str]:
        return identities(self.exchange.answer.logs)


class TrafficJudge:
    """Judges what passes on its way from one deployment.

    ``logs`` is the address of its operation; ``profile`` names the deviations that are known.
    """

    def __init__(self, logs: Address, profile: ProfileName = "documented") -> None:
        self._address = logs
        self._profile = profile
        self._deviations = known_deviations(profile)
        self._ledger = Ledger(frozenset(CHECKS), self._deviations)
        self._memory = SeenLogs()
        self._secrets = Secrets(public=logs.url)
        self._tokens: set[str] = set()
        self._last: tuple[int, tuple[str, ...]] = (0, ())
        self._in_a_row: dict[str, int] = {}
        self._pages: deque[_Asked] = deque(maxlen=_MOST_PAGES)
        self._first: OrderedDict[tuple[str, str], _Asked] = OrderedDict()
        self._began = time.monotonic()
        self._requests = 0
        # Schemathesis takes a second to be ready: no client shall wait for it.
        list(schema_breaks(ProbeExchange(Probe(), Answer(200, (), b"{}"))))

    def judge(self, request: Request, reply: Reply, seconds: float) -> tuple[str, ...]:
        """The names of the checks that an answer breaks, but advice and known deviations; ``reply`` is as it came."""
        self._requests += 1
        body = reply.content()
        steady = tuple(pair for pair in reply.headers if pair[0].lower() not in _CHANGING)
        key = hash((request, reply.status, steady, body))
        if key == self._last[0]:
            return self._last[1]
        data = decoded_start(body, reply.header("content-encoding"), LARGEST_JUDGED + 1)
        if len(data) > LARGEST_JUDGED or len(data) - len(data.translate(None, b",[{")) > _MOST_MARKS:
            self.leave("answers that take too long", f"more than {LARGEST_JUDGED:,} bytes, or {_MOST_MARKS:,} values")
            return ()
        headers = reply.headers if data == body else reply.with_header("content-encoding", None).headers
        token = (request.header("authorization") or "").rpartition(" ")[2]
        if token not in self._tokens and len(self._tokens) < _MOST_TOKENS:
            self._tokens.add(token)
            self._secrets.add_credential(token, "MOCKSERVER_TOKEN")
        exchange = ProbeExchange(_probe(request, reply.status, token), Answer(reply.status, headers, data, seconds))
        context = Context(exchange, self._memory, _credentials(token))
        names, is_settled = self._judged(context)
        broken = tuple(dict.fromkeys((*names, *self._compared(context, token))))
        if is_settled:
            self._last = key, tuple(names)
        return broken

    def leave(self, what: str, why: str) -> None:
        """Note what could not be judged; the first reason stands."""
        self._ledger.leave(what, why)

    def _judged(self, context: Context) -> tuple[list[str], bool]:
        """The names of the checks that an answer breaks, and whether none of them is doubtful."""
        names, is_settled = list[str](), True
        for check in LOCAL:
            # Advice is given once: to find more examples of it would take a fifth of the time that a client waits.
            found = None if check.severity == "advice" and self._in_a_row.get(check.name) else check(context)
            if found is not None:
                breaks = tuple(islice(found, _MOST_BREAKS))
                is_settled = is_settled and not (breaks and check.doubtful)
                names += self._settled(check, breaks, context.exchange, check.doubtful)
        self._memory.learn(context.answer.logs)
        return list(dict.fromkeys(names)), is_settled

    def _compared(self, context: Context, token: str) -> list[str]:
        """Compare the pages that came since the last look at this page 1, if it is the same now."""
        probe, reading, names = context.probe, context.reading, list[str]()
        is_listing = context.answer.is_page and probe.method == "GET" and reading.legality == "valid"
        if not is_listing or reading.page is None or reading.page_size is None:
            return names
        asked = _Asked(self._requests, token, context.exchange, reading.page, reading.page_size, reading.filters)
        if asked.number == 1:
            before = self._first.pop((token, probe.query), None)
            if before is not None and before.ids == asked.ids:
                for later in self._pages:
                    if later.turn > before.turn and later.token == token:
                        names += self._related(before, later)
            self._first[token, probe.query] = asked
            if len(self._first) > _MOST_LISTS:
                self._first.popitem(last=False)
        self._pages.append(asked)
        return names

    def _related(self, first: _Asked, later: _Asked) -> list[str]:
        """Judge a page beside page 1, which was the same before it and after it."""
        if not set(first.filters) <= set(later.filters):
            return []
        more = tuple(pair for pair in later.filters if pair not in first.filters)
        answer = later.exchange.answer
        mismatch = page(later.number, later.size, first.size, more)(first.exchange.answer.logs, answer)
        shared = set(first.ids[: (later.number - 1) * later.size]) & set(later.ids)
        if shared and not more:
            logs = [log for log in answer.logs if identity(log) in shared]
            every = {identity(log): log for log in (*first.exchange.answer.logs, *answer.logs)}.values()
            last = times(first.exchange.answer.logs[-1:])
            if times(logs) == last * len(logs) and times(list(every)).count(last[0]) > len(logs):
                return []  # logs of one moment may swap places: nobody can tell
            is_whole = later.ids == first.ids[: later.size] and len(later.ids) > 2
            broken = Break("other logs than on page 1", f"{len(shared)} of the same")
            mismatch = Mismatch(page_ignored if is_whole else pages_overlap, broken)
        if mismatch is None:
            judged = (page_size_ignored, order_stable) if later.number == 1 else (page_ignored, pages_overlap)
            return [name for check in judged for name in self._settled(check, (), later.exchange, False)]
        # Copies of the logs that are not equally fresh may look like the others.
        is_doubtful = mismatch.check is not page_ignored
        return self._settled(mismatch.check, (mismatch.broken,), later.exchange, is_doubtful)

    def _settled(
        self, check: Check, breaks: tuple[Break, ...], exchange: ProbeExchange, is_doubtful: bool
    ) -> list[str]:
        """Record what a check says of an answer; its name where that counts."""
        self._ledger.judge(check)
        if not breaks:
            self._in_a_row.pop(check.name, None)
            return []
        self._in_a_row[check.name] = self._in_a_row.get(check.name, 0) + 1
        if is_doubtful and self._in_a_row[check.name] < _IN_A_ROW:
            return []
        names = []
        for broken in breaks:
            self._secrets.learn(exchange.answer.value)
            self._ledger.find(check, broken, exchange)
            if check.severity != "advice" and not Finding(check, broken, exchange).known_among(self._deviations):
                names.append(check.name)
        return names

    def verdict(self) -> Report:
        """The verdict on all that has passed, as `mockserver check` records it."""
        verdict = Verdict(
            target=self._address,
            date=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            profile=self._profile,
            depth="traffic",
            strict=self._address.loopback,
            findings=tuple(self._ledger),
            ledger=self._ledger,
            logs=len(self._memory.logs),
            requests=self._requests,
            seconds=time.monotonic() - self._began,
            vacuous="" if self._memory.logs else "no log passed, and an empty answer proves nothing",
            remedy="",
        )
        return record(verdict, self._secrets, bodies=False)


@lru_cache(maxsize=16)
def _credentials(token: str) -> Secrets:
    """What was shown to the deployment."""
    credentials = Secrets()
    credentials.add_credential(token, "MOCKSERVER_TOKEN")
    return credentials


def _probe(request: Request, status: int, token: str) -> Probe:
    """A client's request, without its credentials; the path is that of the list or of a log."""
    clean = cleaner(request)
    bearer: Bearer = "unknown" if status in (401, 403) else "token" if token else "none"
    item = unquote(clean(request.path).partition(LIST_PATH)[2].strip("/")) if request.path != LIST_PATH else ""
    return Probe((), request.method, _shown(request.headers, clean), bearer, masked_query(request, clean), item)


@lru_cache(maxsize=16)
def _shown(headers: Headers, clean: Callable[[str], str]) -> tuple[tuple[str, Value], ...]:
    """The headers of a client, which are the same in most of its requests, without its credentials."""
    return tuple((name, Value(clean(value))) for name, value in headers if not SECRET_NAME.search(name))
