"""Answers whose body is not the array of logs that was promised: other envelopes, other types, no JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.jsontext import encode
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import Change, Log, Offence, changed, forbidden, is_good, logs_of, total, when
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
    yield from _envelopes()
    yield from _items()
    yield from _texts()
    yield from _types()


def _logs(make: Callable[[Case, list[Log]], bytes], at_least: int = 0) -> Change:
    """The change that makes another body of the honest logs, where there are so many at least."""

    def apply(case: Case) -> Reply | None:
        logs = logs_of(case)
        return None if logs is None or len(logs) < at_least else changed(case, make(case, logs))

    return apply


def _envelopes() -> Iterator[Offence]:
    yield forbidden(
        "envelope",
        "The array stands in an object, as data beside a count.",
        _logs(lambda case, logs: encode({"data": logs, "totalCount": total(case)})),
    )
    yield forbidden(
        "object-by-id",
        "An object of logs by their id in place of an array.",
        _logs(lambda case, logs: encode({log["id"]: log for log in logs})),
    )
    yield forbidden("nested-array", "The array stands in an array.", _logs(lambda case, logs: encode([logs])))
    yield forbidden(
        "single-object",
        "A page of one log is that log, not an array of it.",
        _logs(lambda case, logs: encode(logs[0] if len(logs) == 1 else logs)),
    )
    yield forbidden(
        "null-when-empty",
        "A page without logs is null, not an empty array.",
        _logs(lambda case, logs: encode(logs or None)),
    )
    yield forbidden("null-body", "The body is null.", _logs(lambda case, logs: b"null"))
    yield forbidden("empty-body", "The body has no byte.", _logs(lambda case, logs: b""))


def _items() -> Iterator[Offence]:
    yield forbidden("null-item", "The last item is null.", _logs(lambda case, logs: encode([*logs[:-1], None]), 1))
    yield forbidden(
        "string-item",
        "Items are the ids of logs, not logs.",
        _logs(lambda case, logs: encode([log["id"] for log in logs]), 1),
    )
    yield forbidden(
        "encoded-item",
        "Items are texts that hold the JSON of a log.",
        _logs(lambda case, logs: encode([encode(log).decode() for log in logs]), 1),
    )


def _texts() -> Iterator[Offence]:
    yield _text("truncated-json", "The JSON ends in the middle, under a length that fits.", lambda body: body[:-2])
    yield _text("trailing-comma", "A comma stands behind the last item.", lambda body: body[:-1] + b",]")
    yield _text("trailing-text", "Text stands behind the JSON.", lambda body: body + b"\nOK")
    yield _text(
        "leading-text", "A guard against script inclusion stands before the JSON.", lambda body: b")]}',\n" + body
    )
    yield _text("single-quotes", "Strings stand in single quotes.", lambda body: body.replace(b'"', b"'"))
    yield _text("byte-order-mark", "A byte order mark stands before the JSON.", lambda body: b"\xef\xbb\xbf" + body)
    yield _text("utf-16", "The text is UTF-16.", lambda body: body.decode().encode("utf-16"))
    yield _text(
        "invalid-utf-8",
        "A string holds a byte that is no UTF-8.",
        lambda body: body.replace(b'"id":"', b'"id":"\xff', 1),
    )
    yield _text("control-character", "A string holds a raw tab.", lambda body: body.replace(b'"id":"', b'"id":"\t', 1))
    yield _text("nan", "createdAt is NaN, which is no JSON.", lambda body: _numbered(body, b"NaN"))
    yield _text("infinity", "createdAt is Infinity, which is no JSON.", lambda body: _numbered(body, b"Infinity"))
    yield _text("encoded-body", "The body is a JSON string that holds the JSON.", lambda body: encode(body.decode()))
    yield forbidden(
        "json-lines",
        "A log a line in place of an array.",
        _logs(lambda case, logs: b"\n".join(map(encode, logs)), 2),
    )


def _text(name: str, sentence: str, make: Callable[[bytes], bytes]) -> Offence:
    return forbidden(name, sentence, _logs(lambda case, logs: make(encode(logs)), 1))


def _numbered(body: bytes, number: bytes) -> bytes:
    head, _, tail = body.rpartition(b'"createdAt":')
    return head + b'"createdAt":' + number + tail.lstrip(b"-.0123456789eE+")


def _types() -> Iterator[Offence]:
    for name, content_type in _TYPES.items():
        yield forbidden(f"type-{name}", f"Content-Type is {content_type}, not application/json.", _typed(content_type))
    yield forbidden("type-missing", "There is no Content-Type.", _typed(None))
    yield forbidden("login-page", "A web page to sign in, under status 200.", when(is_good, _login))


def _typed(content_type: str | None) -> Change:
    return when(
        lambda case: case.reply.status == 200, lambda case: case.reply.with_header("Content-Type", content_type)
    )


def _login(case: Case) -> Reply:
    return changed(case, _HTML).with_header("Content-Type", _TYPES["html"])
