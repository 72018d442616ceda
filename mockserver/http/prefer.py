"""Preferences: reading the ``Prefer`` header (RFC 7240) or its query twins, and writing ``Preference-Applied``.

A client that can set no header writes ``?__name=value`` instead of ``Prefer: name=value``. What a name means is not
known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import parse_qsl

from mockserver.contract.errors import MockserverError
from mockserver.http.message import Request

# (name in lower case, value), each name once, in the order sent; a preference without a value has an empty one.
Preferences = tuple[tuple[str, str], ...]

# What a parameter of the query begins with that stands for a preference.
_TWIN = "__"

# RFC 7240, 2: preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] ), in a list with commas between. An
# element of a list may be empty (RFC 9110, 5.6.1). Parameters are read and left out.
# Possessive or atomic throughout, so that no character of a header is looked at more than a few times. A possessive
# group would do, but before 3.11.5 Python matches it wrongly.
_TOKEN = r"[!#$%&'*+\-.^_`|~\w]++"
_STRING = r'"(?>(?:[^"\\]|\\.)*)"'
_BWS = r"[ \t]*+"
_VALUE, _PARAMETERS = rf'{_BWS}={_BWS}({_STRING}|[^\s",;]*+)', rf'{_BWS};(?>(?:[^",]|{_STRING})*)'
_PREFERENCE = re.compile(rf"{_BWS}(?:({_TOKEN})(?:{_VALUE})?(?:{_PARAMETERS})?)?{_BWS}(?:,|$)", re.ASCII)


def read_preferences(request: Request) -> Preferences:
    """The preferences of a request; its query counts only when it has no Prefer header.

    Raises MockserverError for a header that does not follow the grammar.
    """
    headers = [value for name, value in request.headers if name == "prefer"]
    if headers:
        return _of_header(",".join(headers))
    return _of_query(request.query) if _TWIN in request.target else ()


@lru_cache(maxsize=256)
def _of_header(header: str) -> Preferences:
    return _first(_pairs(header))


@lru_cache(maxsize=256)
def _of_query(query: str) -> Preferences:
    pairs = parse_qsl(query, keep_blank_values=True)
    return _first((name.removeprefix(_TWIN), value) for name, value in pairs if name.startswith(_TWIN))


def _first(pairs: Iterable[tuple[str, str]]) -> Preferences:
    # RFC 7240, 2: "If any preference is specified more than once, only the first instance is to be considered."
    preferences: dict[str, str] = {}
    for name, value in pairs:
        preferences.setdefault(name, value)
    return tuple(preferences.items())


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(header):
        match = _PREFERENCE.match(header, position)
        if match is None:
            raise MockserverError("Prefer", repr(header[position:][:80]), "name=value pairs with commas between")
        position = match.end()
        name, value = match.groups(default="")
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        if name:
            yield name.lower(), value


def preference_applied(preferences: Preferences) -> str:
    """The value of ``Preference-Applied`` (RFC 7240, 3) that names these preferences, in printable ASCII."""
    return ", ".join(f"{name}={_word(value)}" for name, value in preferences)


def _word(value: str) -> str:
    if re.fullmatch(_TOKEN, value, re.ASCII):
        return value
    # A value from the query may have characters that no header may: control characters, letters beyond Latin.
    escaped = value.encode("unicode_escape").decode("ascii")
    return '"' + escaped.replace('"', r"\"") + '"'
