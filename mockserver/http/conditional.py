"""Conditional requests: a client that has a reply already is told that it has not changed (RFC 9110, 13).

A reply carries an entity tag. A client sends the tag back in If-None-Match, and gets 304 without a body while the
resource has the same tag.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode

from mockserver.contract.profile import Profile
from mockserver.http.message import JSON, Headers, Reply, Request, Stream


def entity_tag(value: str | bytes) -> str:
    """The weak entity tag (RFC 9110, 8.8.3) of a body, or of a text that names everything the body depends on.

    It is weak because one tag stands for the body in every encoding: a strong one promises the same bytes.
    """
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return f'W/"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'


def body_tag(body: bytes) -> str:
    """The strong entity tag that the library ``etag`` of a real deployment makes of a body."""
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f'"{len(body):x}-{b64encode(digest)[:27].decode()}"'


def conditional(request: Request, headers: Headers, body: bytes | Stream, tag: str, how: Profile) -> Reply:
    """The 200 to a GET or HEAD with its ETag; 304 (RFC 9110, 15.4.5) when the client has this body already."""
    if request.method == "HEAD" and not how.etag_on_head:
        return Reply(200, headers, body)
    if how.etag == "body":
        tag = body_tag(body if isinstance(body, bytes) else b"".join(body))
    headers = (*headers, ("ETag", tag))
    if _matches(request.joined("if-none-match"), tag) and not (how.etag_defeated and _demands_body(request)):
        return Reply(304, tuple(header for header in headers if header != JSON))
    return Reply(200, headers, body)


def _matches(condition: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag. Tags are compared weakly (RFC 9110, 13.1.2): ``W/`` does not count."""
    if condition is None:
        return False
    bare = tag.removeprefix("W/")
    return condition.strip() == "*" or bare in (item.strip().removeprefix("W/") for item in condition.split(","))


def _demands_body(request: Request) -> bool:
    """Whether another condition defeats If-None-Match, as observed of real deployments (``etag-defeated``)."""
    directives = (request.joined("cache-control") or "").split(",")
    return bool(request.header("if-modified-since")) or "no-cache" in map(str.strip, directives)
