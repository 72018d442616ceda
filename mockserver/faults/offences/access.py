"""Requests that are let in without the right, refusals with another status, and refusals that give secrets away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mockserver.contract.document import LIST_PATH, contract
from mockserver.contract.jsontext import encode
from mockserver.contract.published import DEV_TOKEN
from mockserver.faults.offences.changes import BESIDE, Change, has_status, instead_of, when, where
from mockserver.faults.offences.offence import Aim, Offence, Product, listed, parameters, patterns, values
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply, json_reply

_HTML = (("Content-Type", "text/html"),)
_PAGE = b"<html>Bad request</html>\n"
_WRONG = "Something went wrong."
_TRACE = """Error: invalid input syntax for type bigint
    at /srv/api/node_modules/pg/lib/client.js:52:17
    at async LogQueries.find (/srv/api/build/queries/log.js:31:19)
select "id", "payload" from "logs" where "tenant_id" = $1"""
_LOCAL = ("x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "x-forwarded-host")

# Which token a caller is taken to have, by the page and its Authorization; empty if the door stays closed.
Door = Callable[[HonestPage, str], str]


def _like(form: Callable[[str], object]) -> Door:
    """A door for every refused Authorization of a form."""
    return lambda page, sent: DEV_TOKEN if page.status == 401 and form(sent) else ""


_OPEN: dict[str, Door] = {
    "no-token": lambda page, sent: "" if sent else DEV_TOKEN,
    "any-scope": lambda page, sent: DEV_TOKEN if page.status == 403 else "",
}
_FORGED: dict[str, Door] = {label: _like(form) for label, form in patterns("accepted", "door").items()}
_FORGED |= {
    "other-case": lambda page, sent: sent.partition(" ")[2].swapcase() if page.status == 401 else "",
    "local": lambda page, sent: DEV_TOKEN if any("127." in _sent(page, name) for name in _LOCAL) else "",
}
_ALONE: dict[str, Door] = {
    "rerouted": lambda page, sent: DEV_TOKEN if _sent(page, "x-original-url") else "",
    "no-word": lambda page, sent: DEV_TOKEN if sent.strip() == "Bearer" else "",
}
_MISPLACED: dict[str, Door] = {
    "bare": lambda page, sent: "" if " " in sent else sent,
    "basic": lambda page, sent: sent.removeprefix("Basic ") if sent.startswith("Basic ") else "",
    "in-query": lambda page, sent: page.query.get("access_token", ""),
}
_VALID: dict[str, Door] = {"any-method": lambda page, sent: sent.removeprefix("Bearer ")}
_AIMS = {label: Aim(how, path.format(LIST_PATH)) for label, (how, path) in values("accepted", "aim").items()}
# How logs get out: the whole answer, or a refusal with some of it.
_LEAKS: dict[str, Callable[[Reply, Reply], Reply]] = {
    "": lambda refusal, granted: granted,
    "in-body": lambda refusal, granted: refusal._replace(body=granted.body),
    "in-total": lambda refusal, granted: refusal.with_header("Total-Number", granted.header("Total-Number")),
}


def offences() -> Iterator[Offence]:
    """Entry, then statuses, and what refusals give away."""
    given, none, whole = parameters("", *contract().parameters), parameters(""), {"": _LEAKS[""]}
    no_token = {"no-token": _OPEN["no-token"]}
    for door, names, aims, leaks in (
        # Only who shows nothing, or too little, may get some logs in a refusal: another token changes no refusal.
        (_OPEN, given, ("", "HEAD"), _LEAKS), (_FORGED, given, ("", "HEAD"), whole), (_MISPLACED, given, ("",), whole),
        (_ALONE, none, ("",), whole), (no_token, given, ("OPTIONS",), whole), (no_token, none, [*_AIMS][3:], whole),
        (_VALID, none, ("POST", "DELETE"), whole),
    ):  # fmt: skip
        aim = {label: _AIMS[label] for label in aims}
        yield from Product(
            "accepted", {"door": door, "parameter": names, "by": BESIDE, "aim": aim, "leak": leaks}, _door
        )
    trace = encode({"message": _WRONG, "stack": _TRACE})
    yield from listed({
        **{f"status-401-as-{other}": instead_of(401, error_reply(other)) for other in (403, 400, 404, 500)},
        "status-403-as-401": instead_of(403, error_reply(401)),
        "status-401-as-302": instead_of(401, Reply(302, (("Location", "/sign-in"),))),
        "status-401-as-empty": instead_of(401, json_reply(200, [])),
        "status-401-as-page": when(_is_from_browser, instead_of(401, Reply(200, _HTML, _PAGE))),
        "broken-by-long-token": when(lambda page: len(_sent(page)) > 2000, lambda page: error_reply(500)),
        "broken-by-odd-token": when(lambda page: not _sent(page).isascii(), lambda page: error_reply(500)),
        "stack-trace": _with_body(400, trace), "stack-trace-401": _with_body(401, trace),
        "credential-echoed": when(has_status(401), _echoed), "credential-echoed-403": when(has_status(403), _echoed),
        "credential-in-header": _in_header, "error-html-as-json": _with_body(400, _PAGE),
        "error-html-as-json-401": _with_body(401, _PAGE),
        "markup-echoed": when(has_status(400), lambda page: Reply(400, _HTML, " ".join(page.query.values()).encode())),
    })  # fmt: skip


def _door(door: Door, parameter: str, by: str, aim: Aim, leak: Callable[[Reply, Reply], Reply]) -> Change | None:
    place = where(parameter, by)
    # HEAD has no body.
    if place is None or (aim.method == "HEAD" and leak is _LEAKS["in-body"]):
        return None

    def change(page: HonestPage) -> Reply | None:
        request = page.case.request
        if aim.path:
            target = request.target.replace(aim.path, LIST_PATH, 1)
            page = HonestPage(replace(page.case, request=request._replace(method="GET", target=target)))
        elif request.method != aim.method:
            return None
        if not page.is_list or not place(page) or not (token := door(page, _sent(page))):
            return None
        others = tuple(pair for pair in request.headers if pair[0] not in ("authorization", "if-none-match"))
        entitled = page.case.request._replace(headers=(*others, ("authorization", f"Bearer {token}")))
        # Links repeat the query: a token in it would be told there.
        granted = HonestPage(replace(page.case, request=entitled)).ask({"access_token": None})
        return leak(page.plain, granted) if granted.status == 200 else None

    return change


def _sent(page: HonestPage, header: str = "authorization") -> str:
    return page.case.request.header(header) or ""


def _is_from_browser(page: HonestPage) -> bool:
    return "text/html" in _sent(page, "accept")


def _with_body(status: int, body: bytes) -> Change:
    return when(has_status(status), lambda page: page.plain._replace(body=body))


def _echoed(page: HonestPage) -> Reply:
    return page.plain._replace(body=encode({"message": _WRONG, "received": _sent(page)}))


def _in_header(page: HonestPage) -> Reply:
    return page.case.reply.with_header("X-Debug-Authorization", _sent(page) or None)
