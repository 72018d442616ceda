"""Who gets in and should not, what a refusal is called, and what it gives away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.jsontext import encode
from mockserver.contract.published import DEV_TOKEN
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import Change, Offence, forbidden, senseless, when
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply, json_reply

_PAGE = b"<html>Bad request</html>\n"
_TRACE = """Error: invalid input syntax for type bigint
    at /srv/api/node_modules/pg/lib/client.js:52:17
    at async LogQueries.find (/srv/api/build/queries/log.js:31:19)
select "id", "payload" from "logs" where "tenant_id" = $1"""


def offences() -> Iterator[Offence]:
    """Entry, statuses, and what refusals tell."""
    yield senseless("accepted-no-token", "No token is needed.", _let_in(lambda header: not header))
    yield senseless("accepted-any-token", "Any token will do.", _let_in(bool, 401))
    yield senseless("accepted-any-scope", "A token without the scope will do.", _let_in(bool, 403))
    yield senseless("status-401-as-403", "Without a valid token the answer is 403.", _instead(401, error_reply(403)))
    yield senseless("status-403-as-401", "Without the scope the answer is 401.", _instead(403, error_reply(401)))
    yield senseless("status-401-as-400", "Without a valid token the answer is 400.", _instead(401, error_reply(400)))
    yield forbidden("status-401-as-404", "Without a valid token the answer is 404.", _instead(401, error_reply(404)))
    yield forbidden("status-401-as-500", "Without a valid token the answer is 500.", _instead(401, error_reply(500)))
    yield forbidden(
        "status-401-as-302",
        "Without a valid token the answer is a redirect to sign in.",
        _instead(401, Reply(302, (("Location", "/sign-in"),))),
    )
    yield senseless(
        "status-401-as-empty",
        "Without a valid token the answer is 200 and no logs.",
        _instead(401, json_reply(200, [])),
    )
    yield from _told()


def _let_in(is_wanted: Callable[[str], bool], status: int = 401) -> Change:
    """The change that answers a refused request as if it had come with a good token."""

    def apply(case: Case) -> Reply | None:
        if case.plain.status != status or not is_wanted(case.request.header("authorization") or ""):
            return None
        others = tuple(pair for pair in case.request.headers if pair[0] != "authorization")
        return case.ask(case.request._replace(headers=(*others, ("authorization", f"Bearer {DEV_TOKEN}"))))

    return apply


def _instead(status: int, reply: Reply) -> Change:
    return when(lambda case: case.plain.status == status, lambda case: reply)


def _told() -> Iterator[Offence]:
    yield senseless(
        "stack-trace", "A 400 tells the stack and the query it came from.", _with_body(400, "stack", _TRACE)
    )
    yield senseless(
        "stack-trace-401", "A 401 tells the stack and the query it came from.", _with_body(401, "stack", _TRACE)
    )
    yield senseless("credential-echoed", "A 401 repeats the Authorization header it was sent.", _echoed(401))
    yield senseless("credential-echoed-403", "A 403 repeats the Authorization header it was sent.", _echoed(403))
    yield senseless("credential-in-header", "Every answer repeats the token in a header.", _in_header)
    yield senseless("error-html-as-json", "The body of a 400 is a web page that calls itself JSON.", _html(400))
    yield senseless("error-html-as-json-401", "The body of a 401 is a web page that calls itself JSON.", _html(401))


def _with_body(status: int, name: str, value: str) -> Change:
    body = encode({"message": "Something went wrong.", name: value})
    return when(lambda case: case.plain.status == status, lambda case: case.plain._replace(body=body))


def _echoed(status: int) -> Change:
    def apply(case: Case) -> Reply | None:
        sent = case.request.header("authorization")
        return _with_body(status, "received", sent)(case) if sent else None

    return apply


def _in_header(case: Case) -> Reply | None:
    sent = case.request.header("authorization")
    return case.reply.with_header("X-Debug-Authorization", sent) if sent else None


def _html(status: int) -> Change:
    return when(lambda case: case.plain.status == status, lambda case: case.plain._replace(body=_PAGE))
