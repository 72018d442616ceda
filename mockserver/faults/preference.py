"""Preferences: the faults that one request asks for itself, by a ``Prefer`` header (RFC 7240) or its query twins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.errors import MockserverError, Refused
from mockserver.faults.rule import Rule, build_rule, read_rule
from mockserver.http.message import Request

# What each preference means; any other preference is somebody else's, and ignored (RFC 7240, 2).
PREFERENCES: dict[str, Callable[[str], Rule]] = {
    "code": lambda value: build_rule("status", {"code": value}),
    "delay": lambda value: build_rule("latency", {"seconds": value}),
    "fault": read_rule,
}
_TWIN = "__"

# RFC 7240, 2: token [ BWS "=" BWS word ], then parameters behind semicolons, which ours have none of. An element of the
# list may be empty (RFC 9110, 5.6.1).
# Possessive throughout, so that no header is looked at more than a few times.
_TOKEN = r"[!#$%&'*+\-.^_`|~\w]++"
_STRING = r'"(?:[^"\\]|\\.)*+"'
_BWS = r"[ \t]*+"
_VALUE, _PARAMETERS = rf'{_BWS}={_BWS}({_STRING}|[^\s",;]*+)', rf'{_BWS};(?:[^",]|{_STRING})*+'
_PREFERENCE = re.compile(rf"{_BWS}(?:({_TOKEN})(?:{_VALUE})?(?:{_PARAMETERS})?)?{_BWS}(?:,|$)", re.ASCII)


class Preference(NamedTuple):
    """The rules that a request brings along, and the text of Preference-Applied."""

    rules: tuple[Rule, ...]
    applied: str


NOTHING = Preference((), "")


def preference(request: Request) -> Preference:
    """What the request asks for; the twins only where it has no Prefer header. Raises Refused (400) that lists what is
    known."""
    headers = [value for name, value in request.headers if name == "prefer"]
    if headers:
        return _read(",".join(headers))
    return _read_query(request.query) if _TWIN in request.query else NOTHING


@lru_cache(maxsize=256)
def _read(header: str) -> Preference:
    return _made("Prefer", dict(reversed(list(_pairs(header)))))


@lru_cache(maxsize=256)
def _read_query(query: str) -> Preference:
    pairs = reversed(parse_qsl(query, keep_blank_values=True))
    return _made("__", {name.removeprefix(_TWIN): value for name, value in pairs if name.startswith(_TWIN)})


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(header):
        found = _PREFERENCE.match(header, position)
        if found is None:
            raise _refused(f"Prefer: found {header[position:][:80]!r}, expected name=value pairs with commas between")
        position = found.end()
        name, value = found.groups(default="")
        if not name:
            continue
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield name.lower(), value


def _made(place: str, pairs: dict[str, str]) -> Preference:
    asked = [(name, pairs[name]) for name in PREFERENCES if name in pairs]
    try:
        found = tuple(PREFERENCES[name](value) for name, value in asked)
    except MockserverError as error:
        raise _refused(str(error)) from None
    return Preference(found, ", ".join(f"{name}={_quoted(value)}" for name, value in asked))


def _quoted(value: str) -> str:
    if re.fullmatch(_TOKEN, value, re.ASCII):
        return value
    # A twin in the query may hold what no header may: control characters, letters beyond Latin.
    escaped = value.encode("unicode_escape").decode("ascii")
    return '"' + escaped.replace('"', r"\"") + '"'


def _refused(message: str) -> Refused:
    return Refused(400, "request.invalid_preference", message, {"preferences": list(PREFERENCES)})
