"""The target: the deployment under test. Requests to it are paced, counted and limited by a budget."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from mockserver.judge.answer import Answer, ProbeExchange
from mockserver.judge.connection import Connection
from mockserver.judge.limits import Clock, Limits
from mockserver.judge.probe import Bearer, Probe
from mockserver.judge.route import Address

TIMEOUT = 10.0
# A request is repeated so often after 429 or 503; so many failures in a row end a run.
PATIENCE = 3
FAILURES_IN_A_ROW = 3
# Seconds to wait after the first 429 or 503 without Retry-After; doubled each time.
PAUSE = 0.5
# An answer may come so many seconds after the end of a run.
GRACE = 2.0
# The text of each credential.
Tokens = Mapping[Bearer, Callable[[], str]]


class Spent(Exception):
    """The budget is used up; the message says which."""


class Gone(Exception):
    """The target answers no more; the message says why."""


class Target:
    """Sends probes at a limited rate, repeats those that get 429 or 503, and gives up after three failures in a row.

    ``exchanges`` are those not judged yet, also those of repeated requests; the session judges and removes them.
    """

    def __init__(self, address: Address, limits: Limits, tokens: Tokens, clock: Clock, timeout: float) -> None:
        self.address = address
        self.limits = limits
        self.tokens = tokens
        self.requests = 0
        self.exchanges: list[ProbeExchange] = []
        self._connection = Connection(address, timeout, clock.now)
        self.clock = clock
        self._timeout = timeout
        self._begun = clock.now()
        self._next = self._begun
        self._failures = 0

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return self.clock.now() - self._begun

    def ask(self, probe: Probe) -> Answer:
        """The answer to one probe; raises Spent if the budget is used up, Gone if the target answers no more."""
        answer = self._once(probe)
        for attempt in range(PATIENCE):
            if answer.status not in (429, 503):
                break
            wait = _retry_after(answer)
            wait = PAUSE * 2**attempt if wait is None else wait
            if self.seconds + wait > self.limits.seconds:
                raise Gone(f"the target asks to wait {wait:g} seconds, beyond the {self.limits.seconds:g} of this run")
            self.clock.sleep(wait)
            answer = self._once(probe)
        if answer.status == 429:
            raise Gone("429 again and again, though its Retry-After was obeyed")
        return answer

    def together(self, probes: Sequence[Probe]) -> list[Answer]:
        """The answers to probes of which each is sent before any answer is read, on a connection of its own."""
        # A server with one thread answers the next connection when this one is closed.
        self._connection.close()
        for _ in probes:
            self._spend()
        connections = [Connection(self.address, self._timeout, self.clock.now) for _ in probes]
        for connection, probe in zip(connections, probes, strict=True):
            connection.start(*self._request(probe))
        answers = []
        for connection in connections:
            answers.append(connection.finish())
            connection.close()
        self.exchanges += map(ProbeExchange, probes, answers)
        return answers

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _once(self, probe: Probe) -> Answer:
        self._spend()
        # The last answer of a run must not outlast it for long.
        self._connection.timeout = min(self._timeout, self.limits.seconds - self.seconds + GRACE)
        answer = self._connection.send(*self._request(probe))
        self.exchanges.append(ProbeExchange(probe, answer))
        self._failures = self._failures + 1 if answer.failed else 0
        if self._failures >= FAILURES_IN_A_ROW:
            raise Gone(f"{self._failures} failures in a row, the last: {answer.said()}")
        return answer

    def _request(self, probe: Probe) -> tuple[str, str, list[tuple[str, str]], bytes | None]:
        headers = [(name, value.text) for name, value in probe.headers]
        if probe.bearer in self.tokens:
            headers.insert(0, ("Authorization", f"Bearer {self.tokens[probe.bearer]()}"))
        if not any(name.lower() == "accept" for name, _ in headers):
            headers.append(("Accept", "*/*"))
        return probe.method, probe.on(self.address.path), headers, probe.body

    def _spend(self) -> None:
        if self.requests >= self.limits.requests:
            raise Spent(f"{self.limits.requests} requests are used up")
        wait = self._next - self.clock.now()
        if self.seconds + max(wait, 0) > self.limits.seconds:
            raise Spent(f"{self.limits.seconds:g} seconds are used up")
        if wait > 0:
            self.clock.sleep(wait)
        self.requests += 1
        if self.limits.rate is not None:
            self._next = self.clock.now() + 1 / self.limits.rate


def _retry_after(answer: Answer) -> float | None:
    """The seconds that Retry-After asks for, as a number or a date; None if it asks for none."""
    text = (answer.header("retry-after") or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # RFC 5322, 3.3: -0000 is UTC without a known local zone; Python makes it a date without a zone.
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def wait(addresses: Sequence[Address], seconds: float, clock: Clock) -> None:
    """Wait until each address answers, so many seconds at most. That of a gateway in front of it is no answer."""
    until = clock.now() + seconds
    for address in addresses:
        while (left := until - clock.now()) > 0:
            connection = Connection(address, min(TIMEOUT, left), clock.now)
            answer = connection.send("GET", address.path, [])
            connection.close()
            if answer.status not in (0, 502, 503, 504):
                break
            clock.sleep(min(PAUSE, left))
