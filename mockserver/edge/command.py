"""Commands: what a control route does that takes more than some milliseconds, as a value. The edge carries it out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import encode
from mockserver.http.message import Headers, Reply

# Work that would hold the loop is done outside; what `settled` makes of it comes back into the steps.
Work = Callable[[], Any]
Steps = Generator[Work | None, Any, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """Work in steps of some milliseconds, ended by the answer to it.

    ``steps`` returns the answer; a server answers others between two of them, and does in a thread what a step yields
    as work. ``status`` is that of an answer with a
    body; ``headers`` are added to the reply.
    """

    steps: Steps
    status: int = 200
    headers: Headers = ()

    def with_headers(self, headers: Headers) -> Command:
        """The command with headers for its reply."""
        return replace(self, headers=headers)

    def advance(self, result: Callable[[], Any] | None = None) -> Reply | Work | None:
        """Take one step: the reply when it was the last, by its answer or by what somebody must mend; or work that is
        to be done before the next step, which takes what `settled` makes of it."""
        try:
            return self.steps.send(result)
        except StopIteration as end:
            return answer_reply(end.value, self.status).with_more(self.headers)
        except (MockserverError, Refused) as error:
            return refusal_reply(error).with_more(self.headers)

    def at_once(self) -> Reply:
        """The reply, all steps taken now: what a foreign WSGI server has a thread for."""
        outcome = self.advance()
        while not isinstance(outcome, Reply):
            outcome = self.advance(None if outcome is None else settled(outcome))
        return outcome


def settled(work: Work) -> Callable[[], Any]:
    """What work returns, or the MockserverError that it raises, as a function that does the same at once."""
    try:
        value = work()
    except MockserverError as error:
        failure = error

        def fail() -> Any:
            raise failure

        return fail
    return lambda: value


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


def problem_json(error: MockserverError) -> dict[str, str]:
    """What the client must mend, part by part, so that a form can show it beside the field."""
    return {"place": error.place, "found": error.found, "expected": error.expected, "remedy": error.remedy}
