"""The target: the deployment under test. Requests to it are paced, counted and limited by a budget."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mockserver.judge.answer import Answer
from mockserver.judge.connection import Address, Connection
from mockserver.judge.limits import Clock, Limits
from mockserver.judge.probe import Bearer, Probe

TIMEOUT = 10.0
# A request is repeated so often after 429 or 503; so many failures in a row end a run.
PATIENCE = 3
FAILURES_IN_A_ROW = 3
# Seconds to wait after the first 429 or 503 without Retry-After; doubled each time.
PAUSE = 0.5


class Spent(Exception):
    """The budget is used up; the message says which."""


class Gone(Exception):
    """The target answers no more; the message says why."""


class Target:
    """Sends probes at a limited rate, repeats those that get 429 or 503, and gives up after three failures in a row.

    ``tokens`` return the text of each credential; ``notice`` receives each answer, also those to repeated requests.
    """

    def __init__(
        self,
        address: Address,
        limits: Limits,
        tokens: Mapping[Bearer, Callable[[], str]],
        clock: Clock,
        notice: Callable[[Probe, Answer], None],
        timeout: float = TIMEOUT,
    ) -> None:
        self.address = address
        self.limits = limits
        self.requests = 0
        self._connection = Connection(address, timeout, clock.now)
        self._tokens = tokens
        self._clock = clock
        self._notice = notice
        self._begun = clock.now()
        self._next = self._begun
        self._failures = 0
        self._reserve = 0

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return self._clock.now() - self._begun

    def reserve(self, requests: int) -> None:
        """Keep so many requests of the budget for later, at most a quarter of it; 0 releases them."""
        self._reserve = min(requests, self.limits.requests // 4)

    def has(self, bearer: Bearer) -> bool:
        """Whether the run has such a credential."""
        return bearer in self._tokens

    def token(self) -> str:
        """The text of the token."""
        return self._tokens["token"]()

    def ask(self, probe: Probe) -> Answer:
        """The answer to one probe; raises Spent if the budget is used up, Gone if the target answers no more."""
        answer = self._once(probe)
        for attempt in range(PATIENCE):
            if answer.status not in (429, 503):
                break
            wait = _retry_after(answer)
            self._pause(PAUSE * 2**attempt if wait is None else wait)
            answer = self._once(probe)
        if answer.status == 429:
            raise Gone("429 again and again, though its Retry-After was obeyed")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _once(self, probe: Probe) -> Answer:
        self._spend()
        headers = [(name, value.text) for name, value in probe.headers]
        if probe.bearer in self._tokens:
            headers.insert(0, ("Authorization", f"Bearer {self._tokens[probe.bearer]()}"))
        if not any(name.lower() == "accept" for name, _ in headers):
            headers.append(("Accept", "*/*"))
        answer = self._connection.send(probe.method, self.address.path + probe.below, headers, probe.body)
        self._notice(probe, answer)
        self._count_failures(answer)
        return answer

    def _spend(self) -> None:
        if self.requests >= self.limits.requests - self._reserve:
            raise Spent(f"{self.limits.requests} requests are used up")
        wait = self._next - self._clock.now()
        if self.seconds + max(wait, 0) > self.limits.seconds:
            raise Spent(f"{self.limits.seconds:g} seconds are used up")
        if wait > 0:
            self._clock.sleep(wait)
        self.requests += 1
        if self.limits.rate is not None:
            self._next = self._clock.now() + 1 / self.limits.rate

    def _pause(self, wait: float) -> None:
        if self.seconds + wait > self.limits.seconds:
            raise Gone(f"the target asks to wait {wait:g} seconds, beyond the {self.limits.seconds:g} of this run")
        self._clock.sleep(wait)

    def _count_failures(self, answer: Answer) -> None:
        self._failures = self._failures + 1 if answer.failed else 0
        if self._failures >= FAILURES_IN_A_ROW:
            raise Gone(f"{self._failures} failures in a row, the last: {answer.said()}")


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
