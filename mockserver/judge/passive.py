"""The witness: the local checks for answers that others asked for, in plain Schemathesis runs and in tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.document import LIST_PATH
from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.checks.check import CHECKS
from mockserver.judge.checks.context import context
from mockserver.judge.checks.local import LOCAL, LocalCheck
from mockserver.judge.findings import Finding
from mockserver.judge.known import Deviation
from mockserver.judge.probe import Probe
from mockserver.judge.secrets import Secrets
from mockserver.judge.seen import SeenLogs
from mockserver.judge.validator import converted
from mockserver.judge.value import Value


@dataclass(frozen=True, slots=True)
class PassiveFinding:
    """A rule that an answer breaks, and how."""

    rule: str
    broken: Break

    def __str__(self) -> str:
        told = CHECKS[self.rule]
        how = f"Expected: {self.broken.expected}. Came: {self.broken.came}."
        return f"{self.rule} ({told.severity}): {told.sentence} {how}"


class PassiveJudge:
    """Judges answers one by one, and remembers what they showed; known ``deviations`` are passed over."""

    def __init__(self, deviations: tuple[Deviation, ...] = ()) -> None:
        self._deviations = deviations
        self._memory = SeenLogs()

    def breaks(self, response: Any, rules: Collection[str] = CHECKS) -> Iterator[PassiveFinding]:
        """The rules, of those named, that a response of requests, httpx, werkzeug or Schemathesis breaks."""
        exchange, credentials = exchange_of(response)
        seen = context(exchange, self._memory, credentials)
        for check in LOCAL:
            if check.rule in rules:
                for broken in check.judge(seen) or ():
                    if not self._known(check, broken, exchange):
                        yield PassiveFinding(check.rule, broken)
        self._memory.learn(exchange.answer.logs)

    def assert_kept(self, response: Any) -> None:
        """Raise AssertionError that names every rule a response breaks; advice is none."""
        found = [str(each) for each in self.breaks(response) if CHECKS[each.rule].severity != "advice"]
        if found:
            raise AssertionError("\n".join(found))

    def _known(self, check: LocalCheck, broken: Break, exchange: ProbeExchange) -> bool:
        evidence = Finding(CHECKS[check.rule], broken, exchange).evidence()
        return any(d.rule == check.rule and d.explains(exchange.probe, evidence) for d in self._deviations)


def exchange_of(response: Any) -> tuple[ProbeExchange, Secrets]:
    """A response as an exchange, and what it was shown; whether a refused token was a good one, nobody can tell."""
    came = converted(response)
    sent = came.request
    # Of a werkzeug response, Schemathesis 4.32 makes a request with its query twice.
    parts = urlsplit(str(response.request.url))
    shown = str(sent.headers.get("Authorization", ""))
    credentials = Secrets()
    if shown:
        credentials.add_credential(shown.split()[-1], "MOCKSERVER_TOKEN")
    item = parts.path.rpartition(LIST_PATH)[2].lstrip("/")
    headers = tuple(
        (name, Value(str(value))) for name, value in sent.headers.items() if name.lower() != "authorization"
    )
    refused = came.status_code in (401, 403)
    probe = Probe(
        method=str(sent.method), headers=headers, bearer="none" if refused else "token", raw=parts.query, item=item
    )
    pairs = tuple((name, value) for name, values in came.headers.items() for value in values)
    return ProbeExchange(probe, Answer(came.status_code, pairs, came.content, came.elapsed)), credentials
