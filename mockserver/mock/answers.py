"""Replies: what refusals, pages, tags and encodings look like once they are answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused, StoredBreak
from mockserver.contract.profile import Profile
from mockserver.contract.refusals import broken
from mockserver.http.encoding import choose, encode
from mockserver.http.message import Headers, Reply, Request, Stream, json_reply
from mockserver.mock.store import Page

JSON = ("Content-Type", "application/json; charset=utf-8")
TEXT = ("Content-Type", "text/plain; charset=utf-8")
VARY = ("Vary", "Accept-Encoding")

# A page of more logs than this is sent in pieces of as many, so that no size of page costs memory.
_PIECE = 256


def refused(refusal: Refused) -> Reply:
    """The reply to a request that the API refuses: its code, message and data as JSON."""
    body = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
    return json_reply(refusal.status, {name: value for name, value in body.items() if value is not None}, (VARY,))


def is_verb(method: str) -> bool:
    """Whether the parser of a real deployment knows the method."""
    refusals = contract().fact("method-refusals")
    return method in ("GET", "HEAD", "OPTIONS", *refusals["refused"], *refusals["unimplemented"])


def method_refused(method: str, how: Profile) -> Reply:
    """What a method other than GET and HEAD meets; no token is asked for."""
    refusals = contract().fact("method-refusals")
    allow = ("Allow", refusals["allow"] if how.text_errors else "GET, HEAD, OPTIONS")
    if method == "OPTIONS":
        return Reply(200, (TEXT, allow)) if how.text_errors else Reply(204, (allow,))
    if not how.text_errors:
        reply = refused(
            Refused(405, "request.method_not_allowed", f"The method {method[:20]} is not allowed: {allow[1]} are.")
        )
        return reply._replace(headers=(*reply.headers, allow))
    if method in refusals["refused"]:
        return Reply(405, (TEXT, allow), b"Method Not Allowed")
    return Reply(501, (TEXT, allow), b"Not Implemented")


def bad_target(how: Profile) -> Reply:
    """What a request target beyond ASCII meets."""
    if how.text_errors:
        return Reply(400)
    return refused(
        Refused(
            400, "request.invalid_target", "The request target holds bytes that are not ASCII: percent-encode them."
        )
    )


def listing(page: Page) -> bytes | Stream:
    """The JSON array of a page's logs; raises Refused (500) where one of them cannot be read."""
    if page.size > _PIECE:
        return Stream(lambda: _pieces(page))
    try:
        return b"".join((b"[", *page.pieces(0, page.size), b"]"))
    except StoredBreak:
        raise broken() from None


def _pieces(page: Page) -> Iterator[bytes]:
    before = b"["
    for start in range(0, page.size, _PIECE):
        yield b"".join((before, *page.pieces(start, start + _PIECE)))
        before = b","
    yield b"]"


def tag(value: str | bytes) -> str:
    """The strong entity tag (RFC 9110, 8.8.3) of what decides an answer, or of the answer itself."""
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return f'"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'


def conditional(request: Request, headers: Headers, body: bytes | Stream, mark: str, how: Profile) -> Reply:
    """The 200 that a GET or HEAD deserves, with its tag; 304 where the client has it already."""
    if request.method == "HEAD" and not how.etag_on_head:
        return Reply(200, headers, body)
    headers = (*headers, ("ETag", mark))
    if _unchanged(request, mark, how):
        return Reply(304, tuple(each for each in headers if each != JSON))
    return Reply(200, headers, body)


def _unchanged(request: Request, mark: str, how: Profile) -> bool:
    condition = request.header("if-none-match")
    if condition is None or (how.etag_defeated and _asks_anew(request)):
        return False
    return condition.strip() == "*" or mark in (each.strip().removeprefix("W/") for each in condition.split(","))


def _asks_anew(request: Request) -> bool:
    directives = (request.header("cache-control") or "").split(",")
    return bool(request.header("if-modified-since")) or "no-cache" in map(str.strip, directives)


def encoded(reply: Reply, request: Request, how: Profile) -> Reply:
    """The reply with its body in the best encoding that the request accepts, if it is long enough to be worth it."""
    accepted = request.header("accept-encoding")
    body = reply.body
    if accepted is None or (isinstance(body, bytes) and len(body) <= how.compress_above):
        return reply
    encoding = choose(accepted, how.encodings)
    if encoding is None:
        return reply
    smaller = b"".join(encode([body], encoding)) if isinstance(body, bytes) else Stream(lambda: encode(body, encoding))
    return reply._replace(headers=(*reply.headers, ("Content-Encoding", encoding)), body=smaller)
