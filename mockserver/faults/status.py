"""``status``: any status, with the error body of the API."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.grammar import parameter
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
    """An error of the API: ``{"code", "message"}``, without code where none is known, as a real deployment's 500."""
    body = {"code": error or known_code(status), "message": message or _phrase(status)}
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return json_reply(status, {name: value for name, value in body.items() if value}, headers)


def known_code(status: int) -> str | None:
    """The code that real deployments send with a status: x-observed in the contract; None where none was seen."""
    fact = contract().fact
    known: dict[int, Any] = {
        400: fact("input-code"),
        401: fact("unauthorized-codes")["token"],
        403: fact("forbidden-code")["code"],
        404: fact("missing-code"),
        fact("offset-refusal")["status"]: fact("offset-refusal")["code"],
    }
    return known.get(status)


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase}."
    except ValueError:
        return f"Status {status}."
