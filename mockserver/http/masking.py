"""Masking: a request as it may be shown, without its credentials.

A credential is known by the name of its parameter or header, and is then masked wherever its value stands: in another
header, in the path, in the text of a rule. What looks like a JWT is masked anywhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_plus

from mockserver.http.message import Headers, Request
from mockserver.http.secrets import spellings

MASK = "***"

# The names that hold a secret: of headers and of parameters, in any case.
SECRET_NAME = re.compile(
    r"token|secret|password|passwd|api[-_]?key|assertion|authorization|^(set-)?cookie$", re.IGNORECASE
)
# RFC 7519: three parts of base64url, the first a JSON object, which begins with `{"`. Each word is searched once, or 16
# kB of it would be read five thousand times.
_JWT = re.compile(r"(?<![\w-])(?=[\w-]++\.[\w-]++\.)([\w-]*?)eyJ[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_WORD = re.compile(r"[^\s&=/?,;\"<>]+")
# A shorter value stands everywhere by chance, and is guessed as easily as read.
_SHORTEST = 6
# A value that is percent-encoded so many times is still recognised.
_LAYERS = 3


def cleaner(request: Request) -> Callable[[str], str]:
    """The function that masks every credential of a request in any text, in each of its encodings; a word that holds a
    percent-encoded one is masked whole."""
    return _cleaner(frozenset(_secrets(request)))


# Most requests of a client bring the same credentials.
@lru_cache(maxsize=256)
def _cleaner(secrets: frozenset[str]) -> Callable[[str], str]:
    forms = {form for secret in secrets for form in spellings(secret) if len(form) >= _SHORTEST}
    longest_first = sorted(forms, key=len, reverse=True)

    def clean(text: str) -> str:
        for form in longest_first:
            text = text.replace(form, MASK)
        text = _JWT.sub(rf"\1{MASK}", text)
        return _WORD.sub(lambda word: MASK if hides(word[0]) else word[0], text) if "%" in text else text

    def hides(word: str) -> bool:
        plain = _plain(word)
        return plain != word and (any(form in plain for form in longest_first) or _JWT.search(plain) is not None)

    return clean


def masked(request: Request, path: str) -> tuple[str, str, Headers]:
    """The path, the query and the headers of a request, masked; ``path`` is the part of its target to show."""
    clean = cleaner(request)
    parameters = (pair.partition("=") for pair in request.query.split("&"))
    query = "&".join(
        f"{name}={MASK}" if equals and SECRET_NAME.search(_plain(name)) else f"{name}{equals}{value}"
        for name, equals, value in parameters
    )
    return clean(path), clean(query), masked_headers(request.headers, clean)


def masked_headers(headers: Headers, clean: Callable[[str], str]) -> Headers:
    """Headers of a request, or of its reply, masked; ``clean`` is the cleaner of the request."""
    return tuple((name, _scheme(value) if SECRET_NAME.search(name) else clean(value)) for name, value in headers)


def _plain(text: str) -> str:
    """The text without percent-encoding."""
    for _ in range(_LAYERS):
        text = unquote_plus(text) if "%" in text else text
    return text


def _scheme(value: str) -> str:
    """A credential without its value; its scheme, if it has one, is left."""
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {MASK}" if blank and scheme.isalpha() else MASK


def _secrets(request: Request) -> Iterator[str]:
    """The value of every parameter and header that the request names as a secret, and the parts of these values."""
    yield from (_plain(value) for name, value in parse_qsl(request.query) if SECRET_NAME.search(_plain(name)))
    for value in (value for name, value in request.headers if SECRET_NAME.search(name)):
        words = value.split()
        yield from words[1:] or words
        # The values of cookies.
        yield from re.split(r"[\s;,=]+", value)[1:]
        with suppress(ValueError):
            # RFC 7617: what stands behind Basic is user:password.
            yield base64.b64decode(words[-1] if words else "", validate=True).decode().partition(":")[2]
