"""Masking: a request as it may be shown, with every credential in it replaced, by its value wherever it stands."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, quote_plus

from mockserver.reply import Headers, Request

MASK = "***"

_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie", "x-api-key"))
_PARAMETERS = re.compile(r"token|secret|password|passwd|api_?key|assertion|authorization", re.IGNORECASE)
# RFC 7519: three parts of base64url, the first a JSON object, which begins with `{"`.
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
# A shorter value is found by chance everywhere, and guessed as easily as read.
_SHORTEST = 6


def masked(request: Request, path: str) -> tuple[str, str, Headers]:
    """The path, the query and the headers of a request, masked; ``path`` is the part of its target to show."""
    secrets = sorted({secret for secret in _secrets(request) if len(secret) >= _SHORTEST}, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        return _JWT.sub(MASK, text)

    headers = tuple((name, _header(value) if name in _HEADERS else clean(value)) for name, value in request.headers)
    return clean(path), clean(_query(request.query)), headers


def _header(value: str) -> str:
    """A credential without its value; of one with a scheme, the scheme is left."""
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {MASK}" if blank and scheme.isalpha() else MASK


def _query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(f"{name}={MASK}" if equals and _PARAMETERS.search(name) else f"{name}{equals}{value}"
                    for name, equals, value in pairs)  # fmt: skip


def _secrets(request: Request) -> Iterator[str]:
    """Every credential that the request names as one, as it is and as a URL would hold it."""
    found = [value for name, value in parse_qsl(request.query) if _PARAMETERS.search(name)]
    for name, value in request.headers:
        if name in _HEADERS:
            found += _parts(value)
    for secret in found:
        yield from (secret, quote(secret, safe=""), quote_plus(secret))


def _parts(value: str) -> Iterator[str]:
    """What of a credential could stand elsewhere: its words, the values of cookies, the password of Basic."""
    words = value.split()
    yield from words[1:] or words
    yield from re.split(r"[\s;,=]+", value)[1:]
    try:
        # RFC 7617: what stands behind Basic is user:password.
        yield base64.b64decode(words[-1] if words else "", validate=True).decode().partition(":")[2]
    except ValueError:
        return
