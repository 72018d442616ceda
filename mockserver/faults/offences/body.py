"""Bodies that are not the promised array of logs: other envelopes, other items, other types, no JSON, no end."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator

from mockserver.contract.jsontext import encode
from mockserver.faults.offences.changes import Change, anywhere, on_list, rewritten, with_header
from mockserver.faults.offences.offence import Offence, Product, listed, values
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply

_TIME = re.compile(rb'"createdAt":[^,}]+')
_HTML = b"<!doctype html><title>Sign in</title><p>Please sign in.\n"
# What becomes of the text of a body that is longer than so many bytes.
Cut = Callable[[bytes, int], bytes]
_CUTS: dict[str, Cut] = {
    "": lambda body, size: body[:size], "damaged": lambda body, size: body[:size] + b"\0" + body[size + 1 :],
    "connection": lambda body, size: body, "server-error": lambda body, size: b"",
}  # fmt: skip


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
        "invalid-utf-8": _text(lambda body: body.replace(b'"id":"', b'"id":"\xff', 1)),
        "control-character": _text(lambda body: body.replace(b'"id":"', b'"id":"\t', 1)),
        "nan": _text(lambda body: _TIME.sub(b'"createdAt":NaN', body)),
        "infinity": _text(lambda body: _TIME.sub(b'"createdAt":Infinity', body)),
        "encoded-body": _text(lambda body: encode(body.decode())),
        "member-twice": _text(lambda body: body.replace(b'"key":', b'"key":"","key":')),
        "json-lines": rewritten(anywhere, lambda page: b"\n".join(map(encode, page.logs)), at_least=2),
        "login-page": on_list(anywhere, lambda page: page.with_body(_HTML).with_header("Content-Type", "text/html")),
    })  # fmt: skip
    yield from Product("type", {"kind": values("type", "kind")}, lambda kind: with_header("Content-Type", kind))
    above, packed = values("body-cut", "above"), {"": False, "gzip": True}
    yield from Product("body-cut", {"above": above, "packed": packed, "how": _CUTS, "known": {"": 1000}}, _large)


def _json(value: Callable[[HonestPage], object], at_least: int = 0) -> Change:
    return rewritten(anywhere, lambda page: encode(value(page)), at_least)


def _text(change: Callable[[bytes], bytes]) -> Change:
    return rewritten(anywhere, lambda page: change(encode(page.logs)), at_least=1)


def _large(above: int, packed: bool, how: Cut, known: int) -> Change:
    def cut(page: HonestPage) -> Reply | None:
        body = encode(page.logs)
        if len(body) <= above or (packed and page.case.reply.header("content-encoding") != "gzip"):
            return None
        # The packing ends as it should, unless the connection does not.
        text = how(body, above)
        sent = gzip.compress(text, mtime=0) if packed else text
        reply = page.with_body(sent).with_header("Content-Encoding", "gzip" if packed else None)
        if how is _CUTS["connection"]:
            return reply.sent(cut=len(sent) - 9 if packed else above, end="close")
        return reply if text else error_reply(500)

    return on_list(anywhere, cut)
