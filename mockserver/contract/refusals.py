"""Refusals: the API's own answers to what it does not serve. Each has one code and one text, wherever it is made.

The codes are ``x-observed`` facts of the document: clients rely on them. The texts are this house's own.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused


def invalid_query(detail: str = "", data: Any = None) -> Refused:
    """400 for a parameter that does not read; ``detail`` says which."""
    return Refused(400, contract().fact("input-code"), _sentence("The query is invalid", detail), data)


def invalid_page(detail: str) -> Refused:
    """400 for a page or page_size that is none."""
    return Refused(400, contract().fact("pagination-code"), _sentence("The pagination is invalid", detail))


def refused_token(detail: str = "", data: Any = None) -> Refused:
    """401 for a token that does not hold; ``detail`` says why."""
    return Refused(
        401, contract().fact("unauthorized-codes")["token"], _sentence("The token was refused", detail), data
    )


def forbidden() -> Refused:
    """403 for a token without the scope."""
    fact = contract().fact("forbidden-code")
    return Refused(403, fact["code"], f"Forbidden: the token has no scope {fact['scope']}.")


def missing() -> Refused:
    """404 for an id that no log has."""
    return Refused(404, contract().fact("missing-code"), "No log has this id.")


def no_offset() -> Refused:
    """422 for a page and a page_size that give no whole offset."""
    fact = contract().fact("offset-refusal")
    return Refused(fact["status"], fact["code"], "The input is invalid: page and page_size give no whole offset.")


def broken() -> Refused:
    """500 as a real deployment answers when something breaks inside: a message alone."""
    return Refused(500, None, "Internal server error.")


def known_refusal(status: int) -> Refused | None:
    """The refusal that this API is known to answer with a status; None where none was seen."""
    made = (invalid_query(), refused_token(), forbidden(), missing(), no_offset(), broken())
    return next((refusal for refusal in made if refusal.status == status), None)


def _sentence(text: str, detail: str) -> str:
    return f"{text}: {detail}." if detail else f"{text}."
