"""Answers: how refusals, pages and what lies outside the API look as replies, and their encoding."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused, StoredBreak
from mockserver.contract.profile import Profile
from mockserver.contract.refusals import broken, invalid_target, method_not_allowed, no_such_path
from mockserver.http.encoding import NotAcceptable, choose, choose_as_koa, encode
from mockserver.http.message import Reply, Request, Stream, json_reply
from mockserver.mock.store import Page

_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_HTML = ("Content-Type", "text/html; charset=utf-8")

# A page of more logs is sent in pieces of so many, so that a page of any size takes little memory.
_PIECE = 256

# What the parser of a real deployment refuses never reaches the application.
PARSER_REFUSAL = Reply(400)

_WEB_PAGE = b"<!doctype html><title>Logto</title><p>A web page, where a real deployment has its sign-in experience.\n"


def refused(refusal: Refused) -> Reply:
    """The reply to a request that the API refuses: its code, data, details and message as JSON, in that order."""
    issues = refusal.data.get("issues", ()) if isinstance(refusal.data, dict) else ()
    details = "\n".join(f"{'.'.join(issue['path']) or '(value)'}: {issue['message']}" for issue in issues)
    body = {"code": refusal.code, "data": refusal.data, "details": details or None, "message": refusal.message}
    return json_reply(refusal.status, {name: value for name, value in body.items() if value is not None})


def bad_target(how: Profile) -> Reply:
    """The reply to a request target beyond ASCII."""
    return PARSER_REFUSAL if how.text_errors else refused(invalid_target())


def unread(method: str, path: str, is_api: bool, how: Profile) -> Reply:
    """The reply to a request that does not read a list or a log: its path is outside the API (``is_api`` false), or its
    method is not GET or HEAD. No token is asked for."""
    methods = contract().fact("method-refusals")
    known = ("GET", "HEAD", "OPTIONS", *methods["refused"], *methods["unimplemented"])
    if how.text_errors and method not in known:
        # The parser of a real deployment refuses the method before it looks at the path.
        return PARSER_REFUSAL
    if not is_api and how.text_errors:
        is_mounted = path == "/api" or path.startswith("/api/")
        return Reply(404, (_TEXT,), b"Not Found") if is_mounted else Reply(200, (_HTML,), _WEB_PAGE)
    if not is_api:
        return refused(no_such_path())
    allow = ("Allow", methods["allow"] if how.text_errors else "GET, HEAD, OPTIONS")
    if method == "OPTIONS":
        return Reply(200, (_TEXT, allow)) if how.text_errors else Reply(204, (allow,))
    if not how.text_errors:
        return refused(method_not_allowed(method, allow[1])).with_more((allow,))
    if method in methods["refused"]:
        return Reply(405, (_TEXT, allow), b"Method Not Allowed")
    return Reply(501, (_TEXT, allow), b"Not Implemented")


def listing(page: Page) -> bytes | Stream:
    """The JSON array of a page's logs; raises Refused (500) when one of them breaks the contract.

    A long page is a stream. It shows one state of the logs however long it takes: a page is a snapshot.
    """
    if page.size > _PIECE:
        return Stream(lambda: _pieces(page))
    try:
        return b"[%b]" % page.items(0, page.size)
    except StoredBreak:
        raise broken() from None


def _pieces(page: Page) -> Iterator[bytes]:
    before = b"["
    for start in range(0, page.size, _PIECE):
        yield before + page.items(start, start + _PIECE)
        before = b","
    yield b"]"


def encoded(reply: Reply, request: Request, how: Profile) -> Reply:
    """The reply with its body in the best encoding that the request accepts, if it is long enough to be worth it."""
    if reply is PARSER_REFUSAL:
        return reply
    is_koa = how.negotiation == "koa-compress"
    reply = Reply(reply.status, (("Vary", how.vary), *how.headers, *reply.headers), reply.body)
    accepted, body = request.joined("accept-encoding"), reply.body
    is_short = isinstance(body, bytes) and len(body) < how.compress_from
    if accepted is None or is_short or (is_koa and request.method == "HEAD"):
        return reply
    try:
        encoding = (choose_as_koa if is_koa else choose)(accepted, how.encodings)
    except NotAcceptable:
        return Reply(406, (_TEXT,), b"No encoding is left: accept br, gzip, deflate or identity.")
    if encoding is None:
        return reply
    return reply._replace(
        headers=(*reply.headers, ("Content-Encoding", encoding)), body=_smaller(body, encoding, is_koa)
    )


def _smaller(body: bytes | Stream, encoding: str, in_chunks: bool) -> bytes | Stream:
    if isinstance(body, bytes) and not in_chunks:
        return b"".join(encode([body], encoding))
    pieces = [body] if isinstance(body, bytes) else body
    return Stream(lambda: encode(pieces, encoding))
