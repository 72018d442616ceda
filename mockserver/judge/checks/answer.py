"""Single answers: whether they come, and whether status, type, JSON, schema and refusals are right."""

from __future__ import annotations

import re

from mockserver.contract.document import contract
from mockserver.judge import validator
from mockserver.judge.answer import BEYOND, UNREADABLE, Break
from mockserver.judge.checks.check import Breaks, Context, check, consequence_of, on_200, on_page

# The statuses that HTTP itself allows when a request has one of these headers.
_NEGOTIATED = {304: {"if-none-match", "if-modified-since"}, 206: {"range"}, 416: {"range"}, 406: {"accept"}}
_TAKES_JSON = re.compile(
    r"(?:^|,)\s*(?:\*/\*|application/(?:\*|json))(?=[\s;,]|$)(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE
)
# The members that every log has.
_MEMBERS = ("id", "key", "tenantId", "payload", "createdAt", "result")
# No server must read a longer target or header: 414 and 431 are right then (RFC 9110, 15.5.15; RFC 6585, 5).
_LONG = 2000


@check("answered", "forbidden", "A request gets a whole HTTP message as its answer, and no server error.")
def answered(context: Context) -> Breaks:
    """No answer, half an answer, or a server error."""
    answer = context.answer
    if answer.status == 0:
        return [Break("an answer", answer.lost, subject=answer.lost)]
    # RFC 9110, 9.1 and 15.6.2: every method but GET and HEAD is optional.
    if answer.status < 500 or (answer.status == 501 and context.probe.method not in ("GET", "HEAD")):
        return []
    # Errors of another code, or around another parameter, are others.
    names = context.reading.blamed or sorted({name for name, _ in context.probe.parameters})
    return [
        Break("an answer", answer.said(), subject=", ".join(filter(None, (str(answer.status), answer.code, *names))))
    ]


@check("status-documented", "forbidden", "The document lists the statuses 200, 400, 401 and 403.")
def status_documented(context: Context) -> Breaks:
    """A status that the document does not list. Server errors have a check of their own."""
    status, probe, known = context.answer.status, context.probe, contract().statuses
    if status in known:
        return [] if context.documented else None
    sent = {name.lower() for name, value in probe.headers if status != 406 or not _TAKES_JSON.search(value.text)}
    long = {414: len(probe.on("")), 431: sum(len(value.text) for _, value in probe.headers)}.get(status, 0) > _LONG
    # A 206 that does not say which part it is helps nobody (RFC 9110, 15.3.7).
    negotiated = sent & _NEGOTIATED.get(status, set()) and (status != 206 or context.answer.header("content-range"))
    if not context.documented or status in (0, 429) or negotiated or long:
        return None
    if status >= 500:
        return []
    return [Break(f"one of {', '.join(map(str, sorted(known)))}", context.answer.said(), subject=str(status))]


@consequence_of("token-required")
@on_200("content-type", "forbidden", "200 is application/json.")
def content_type(context: Context) -> Breaks:
    """A 200 with another Content-Type, or without one."""
    sent = context.answer.header("content-type") or "no Content-Type"
    return [Break("application/json", sent)] if context.answer.media_type != "application/json" else []


@consequence_of("content-type")
@on_200("json", "forbidden", "200 is application/json: strict UTF-8 JSON as RFC 8259 defines it.")
def json(context: Context) -> Breaks:
    """A 200 whose body is not JSON."""
    if context.answer.value is BEYOND:
        return None
    broken = Break("JSON as RFC 8259 defines it", f"{len(context.answer.body)} bytes that are not JSON")
    return [broken] if context.answer.value is UNREADABLE else []


@on_200("charset", "senseless", "JSON is UTF-8 (RFC 8259, 8.1): no Content-Type may say another charset.")
def charset(context: Context) -> Breaks:
    """Another charset than UTF-8."""
    sent = re.search(r"charset\s*=\s*\"?([\w.:-]+)", context.answer.header("content-type") or "", re.IGNORECASE)
    if sent is None or sent[1].lower() in ("utf-8", "utf8", "us-ascii"):
        return []
    return [Break("charset=utf-8, or none", f"charset={sent[1][:40]}")]


@on_page("members-unique", "senseless", "No object has a member twice: readers do not agree which one counts.")
def members_unique(context: Context) -> Breaks:
    """A documented member that stands more than once in the text of an object."""
    body, once = context.answer.body, context.answer.text
    if body == once:
        return []
    twice = [name for name in _MEMBERS if body.count(f'"{name}"'.encode()) > once.count(f'"{name}"'.encode())]
    return [Break("each member once", f"{name} more than once", subject=name) for name in twice]


@on_200("schema", "forbidden", "200 is an array of logs, each with the documented members, types, bounds and values.")
def schema(context: Context) -> Breaks:
    """A 200 that breaks the documented schema."""
    if context.answer.value in (UNREADABLE, BEYOND):
        return None
    return validator.schema_breaks(context.exchange)


@check("valid-request-accepted", "forbidden", "page and page_size are integers from 1; a filter is any string.")
def valid_request_accepted(context: Context) -> Breaks:
    """A valid request that is refused. A refusal with an undocumented status breaks ``status_documented`` instead."""
    if not context.entitled or context.reading.legality != "valid" or not 200 <= context.answer.status < 500:
        return None
    if context.answer.status in contract().statuses and context.answer.status >= 400:
        names = ", ".join(sorted({name for name, _ in context.probe.parameters})) or "no parameter"
        return [Break("200", context.answer.said(), subject=names)]
    return []


@check("invalid-request-refused", "forbidden", "page and page_size are integers, minimum 1; else 400 Bad Request.")
def invalid_request_refused(context: Context) -> Breaks:
    """An invalid request that is answered as if it were valid."""
    if not context.entitled or context.reading.legality != "invalid" or not 200 <= context.answer.status < 500:
        return None
    invalid = ", ".join(context.reading.blamed)
    return [Break("400", context.answer.said(), subject=invalid)] if context.answer.status < 300 else []
