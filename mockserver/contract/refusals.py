"""Refusals: the API's own answers to what it does not serve. Each has one code and one text, wherever it is made.

The codes are ``x-observed`` facts of the document: clients rely on them. The codes ``request.*`` and ``tenant.*``, and
all texts, are this project's own.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import ITEM_PATH, LIST_PATH, contract
from mockserver.contract.errors import Refused


def invalid_query(detail: str = "", data: Any = None) -> Refused:
    """400 for a parameter that does not read; ``detail`` says which."""
    return Refused(400, contract().fact("input-code"), _sentence("The query is invalid", detail), data)


def invalid_page(detail: str) -> Refused:
    """400 for a page or page_size that is not allowed."""
    return Refused(400, contract().fact("pagination-code"), _sentence("The pagination is invalid", detail))


def invalid_window(code: str) -> Refused:
    """400 for a window of time that starts after its end; ``code`` is that of the profile."""
    return Refused(400, code, "The time window is invalid: it starts after its end.")


def invalid_target() -> Refused:
    """400 for a request target with raw bytes beyond ASCII."""
    message = "The request target holds bytes that are not ASCII: percent-encode them."
    return Refused(400, "request.invalid_target", message)


def invalid_host(authority: str) -> Refused:
    """400 for a Host that is no host (RFC 9112, 3.2)."""
    return Refused(400, "request.invalid_host", f"The Host {authority[:40]!r} is no host: expected a name and a port.")


def misdirected(host: str) -> Refused:
    """421 for a request that a proxy for one deployment forwards nowhere (RFC 9110, 15.5.20)."""
    message = f"This server forwards to one deployment alone, not to {host[:40]!r}: ask it by its own name, for a path."
    return Refused(421, "request.misdirected", message)


def invalid_tenant(name: str) -> Refused:
    """400 for a text that cannot be the name of a tenant."""
    expected = f"expected 1 to {contract().longest_tenant} of a-z, 0-9 and -"
    return Refused(400, "tenant.invalid_name", f"The tenant {name[:40]!r} is no name: {expected}.")


def missing_token() -> Refused:
    """401 for a request without an Authorization header."""
    message = "The Authorization header is missing: send `Authorization: Bearer TOKEN`."
    return Refused(401, _unauthorized_code("missing"), message)


def unsupported_scheme(scheme: str) -> Refused:
    """401 for an Authorization header of another scheme than ``scheme``."""
    message = f"The authorization type is not supported: expected {scheme}, in exactly this case."
    return Refused(401, _unauthorized_code("scheme"), message, {"supportedTypes": [scheme]})


def refused_token(detail: str = "", data: Any = None) -> Refused:
    """401 for a token that is not accepted; ``detail`` says why."""
    return Refused(401, _unauthorized_code("token"), _sentence("The token was refused", detail), data)


def wrong_types(received: str, *paths: list[str]) -> dict[str, Any]:
    """The data of a refusal because a value at each path is no text but ``received``, as a real deployment gives it."""
    issue = {"code": "invalid_type", "expected": "string", "received": received}
    message = f"a string is expected, this is of type {received}"
    return {"issues": [{**issue, "path": path, "message": message} for path in paths], "name": "ZodError"}


def missing_subject() -> Refused:
    """401 for a token that names nobody."""
    return Refused(401, _unauthorized_code("subject"), "The token has no subject.")


def forbidden() -> Refused:
    """403 for a token without the scope."""
    fact = contract().fact("forbidden-code")
    return Refused(403, fact["code"], f"Forbidden: the token has no scope {fact['scope']}.")


def missing() -> Refused:
    """404 for an id that no log has."""
    return Refused(404, contract().fact("missing-code"), "No log has this id.")


def no_such_path() -> Refused:
    """404 for a path outside the API."""
    served = f"this mock serves {LIST_PATH} and {ITEM_PATH.format(id='ID')}"
    return Refused(404, "request.not_found", f"No such path: {served}; a page to look at is /__admin/.")


def method_not_allowed(method: str, allowed: str) -> Refused:
    """405 for a method that the API does not have; ``allowed`` is the value of Allow."""
    message = f"The method {method[:20]} is not allowed: {allowed} are."
    return Refused(405, "request.method_not_allowed", message)


def no_offset() -> Refused:
    """422 for a page and a page_size that give no whole offset."""
    fact = contract().fact("offset-refusal")
    return Refused(fact["status"], fact["code"], "The input is invalid: page and page_size give no whole offset.")


def broken() -> Refused:
    """500 as a real deployment answers when something breaks inside: a message alone."""
    return Refused(500, None, "Internal server error.")


def known_refusal(status: int) -> Refused | None:
    """The refusal that this API is known to answer with a status; None when none is known."""
    refusals = (invalid_query(), refused_token(), forbidden(), missing(), no_offset(), broken())
    return next((refusal for refusal in refusals if refusal.status == status), None)


def _unauthorized_code(reason: str) -> str:
    code: str = contract().fact("unauthorized-codes")[reason]
    return code


def _sentence(text: str, detail: str) -> str:
    return f"{text}: {detail}." if detail else f"{text}."
