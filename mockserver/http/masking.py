"""Masking: a request as it may be shown, with every credential in it replaced, by its value wherever it stands."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from mockserver.http.message import Headers, Request

MASK = "***"

_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie"))
_PARAMETERS = re.compile(r"token|secret|password|passwd|api[-_]?key|assertion|authorization", re.IGNORECASE)
# RFC 7519: three parts of base64url, the first a JSON object, which begins with `{"`. Looked for once in each word, or
# 16 kB of it would be read five thousand times.
_JWT = re.compile(r"(?<![\w-])(?=[\w-]++\.[\w-]++\.)([\w-]*?)eyJ[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_WORD = re.compile(r"[^\s&=/?,;\"<>]+")
# A shorter value is found by chance everywhere, and guessed as easily as read.
_SHORTEST = 6
# How often a value may be percent-encoded over again and still be known.
_LAYERS = 3


def cleaner(request: Request) -> Callable[[str], str]:
    """The function that masks every credential of a request in any text: as it is, in base64 and in hexadecimal; a word
    that holds one percent-encoded is masked whole."""
    secrets = sorted({secret for secret in _secrets(request) if len(secret) >= _SHORTEST}, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        text = _JWT.sub(rf"\1{MASK}", text)
        return _WORD.sub(lambda word: MASK if is_hidden(word[0]) else word[0], text) if "%" in text else text

    def is_hidden(word: str) -> bool:
        plain = _plain(word)
        return plain != word and (any(secret in plain for secret in secrets) or _JWT.search(plain) is not None)

    return clean


def masked(request: Request, path: str) -> tuple[str, str, Headers]:
    """The path, the query and the headers of a request, masked; ``path`` is the part of its target to show."""
    clean = cleaner(request)
    headers = tuple((name, _header(value) if _names(name) else clean(value)) for name, value in request.headers)
    return clean(path), clean(_query(request.query)), headers


def _names(header: str) -> bool:
    """Whether a header of this name holds a credential."""
    return header in _HEADERS or _PARAMETERS.search(header) is not None


def _plain(text: str) -> str:
    """The text without percent-encoding."""
    for _ in range(_LAYERS):
        if "%" not in text:
            break
        text = unquote_plus(text)
    return text


def _header(value: str) -> str:
    """A credential without its value; of one with a scheme, the scheme is left."""
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {MASK}" if blank and scheme.isalpha() else MASK


def _query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(f"{name}={MASK}" if equals and _PARAMETERS.search(_plain(name)) else f"{name}{equals}{value}"
                    for name, equals, value in pairs)  # fmt: skip


def _secrets(request: Request) -> Iterator[str]:
    """Every credential that the request names as one: as it is, as a URL would hold it, in base64 and hexadecimal."""
    found = [_plain(value) for name, value in parse_qsl(request.query) if _PARAMETERS.search(_plain(name))]
    for name, value in request.headers:
        if _names(name):
            found += _parts(value)
    for secret in found:
        raw = secret.encode()
        yield from (raw.hex(), raw.hex().upper(), base64.urlsafe_b64encode(raw).decode().rstrip("="))
        for text in (secret, base64.b64encode(raw).decode().rstrip("=")):
            # A slash is quoted by some and left by others.
            yield from (text, quote(text, safe=""), quote_plus(text), quote(text))


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
