"""Commands: what a control route does that takes more than some milliseconds, as a value. The edge carries it out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import encode
from mockserver.http.message import Headers, Reply

Result = TypeVar("Result")
# Each step yields the seconds to wait before the next; the last returns the result.
Steps = Generator[float, None, Result]


class ProblemJson(TypedDict):
    """What to mend; any member may be empty."""

    place: str
    found: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Command:
    """Work in steps of some milliseconds, ended by the answer to it.

    ``steps`` returns the answer; a server answers others between two of them, and does in a thread what a step yields
    as work. ``status`` is that of an answer with a body; ``headers`` are added to the reply; ``wait`` is how many
    seconds it is held back, where the server can do that without holding others.
    """

    steps: Steps[Any]
    status: int = 200
    headers: Headers = ()
    wait: float = 0.0

    def advance(self) -> Reply | float:
        """Take one step; the seconds until the next, or the reply when it was the last: its answer, or what somebody
        must mend."""
        try:
            return next(self.steps)
        except StopIteration as end:
            reply = answer_reply(end.value, self.status)
        except (MockserverError, Refused) as error:
            reply = refusal_reply(error)
        return reply.with_more(self.headers).sent(wait=self.wait)

    async def carried_out(self) -> Reply:
        """The reply, others having their turn between two steps."""
        with closing(self.steps):
            while not isinstance(reply := self.advance(), Reply):
                await asyncio.sleep(reply)
        return reply

    def at_once(self) -> Reply:
        """The reply, all steps taken now: what a foreign WSGI server has a thread for."""
        while not isinstance(reply := self.advance(), Reply):
            time.sleep(reply)
        return reply


def settle(outcome: Future[Result], act: Callable[[], Result]) -> None:
    """Keep what ``act`` returns or raises, for another thread that waits for it."""
    try:
        outcome.set_result(act())
    except BaseException as error:
        outcome.set_exception(error)


def answer_reply(answer: Any, status: int = 200) -> Reply:
    """The reply to an action's answer: None is 204 without a body, and bytes are JSON text already."""
    if answer is None:
        return Reply(204)
    body = answer if isinstance(answer, bytes) else encode(answer)
    return Reply(status, (("Content-Type", "application/json"),), body)


def refusal_reply(error: MockserverError | Refused) -> Reply:
    """The reply to what somebody must mend (400, part by part), or to what the API refuses."""
    if isinstance(error, Refused):
        parts = {"code": error.code, "message": error.message, "data": error.data}
        return answer_reply({name: value for name, value in parts.items() if value is not None}, error.status)
    return answer_reply({"code": "admin.invalid_input", "message": str(error), "data": problem_json(error)}, 400)


def problem_json(error: MockserverError) -> ProblemJson:
    """What the client must mend, part by part, so that a form can show it beside the field."""
    return {"place": error.place, "found": error.found, "expected": error.expected, "remedy": error.remedy}
