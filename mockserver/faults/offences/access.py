"""Requests that are let in without the right, refusals with another status, and refusals that give secrets away."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode
from mockserver.contract.published import DEV_TOKEN
from mockserver.faults.offences.offence import (
    Change,
    Offence,
    Predicate,
    forbidden,
    has_status,
    instead_of,
    senseless,
    when,
)
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply, json_reply

_PAGE = b"<html>Bad request</html>\n"
_WRONG = "Something went wrong."
_TRACE = """Error: invalid input syntax for type bigint
    at /srv/api/node_modules/pg/lib/client.js:52:17
    at async LogQueries.find (/srv/api/build/queries/log.js:31:19)
select "id", "payload" from "logs" where "tenant_id" = $1"""


def offences() -> Iterator[Offence]:
    """Entry, statuses, and what refusals give away."""
    no_token, any_token, any_scope = _is_refused(401, False), _is_refused(401, True), _is_refused(403, True)
    yield senseless("accepted-no-token", "A request without a token is accepted.", when(no_token, _let_in))
    yield senseless("accepted-any-token", "A request with any token is accepted.", when(any_token, _let_in))
    yield senseless("accepted-any-scope", "A token without the scope is accepted.", when(any_scope, _let_in))
    yield from _statuses()
    yield from _secrets()


def _is_refused(status: int, has_token: bool) -> Predicate:
    return lambda page: page.status == status and bool(page.case.request.header("authorization")) is has_token


def _let_in(page: HonestPage) -> Reply:
    """The answer to the same request with a good token."""
    request = page.case.request
    others = tuple(pair for pair in request.headers if pair[0] != "authorization")
    return page.case.ask(request._replace(headers=(*others, ("authorization", f"Bearer {DEV_TOKEN}"))))


def _statuses() -> Iterator[Offence]:
    for status, other in ((401, 403), (403, 401), (401, 400), (401, 404), (401, 500)):
        # The document allows a wrong status that it lists.
        offence = senseless if other in contract().statuses else forbidden
        lacking = "a valid token" if status == 401 else "the scope"
        sentence = f"Without {lacking} the answer is {other}."
        yield offence(f"status-{status}-as-{other}", sentence, instead_of(status, error_reply(other)))
    sentence = "Without a valid token the answer is a redirect to sign in."
    yield forbidden("status-401-as-302", sentence, instead_of(401, Reply(302, (("Location", "/sign-in"),))))
    sentence = "Without a valid token the answer is 200 and no logs."
    yield senseless("status-401-as-empty", sentence, instead_of(401, json_reply(200, [])))


def _secrets() -> Iterator[Offence]:
    trace = encode({"message": _WRONG, "stack": _TRACE})
    for status, suffix in ((400, ""), (401, "-401")):
        sentence = f"A {status} shows the stack trace and the query that failed."
        yield senseless(f"stack-trace{suffix}", sentence, _with_body(status, trace))
    for status, suffix in ((401, ""), (403, "-403")):
        sentence = f"A {status} repeats the Authorization header of the request."
        yield senseless(f"credential-echoed{suffix}", sentence, when(has_status(status), _echoed))
    yield senseless("credential-in-header", "Every answer repeats the token in a header.", _in_header)
    for status, suffix in ((400, ""), (401, "-401")):
        sentence = f"The body of a {status} is a web page, and its Content-Type says JSON."
        yield senseless(f"error-html-as-json{suffix}", sentence, _with_body(status, _PAGE))


def _with_body(status: int, body: bytes) -> Change:
    return when(has_status(status), lambda page: page.plain._replace(body=body))


def _echoed(page: HonestPage) -> Reply | None:
    sent = page.case.request.header("authorization")
    return page.plain._replace(body=encode({"message": _WRONG, "received": sent})) if sent else None


def _in_header(page: HonestPage) -> Reply | None:
    sent = page.case.request.header("authorization")
    return page.case.reply.with_header("X-Debug-Authorization", sent) if sent else None
