"""Bodies that are not the promised array of logs: other envelopes, other items, other types, no JSON, no end."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

from mockserver.contract.jsontext import encode
from mockserver.faults.offences.changes import Change, anywhere, on_list, rewritten, with_header
from mockserver.faults.offences.offence import Offence, Product, listed
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply

_HTML = b"<!doctype html><title>Sign in</title><p>Please sign in.\n"
# How a body ends that is longer than so many bytes: the reply, its bytes, where it ends.
Cut = Callable[[Reply, bytes, int], Reply]
_CUTS: dict[str, Cut] = {
    "": lambda reply, body, size: reply._replace(body=body[:size]),
    "connection": lambda reply, body, size: reply._replace(body=body).sent(cut=size, end="close"),
    "server-error": lambda reply, body, size: error_reply(500),
}
_SIZES = {"16kB": 16_384, "64kB": 65_536, "256kB": 262_144, "800kB": 800_000}


def offences() -> Iterator[Offence]:
    """The envelope, the items, the text, the type, then what happens to large bodies alone."""
    yield from listed({
        "envelope": _json(lambda page: {"data": page.logs, "totalCount": page.total}),
        "object-by-id": _json(lambda page: {log["id"]: log for log in page.logs}),
        "nested-array": _json(lambda page: [page.logs]),
        "single-object": _json(lambda page: page.logs[0] if len(page.logs) == 1 else page.logs),
        "null-when-empty": _json(lambda page: page.logs or None), "null-body": _json(lambda page: None),
        "empty-body": rewritten(anywhere, lambda page: b""),
        "null-item": _json(lambda page: [*page.logs[:-1], None], 1),
        "string-item": _json(lambda page: [log["id"] for log in page.logs], 1),
        "encoded-item": _json(lambda page: [encode(log).decode() for log in page.logs], 1),
        "truncated-json": _text(lambda body: body[:-2]), "trailing-comma": _text(lambda body: body[:-1] + b",]"),
        "trailing-text": _text(lambda body: body + b"\nOK"), "leading-text": _text(lambda body: b")]}',\n" + body),
        "single-quotes": _text(lambda body: body.replace(b'"', b"'")),
        "byte-order-mark": _text(lambda body: b"\xef\xbb\xbf" + body),
        "utf-16": _text(lambda body: body.decode().encode("utf-16")),
        "invalid-utf-8": _text(lambda body: _in_id(body, b"\xff")),
        "control-character": _text(lambda body: _in_id(body, b"\t")),
        "nan": _text(lambda body: _numbered(body, b"NaN")),
        "infinity": _text(lambda body: _numbered(body, b"Infinity")),
        "encoded-body": _text(lambda body: encode(body.decode())),
        "member-twice": _text(lambda body: body.replace(b'"key":', b'"key":"","key":')),
        "json-lines": rewritten(anywhere, lambda page: b"\n".join(map(encode, page.logs)), at_least=2),
        "type-html": with_header("Content-Type", "text/html; charset=utf-8"),
        "type-text": with_header("Content-Type", "text/plain; charset=utf-8"),
        "type-octets": with_header("Content-Type", "application/octet-stream"),
        "type-json-suffix": with_header("Content-Type", "application/vnd.api+json"),
        "type-missing": with_header("Content-Type", None),
        "login-page": on_list(anywhere, lambda page: page.with_body(_HTML).with_header("Content-Type", "text/html")),
    })  # fmt: skip
    packed = {"": False, "gzip": True}
    yield from Product("body-cut", {"above": _SIZES, "packed": packed, "how": _CUTS}, _large, logs=1000)


def _json(value: Callable[[HonestPage], object], at_least: int = 0) -> Change:
    return rewritten(anywhere, lambda page: encode(value(page)), at_least)


def _text(change: Callable[[bytes], bytes]) -> Change:
    return rewritten(anywhere, lambda page: change(encode(page.logs)), at_least=1)


def _large(above: int, packed: bool, how: Cut) -> Change:
    def cut(page: HonestPage) -> Reply | None:
        body = encode(page.logs)
        if len(body) <= above or (packed and page.case.reply.header("content-encoding") != "gzip"):
            return None
        if not packed:
            return how(page.with_body(body), body, above)
        # The packing of the first part of the text ends as it should, unless the connection does not.
        body = gzip.compress(body[:above], mtime=0)
        return how(
            page.with_body(body).with_header("Content-Encoding", "gzip"),
            body,
            len(body) - 9 * (how is _CUTS["connection"]),
        )

    return on_list(anywhere, cut)


def _in_id(body: bytes, byte: bytes) -> bytes:
    return body.replace(b'"id":"', b'"id":"' + byte, 1)


def _numbered(body: bytes, number: bytes) -> bytes:
    head, _, tail = body.rpartition(b'"createdAt":')
    return head + b'"createdAt":' + number + tail.lstrip(b"-.0123456789eE+")
