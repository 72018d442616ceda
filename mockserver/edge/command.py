"""Commands: what a control route wants done, as a value. The edge carries it out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import encode
from mockserver.http.message import Headers, Reply

Steps = Generator[None, None, Reply]


@dataclass(frozen=True, slots=True)
class Command:
    """Work of more than some milliseconds, in steps of no more, ended by the reply to it.

    ``work`` begins the work; between two of its steps the server answers others. ``headers`` are added to the reply.
    """

    work: Callable[[], Steps]
    headers: Headers = ()

    def steps(self) -> Steps:
        """The work, with what somebody must mend turned into the reply that says so."""
        try:
            return (yield from self.work())
        except MockserverError as error:
            return invalid(error)
        except Refused as refusal:
            return refused(refusal)

    def finished(self, reply: Reply) -> Reply:
        """The reply with the headers of every reply of the route."""
        return reply.with_more(self.headers)

    def with_headers(self, headers: Headers) -> Command:
        """The command with headers for its reply."""
        return replace(self, headers=headers)

    def at_once(self) -> Reply:
        """The reply, all steps taken now: what a foreign WSGI server has a thread for."""
        steps = self.steps()
        try:
            while True:
                next(steps)
        except StopIteration as end:
            reply: Reply = end.value
            return reply


def as_json(value: object, status: int = 200) -> Reply:
    """A value as the reply of the control API."""
    return Reply(status, (("Content-Type", "application/json"),), encode(value))


def invalid(error: MockserverError) -> Reply:
    """400 with what was found, what was expected and what to do."""
    data = {"place": error.place, "found": error.found, "expected": error.expected, "remedy": error.remedy}
    return as_json({"code": "admin.invalid_input", "message": str(error), "data": data}, 400)


def refused(refusal: Refused) -> Reply:
    """A refusal of the control API."""
    parts = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
    return as_json({name: value for name, value in parts.items() if value is not None}, refusal.status)
