"""``status``: any status, with an error body as Logto has it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from mockserver.contract.grammar import parameter
from mockserver.contract.refusals import known_refusal
from mockserver.faults.fault import Case, Fault
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
