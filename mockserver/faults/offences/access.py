"""Requests that are let in without the right, refusals with another status, and refusals that give secrets away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode
from mockserver.contract.published import DEV_TOKEN
from mockserver.faults.offences.changes import Change, Predicate, has_status, instead_of, when
from mockserver.faults.offences.offence import Given, Offence, Product, beside, listed, parameters, where
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply, json_reply

_PAGE = b"<html>Bad request</html>\n"
_WRONG = "Something went wrong."
_TRACE = """Error: invalid input syntax for type bigint
    at /srv/api/node_modules/pg/lib/client.js:52:17
    at async LogQueries.find (/srv/api/build/queries/log.js:31:19)
select "id", "payload" from "logs" where "tenant_id" = $1"""
_LOCAL = ("x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "x-forwarded-host")

# Which token a caller is taken to have, by the page and its Authorization; empty if the door stays closed.
Door = Callable[[HonestPage, str], str]


def _like(pattern: str) -> Door:
    """A door for every refused Authorization of a form."""
    return lambda page, sent: DEV_TOKEN if page.status == 401 and re.fullmatch(pattern, sent, re.DOTALL) else ""


def _local(page: HonestPage, sent: str) -> str:
    return DEV_TOKEN if any("127." in (page.case.request.header(name) or "") for name in _LOCAL) else ""


# The header of an unsigned token begins with {"alg":"none, and base64 of an object with eyJ.
_DOORS: dict[str, Door] = {
    "no-token": lambda page, sent: "" if sent else DEV_TOKEN, "any-token": _like(".+"),
    "any-scope": lambda page, sent: DEV_TOKEN if page.status == 403 else "",
    "unsigned": _like(r"Bearer eyJhbGciOiJub25lI\w*\..*"),
    "empty-signature": _like(r"Bearer eyJ(?!hbGciOiJub25l)[^.]*\.eyJ[^.]*\."),
    "forged": _like(r"Bearer eyJ.*\.eyJ.*\..+"), "local": _local,
    "bare": lambda page, sent: "" if " " in sent else sent,
    "basic": lambda page, sent: sent.removeprefix("Basic ") if sent.startswith("Basic ") else "",
}  # fmt: skip
# How logs get out: the whole answer, or a refusal with some of it.
_LEAKS: dict[str, Callable[[Reply, Reply], Reply]] = {
    "": lambda refusal, granted: granted,
    "in-body": lambda refusal, granted: refusal._replace(body=granted.body),
    "in-total": lambda refusal, granted: refusal.with_header("Total-Number", granted.header("Total-Number")),
}


def offences() -> Iterator[Offence]:
    """Entry, then statuses, and what refusals give away."""
    methods = {"": "GET", "HEAD": "HEAD", "OPTIONS": "OPTIONS"}
    given, by = parameters(*contract().parameters), beside()
    yield from Product(
        "accepted", {"door": _DOORS, "parameter": given, "by": by, "method": methods, "leak": _LEAKS}, _door
    )
    trace = encode({"message": _WRONG, "stack": _TRACE})
    yield from listed({
        **{f"status-401-as-{other}": instead_of(401, error_reply(other)) for other in (403, 400, 404, 500)},
        "status-403-as-401": instead_of(403, error_reply(401)),
        "status-401-as-302": instead_of(401, Reply(302, (("Location", "/sign-in"),))),
        "status-401-as-empty": instead_of(401, json_reply(200, [])),
        "broken-by-long-token": when(_shows(".{2000,}"), lambda page: error_reply(500)),
        "broken-by-odd-token": when(_shows(r".*[^\x00-\x7f].*"), lambda page: error_reply(500)),
        "stack-trace": _with_body(400, trace), "stack-trace-401": _with_body(401, trace),
        "credential-echoed": when(has_status(401), _echoed), "credential-echoed-403": when(has_status(403), _echoed),
        "credential-in-header": _in_header, "error-html-as-json": _with_body(400, _PAGE),
        "error-html-as-json-401": _with_body(401, _PAGE), "markup-echoed": when(has_status(400), _marked_up),
    })  # fmt: skip


def _door(door: Door, parameter: Given, by: Given, method: str, leak: Callable[[Reply, Reply], Reply]) -> Change | None:
    place, other_leak, other_method = where(parameter, by), leak is not _LEAKS[""], method != "GET"
    no_scheme = door in (_DOORS["bare"], _DOORS["basic"])
    # HEAD has no body, OPTIONS needs no token so that only logs are a break, and a scheme is judged by pages alone.
    if (
        place is None
        or (no_scheme and (other_leak or other_method))
        or (method == "HEAD" and leak is _LEAKS["in-body"])
        or (method == "OPTIONS" and (other_leak or door is not _DOORS["no-token"]))
    ):
        return None

    def change(page: HonestPage) -> Reply | None:
        request = page.case.request
        if request.method != method or not page.is_list or not place(page):
            return None
        if not (token := door(page, request.header("authorization") or "")):
            return None
        others = tuple(pair for pair in request.headers if pair[0] not in ("authorization", "if-none-match"))
        entitled = request._replace(headers=(*others, ("authorization", f"Bearer {token}")))
        granted = page.case.ask(entitled._replace(method="GET" if method == "OPTIONS" else method))
        return leak(page.plain, granted) if granted.status == 200 else None

    return change


def _shows(pattern: str) -> Predicate:
    return lambda page: bool(re.fullmatch(pattern, page.case.request.header("authorization") or "", re.DOTALL))


def _with_body(status: int, body: bytes) -> Change:
    return when(has_status(status), lambda page: page.plain._replace(body=body))


def _marked_up(page: HonestPage) -> Reply:
    return Reply(400, (("Content-Type", "text/html"),), " ".join(page.query.values()).encode())


def _echoed(page: HonestPage) -> Reply | None:
    sent = page.case.request.header("authorization")
    return page.plain._replace(body=encode({"message": _WRONG, "received": sent})) if sent else None


def _in_header(page: HonestPage) -> Reply | None:
    sent = page.case.request.header("authorization")
    return page.case.reply.with_header("X-Debug-Authorization", sent) if sent else None
