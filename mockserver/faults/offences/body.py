"""Bodies that are not the promised array of logs: other envelopes, other items, other types, no JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.jsontext import encode
from mockserver.faults.offences.offence import Offence, anywhere, forbidden, on_list, rewritten, with_header
from mockserver.faults.offences.page import HonestPage
from mockserver.http.message import Reply

_TYPES = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "octets": "application/octet-stream",
    "json-suffix": "application/vnd.api+json",
}
_HTML = b"<!doctype html><title>Sign in</title><p>Please sign in.\n"


def offences() -> Iterator[Offence]:
    """The envelope, the items, the text, the type."""
    yield from _envelopes_and_items()
    yield from _texts()
    yield from _types()


def _envelopes_and_items() -> Iterator[Offence]:
    sentence = "The array is the member data of an object, beside a count."
    yield _json("envelope", sentence, lambda page: {"data": page.logs, "totalCount": page.total})
    sentence = "An object of logs by their id replaces the array."
    yield _json("object-by-id", sentence, lambda page: {log["id"]: log for log in page.logs})
    yield _json("nested-array", "The array is inside another array.", lambda page: [page.logs])
    sentence = "A page of one log is that log, not an array of it."
    yield _json("single-object", sentence, lambda page: page.logs[0] if len(page.logs) == 1 else page.logs)
    yield _json("null-when-empty", "A page without logs is null, not an empty array.", lambda page: page.logs or None)
    yield _json("null-body", "The body is null.", lambda page: None)
    yield forbidden("empty-body", "The body is empty.", rewritten(anywhere, lambda page: b""))
    yield _json("null-item", "The last item is null.", lambda page: [*page.logs[:-1], None], 1)
    yield _json("string-item", "Items are the ids of logs, not logs.", lambda page: [log["id"] for log in page.logs], 1)
    sentence = "Items are strings with the JSON of a log."
    yield _json("encoded-item", sentence, lambda page: [encode(log).decode() for log in page.logs], 1)


def _json(name: str, sentence: str, value: Callable[[HonestPage], object], at_least: int = 0) -> Offence:
    return forbidden(name, sentence, rewritten(anywhere, lambda page: encode(value(page)), at_least))


def _texts() -> Iterator[Offence]:
    yield _text("truncated-json", "The JSON ends too early, and Content-Length agrees.", lambda body: body[:-2])
    yield _text("trailing-comma", "A comma follows the last item.", lambda body: body[:-1] + b",]")
    yield _text("trailing-text", "Text follows the JSON.", lambda body: body + b"\nOK")
    sentence = "A guard against script inclusion precedes the JSON."
    yield _text("leading-text", sentence, lambda body: b")]}',\n" + body)
    yield _text("single-quotes", "Strings are in single quotes.", lambda body: body.replace(b'"', b"'"))
    yield _text("byte-order-mark", "A byte order mark precedes the JSON.", lambda body: b"\xef\xbb\xbf" + body)
    yield _text("utf-16", "The text is UTF-16.", lambda body: body.decode().encode("utf-16"))
    yield _text("invalid-utf-8", "A string has a byte that is not UTF-8.", lambda body: _in_id(body, b"\xff"))
    yield _text("control-character", "A string has a raw tab.", lambda body: _in_id(body, b"\t"))
    yield _text("nan", "createdAt is NaN, which is not JSON.", lambda body: _numbered(body, b"NaN"))
    yield _text("infinity", "createdAt is Infinity, which is not JSON.", lambda body: _numbered(body, b"Infinity"))
    yield _text("encoded-body", "The body is a JSON string with the JSON in it.", lambda body: encode(body.decode()))
    lines = rewritten(anywhere, lambda page: b"\n".join(map(encode, page.logs)), at_least=2)
    yield forbidden("json-lines", "Each log is a line of its own, without an array.", lines)


def _text(name: str, sentence: str, change: Callable[[bytes], bytes]) -> Offence:
    return forbidden(name, sentence, rewritten(anywhere, lambda page: change(encode(page.logs)), at_least=1))


def _in_id(body: bytes, byte: bytes) -> bytes:
    return body.replace(b'"id":"', b'"id":"' + byte, 1)


def _numbered(body: bytes, number: bytes) -> bytes:
    head, _, tail = body.rpartition(b'"createdAt":')
    return head + b'"createdAt":' + number + tail.lstrip(b"-.0123456789eE+")


def _types() -> Iterator[Offence]:
    for name, content_type in _TYPES.items():
        sentence = f"Content-Type is {content_type}, not application/json."
        yield forbidden(f"type-{name}", sentence, with_header("Content-Type", content_type))
    yield forbidden("type-missing", "There is no Content-Type.", with_header("Content-Type", None))
    yield forbidden("login-page", "The answer is a web page to sign in, with status 200.", on_list(anywhere, _login))


def _login(page: HonestPage) -> Reply:
    return page.with_body(_HTML).with_header("Content-Type", _TYPES["html"])
