"""Faults of the status: any error, a rate limit, and an outage, with error bodies as Logto has them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.contract.refusals import known_refusal
from mockserver.faults.fault import MOST_SECONDS, Case, Fault, Tally
from mockserver.http.message import Reply, json_reply

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Status(Fault):
    """The status, with an error body as Logto has it."""

    code: int = parameter(help="the status", at_least=200, at_most=999)
    error: str = parameter("", help="the code in the body; default: the one that Logto has for the status, if any")
    message: str = parameter(
        "", help="the message in the body; default: the one that Logto has, else the name of the status"
    )
    retry_after: int | None = parameter(None, help="the Retry-After header", unit="s", at_least=0)

    def disturb(self, case: Case) -> Reply:
        """The error; the honest answer is not computed."""
        return error_reply(self.code, self.error, self.message, self.retry_after)


def error_reply(status: int, error: str = "", message: str = "", retry_after: int | None = None) -> Reply:
    """An error as the API has it, ``{"code", "message"}``: the real ones when the API itself refuses with that status.

    For other statuses the message is the name of the status, and there is no code unless ``error`` gives one.
    ``retry_after``: seconds, for the header of that name.
    """
    known = known_refusal(status)
    body = {
        "code": error or (known and known.code),
        "message": message or (known.message if known else f"{_PHRASES.get(status, f'Status {status}')}."),
    }
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return json_reply(status, {name: value for name, value in body.items() if value}, headers)


@dataclass(frozen=True, slots=True)
class RateLimit(Fault):
    """429 with Retry-After for requests above the limit."""

    limit: int = parameter(help="requests that pass in each window", at_least=0)
    window: float = parameter(60.0, help="the length of a window", unit="s", at_least=0.001, at_most=MOST_SECONDS)

    def strikes(self, now: float, tally: Tally) -> bool:
        """Count one request of the window that ``now`` is in; True above the limit. The first window began in 1970."""
        current = int(now // self.window)
        if tally.window != current:
            tally.window, tally.in_window = current, 0
        tally.in_window += 1
        return tally.in_window > self.limit

    def disturb(self, case: Case) -> Reply:
        """Retry-After, in whole seconds and at least 1, is not before the next window."""
        return error_reply(429, retry_after=max(1, math.ceil(self.window - case.now % self.window)))


@dataclass(frozen=True, slots=True)
class Outage(Fault):
    """503 during windows of time that recur."""

    period: float = parameter(help="from the start of one outage to the next", unit="s", at_least=0.001, at_most=86_400)
    duration: float = parameter(help="how long each outage lasts", unit="s", at_least=0, at_most=MOST_SECONDS)

    def __post_init__(self) -> None:
        if self.duration > self.period:
            raise MockserverError("outage: duration", f"{self.duration:g}", f"at most period, which is {self.period:g}")

    def strikes(self, now: float, tally: Tally) -> bool:
        """Whether ``now`` is in an outage; they start at multiples of the period since 1970."""
        return now % self.period < self.duration

    def disturb(self, case: Case) -> Reply:
        """Retry-After, in whole seconds and at least 1, is not before the end of the outage."""
        return error_reply(503, retry_after=max(1, math.ceil(self.duration - case.now % self.period)))
