"""The passive judge: the local checks for answers to others' requests, in plain Schemathesis runs and in tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.document import LIST_PATH
from mockserver.judge.answer import Answer, ProbeExchange
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.checks.check import Context, SeenLogs
from mockserver.judge.findings import Finding
from mockserver.judge.known import Deviation
from mockserver.judge.probe import Probe, Value
from mockserver.judge.secrets import Secrets
from mockserver.judge.validator import converted


class PassiveJudge:
    """Judges answers one by one, and remembers the logs in them. It ignores known ``deviations``."""

    def __init__(self, deviations: tuple[Deviation, ...] = ()) -> None:
        self._deviations = deviations
        self._memory = SeenLogs()

    def breaks(self, response: Any, names: Collection[str] = CHECKS) -> Iterator[Finding]:
        """The named checks that a response of requests, httpx, werkzeug or Schemathesis breaks."""
        exchange, credentials = exchange_of(response)
        context = Context(exchange, self._memory, credentials)
        for check in LOCAL:
            for broken in (check(context) or ()) if check.name in names else ():
                finding = Finding(check, broken, exchange)
                if not finding.known_among(self._deviations):
                    yield finding
        self._memory.learn(exchange.answer.logs)

    def assert_kept(self, response: Any) -> None:
        """Raise AssertionError that names every check a response breaks, except advice."""
        findings = [str(finding) for finding in self.breaks(response) if finding.check.severity != "advice"]
        if findings:
            raise AssertionError("\n".join(findings))


def exchange_of(response: Any) -> tuple[ProbeExchange, Secrets]:
    """A response as an exchange, and the credential in its request.

    If the token was refused, nobody can tell whether it was valid: ``bearer`` is then ``unknown``.
    """
    answer = converted(response)
    request = answer.request
    # Schemathesis 4.32 repeats the query when it makes a request of a werkzeug response.
    parts = urlsplit(str(response.request.url))
    authorization = str(request.headers.get("Authorization", ""))
    credentials = Secrets()
    if authorization:
        credentials.add_credential(authorization.split()[-1], "MOCKSERVER_TOKEN")
    headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization"}
    probe = Probe(
        method=str(request.method),
        headers=tuple((name, Value(str(value))) for name, value in headers.items()),
        bearer="unknown" if answer.status_code in (401, 403) else "token",
        raw=parts.query,
        item=parts.path.rpartition(LIST_PATH)[2].lstrip("/"),
    )
    pairs = tuple((name, value) for name, values in answer.headers.items() for value in values)
    return ProbeExchange(probe, Answer(answer.status_code, pairs, answer.content, answer.elapsed)), credentials
