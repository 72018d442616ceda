"""The target: the deployment under test, asked gently and never beyond a budget."""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mockserver.judge.address import Address
from mockserver.judge.answer import Answer
from mockserver.judge.connection import Connection
from mockserver.judge.limits import Clock, Limits
from mockserver.judge.probe import Bearer, Probe

TIMEOUT = 10.0
# So many times one request is asked again after 429 or 503, and so many failures in a row end a run.
PATIENCE = 3
FAILURES_IN_A_ROW = 3
# Waited after 429 or 503 that name no time, doubled each time.
PAUSE = 0.5


class Spent(Exception):
    """The budget is used up; the message says which."""


class Gone(Exception):
    """Nothing more is to be had of the target; the message says why."""


class Target:
    """Sends probes: paced, counted, patient with 429 and 503, and ended by three failures in a row.

    ``tokens`` give the text of each credential when asked; ``notice`` is told of each answer, also of those that
    are asked again.
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
        self._wire = Connection(address, timeout, clock.now)
        self._tokens = tokens
        self._clock = clock
        self._notice = notice
        self._begun = clock.now()
        self._next = self._begun
        self._failures = 0
        self._reserve = 0

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return self._clock.now() - self._begun

    def reserve(self, requests: int) -> None:
        """Keep so many requests of the budget for later; 0 gives them free."""
        self._reserve = min(requests, self.limits.requests // 4)

    def has(self, bearer: Bearer) -> bool:
        """Whether there is such a credential to show."""
        return bearer in self._tokens

    def token(self) -> str:
        """The text of the token."""
        return self._tokens["token"]()

    def ask(self, probe: Probe) -> Answer:
        """The answer to one probe; raises Spent or Gone where there can be none."""
        answer = self._once(probe)
        for attempt in range(PATIENCE):
            if answer.status not in (429, 503):
                break
            self._pause(_retry_after(answer), PAUSE * 2**attempt)
            answer = self._once(probe)
        if answer.status == 429:
            raise Gone("429 again and again, though its Retry-After was obeyed")
        return answer

    def close(self) -> None:
        """Leave the target."""
        self._wire.close()

    def _once(self, probe: Probe) -> Answer:
        self._spend()
        headers = [(name, value.text) for name, value in probe.headers]
        if probe.bearer in self._tokens:
            headers.insert(0, ("Authorization", f"Bearer {self._tokens[probe.bearer]()}"))
        if not any(name.lower() == "accept" for name, _ in headers):
            headers.append(("Accept", "*/*"))
        answer = self._wire.send(probe.method, self.address.path + probe.below, headers, probe.body)
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

    def _pause(self, asked: float | None, otherwise: float) -> None:
        wait = otherwise if asked is None else asked
        if self.seconds + wait > self.limits.seconds:
            raise Gone(f"the target asks to wait {wait:g} seconds, beyond the {self.limits.seconds:g} of this run")
        self._clock.sleep(wait)

    def _count_failures(self, answer: Answer) -> None:
        self._failures = self._failures + 1 if answer.status == 0 or answer.status >= 500 else 0
        if self._failures >= FAILURES_IN_A_ROW:
            raise Gone(f"{self._failures} failures in a row, the last: {answer.said()}")


def _retry_after(answer: Answer) -> float | None:
    """The seconds that Retry-After asks for, given as a number or a date; None where it asks for none."""
    text = (answer.header("retry-after") or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # RFC 5322, 3.3: -0000 is UTC, of which nobody says where it was taken.
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
