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
from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.contract.document import LIST_PATH
from mockserver.contract.filters import Pairs
from mockserver.contract.profile import ProfileName
from mockserver.http.encoding import decoded_start
from mockserver.http.masking import SECRET_NAME, cleaner, masked_query
from mockserver.http.message import Reply, Request
from mockserver.judge.answer import Answer, Break, ProbeExchange, identities, identity, times
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.checks.check import Check, Context, SeenLogs
from mockserver.judge.checks.listing import order_stable, page_ignored, page_size_ignored, pages_overlap
from mockserver.judge.comparisons import Mismatch, page
from mockserver.judge.findings import Finding, Ledger
from mockserver.judge.known import known_deviations
from mockserver.judge.probe import Bearer, Probe, Value
from mockserver.judge.reading import read_query
from mockserver.judge.report.record import Report, record
from mockserver.judge.route import Address
from mockserver.judge.secrets import Secrets
from mockserver.judge.validator import schema_breaks
from mockserver.judge.verdict import Verdict

# A larger body takes longer than other clients should wait.
_LARGEST = 1024 * 1024
# Equal answers are judged once, but for doubts; lists that a later page may be compared with; credentials that reports
# mask; findings.
_MOST_REMEMBERED, _MOST_LISTS, _MOST_TOKENS, _MOST_FINDINGS = 256, 16, 100, 500
# The pages between two looks at page 1.
_MOST_BETWEEN = 50
# A body that a finding keeps: what is longer is a page, and no report shows it.
_KEPT = 16 * 1024
# The breaks of one check that one answer tells.
_MOST_BREAKS = 20
_IN_A_ROW = 3


class _Asked(NamedTuple):
    """A page that was asked for, and the answer."""

    exchange: ProbeExchange
    number: int
    size: int
    filters: Pairs

    @property
    def ids(self) -> list[str]:
        return identities(self.exchange.answer.logs)


class _FirstPage(NamedTuple):
    """An answer to a request for page 1, and the pages that came behind it."""

    asked: _Asked
    later: list[_Asked]


class TrafficJudge:
    """Judges what passes on its way from one deployment; ``profile`` names the deviations that are known."""

    def __init__(self, address: Address, profile: ProfileName = "documented") -> None:
        self._address = replace(address, path=address.path + LIST_PATH)
        self._profile = profile
        self._deviations = known_deviations(profile)
        self._ledger = Ledger(frozenset(CHECKS), self._deviations)
        self._memory = SeenLogs()
        self._secrets = Secrets(public=self._address.url)
        self._tokens: set[str] = set()
        self._subjects: set[tuple[str, str]] = set()
        self._kept: OrderedDict[int, list[str]] = OrderedDict()
        self._in_a_row: dict[str, int] = {}
        self._first: OrderedDict[tuple[str, str], _FirstPage] = OrderedDict()
        self._began = time.monotonic()
        self._requests = 0
        # The validator takes a second to be made: no client shall wait for it.
        list(schema_breaks(ProbeExchange(Probe(), Answer(200, (), b"[]"))))

    def judge(self, request: Request, reply: Reply, seconds: float) -> tuple[str, ...]:
        """The names of the checks that an answer breaks, but advice and known deviations; ``reply`` is as it came."""
        self._requests += 1
        body = reply.content()
        data = decoded_start(body, reply.header("content-encoding"), _LARGEST + 1)
        token = (request.header("authorization") or "").rpartition(" ")[2]
        if token and token not in self._tokens and len(self._tokens) < _MOST_TOKENS:
            self._tokens.add(token)
            self._secrets.add_credential(token, "MOCKSERVER_TOKEN")
        if len(data) > _LARGEST:
            self._ledger.leave("answers of more than 1 MiB", "they take too long beside other clients")
            return ()
        headers = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
        exchange = ProbeExchange(_probe(request, reply.status, token), Answer(reply.status, headers, data, seconds))
        changing = ("date", "age", "x-request-id")
        steady = tuple(pair for pair in reply.headers if pair[0].lower() not in changing)
        key = hash((exchange.probe, token, reply.status, steady, data))
        names = self._kept.get(key)
        if names is None:
            names, is_settled = self._judged(exchange, token)
            if is_settled:
                self._kept[key] = names
            if len(self._kept) > _MOST_REMEMBERED:
                self._kept.popitem(last=False)
        return tuple(dict.fromkeys((*names, *self._compared(exchange, token))))

    def _judged(self, exchange: ProbeExchange, token: str) -> tuple[list[str], bool]:
        """The names of the checks that an answer breaks, and whether none of them is doubtful."""
        credentials = Secrets()
        if token:
            credentials.add_credential(token, "MOCKSERVER_TOKEN")
        context, names, is_settled = Context(exchange, self._memory, credentials), list[str](), True
        for check in LOCAL:
            found = check(context)
            if found is not None:
                breaks = tuple(found)
                is_settled = is_settled and not (breaks and check.doubtful)
                names += self._settled(check, breaks, exchange, check.doubtful)
        self._memory.learn(exchange.answer.logs)
        return names, is_settled

    def _compared(self, exchange: ProbeExchange, token: str) -> tuple[str, ...]:
        """Compare what was answered since the last look at this page 1, if it is the same now."""
        key = (token, exchange.probe.query)
        before = self._first.get(key)
        if before is not None and not before.later and before.asked.exchange.answer.body == exchange.answer.body:
            return ()
        reading = read_query(exchange.probe.parameters)
        is_listing = exchange.answer.is_page and exchange.probe.method == "GET" and reading.legality == "valid"
        if not is_listing or reading.page is None or reading.page_size is None:
            return ()
        asked = _Asked(exchange, reading.page, reading.page_size, reading.filters)
        names: list[str] = []
        self._first.pop(key, None)
        for (other, _), first in self._first.items():
            if other == token and len(first.later) < _MOST_BETWEEN:
                first.later.append(asked)
        if asked.number == 1:
            if before is not None and before.asked.ids == asked.ids:
                for later in before.later:
                    names += self._related(before.asked, later)
            self._first[key] = _FirstPage(asked, [])
            if len(self._first) > _MOST_LISTS:
                self._first.popitem(last=False)
        return tuple(names)

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
        self._in_a_row[check.name] = self._in_a_row.get(check.name, 0) + 1 if breaks else 0
        if is_doubtful and self._in_a_row[check.name] < _IN_A_ROW:
            return []
        names = []
        for broken in breaks[:_MOST_BREAKS]:
            finding = Finding(check, broken, exchange)
            self._subjects.add((check.name, broken.subject))
            if len(self._subjects) <= _MOST_FINDINGS:
                self._secrets.learn(exchange.answer.value)
                self._ledger.find(check, broken, _slim(exchange))
            if check.severity != "advice" and not finding.known_among(self._deviations):
                names.append(check.name)
        return names

    def verdict(self) -> Report:
        """The verdict on all that has passed, as `mockserver check` records it."""
        vacuous = "" if self._memory.logs else "no log passed, and an empty answer proves nothing"
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
            vacuous=vacuous,
            remedy="",
        )
        return record(verdict, self._secrets, bodies=False)


def _probe(request: Request, status: int, token: str) -> Probe:
    """A client's request, without its credentials; the path is that of the list or of a log."""
    headers = tuple((name, Value(value)) for name, value in request.headers if not SECRET_NAME.search(name))
    bearer: Bearer = "unknown" if status in (401, 403) else "token" if token else "none"
    item = unquote(request.path.partition(LIST_PATH)[2].strip("/"))
    return Probe((), request.method, headers, bearer, masked_query(request, cleaner(request)), item)


def _slim(exchange: ProbeExchange) -> ProbeExchange:
    """The exchange without a long body: a list has no code that a report could show."""
    answer = exchange.answer
    return exchange if len(answer.body) <= _KEPT else replace(exchange, answer=replace(answer, body=b""))
