"""``status``: any status, with the error body of the API."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from mockserver.contract.grammar import parameter
from mockserver.contract.refusals import known_refusal
from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, json_reply


@dataclass(frozen=True, slots=True)
class Status(Fault):
    """That status with Logto's error body."""

    code: int = parameter(help="the status", at_least=200, at_most=999)
    error: str = parameter("", help="the code in the body; left out: the real one of that status, where there is one")
    message: str = parameter("", help="the message in the body; left out: the name of the status")
    retry_after: int | None = parameter(None, help="the Retry-After header", unit="s", at_least=0)

    def disturb(self, case: Case) -> Reply:
        """The error alone: no honest answer is computed."""
        return error_reply(self.code, self.error, self.message, self.retry_after)


def error_reply(status: int, error: str = "", message: str = "", retry_after: int | None = None) -> Reply:
    """An error of the API: ``{"code", "message"}`` as the API itself refuses with that status, where it does.

    Of any other status the message is its name, and there is no code unless ``error`` gives one.
    """
    known = known_refusal(status)
    body = {
        "code": error or (known and known.code),
        "message": message or (known.message if known else _phrase(status)),
    }
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return json_reply(status, {name: value for name, value in body.items() if value}, headers)


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase}."
    except ValueError:
        return f"Status {status}."
