"""Masking: a request as it may be shown, without its credentials.

A credential is known by the name of its parameter or header, and is then masked wherever its value stands: in another
header, in the path, in the text of a rule. A URL within a value, such as that of Referer, has parameters too, and may
have a user with a password. What looks like a JWT, or like ``user:password`` in base64, is masked anywhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, unquote_plus

from mockserver.http.message import Headers, Request
from mockserver.http.secrets import spellings

MASK = "***"

# The names that hold a secret: of headers and of parameters, in any case. The second line stands for API keys as Azure,
# AWS, Google and others spell them; the last for whole names: a word such as "code" is part of many harmless ones.
SECRET_NAME = re.compile(
    r"token|secret|passw(or)?d|passphrase|credential|assertion|authorization|signature|session[-_]?id|cookie|jwt"
    r"|(api|access|subscription|account|auth|private|functions)[-_]?key"
    r"|^(x-)?(auth|code|code_verifier|id_token_hint|key|otp|pass|pin|pwd|sas|sid|sig|state)$",
    re.IGNORECASE,
)
# A parameter of a URL within a text, and the user of one (RFC 3986, 3.2.1).
_NAME = r"[^?&#;=\s\"<>]{1,64}+="
_NESTED = re.compile(rf"(?<=[?&#;])({_NAME})((?:[^?&#;\s\"<>]|\?(?!{_NAME}))++)")
_USER = re.compile(r"(?<=://)[^/?#@\s\"<>]++(?=@)")
# Words of base64, either alphabet, that may hold user:password (RFC 7617).
_BASE64 = re.compile(r"(?<![\w+/-])(?:[\w+/-]|%2[BF]){8,}+(?:=|%3D){0,2}", re.ASCII | re.IGNORECASE)
# RFC 7519: three parts of base64url, the first a JSON object, which begins with `{"`. Each word is searched once, or 16
# kB of it would be read five thousand times.
_JWT = re.compile(r"(?<![\w-])(?=[\w-]++\.[\w-]++\.)([\w-]*?)eyJ[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_WORD = re.compile(r"[^\s&=/?,;\"<>]+")
_STANDARD = str.maketrans("-_", "+/")
# A shorter value stands everywhere by chance, and is guessed as easily as read.
_SHORTEST = 6
# A value that is percent-encoded so many times is still recognised.
_LAYERS = 3


def cleaner(request: Request) -> Callable[[str], str]:
    """The function that masks every credential of a request in any text, in each of its encodings; a word that holds a
    percent-encoded one is masked whole."""
    return _cleaner(_secrets_of_headers(request.headers).union(_secrets_of_query(request.query)))


# Most requests of a client bring the same credentials.
@lru_cache(maxsize=256)
def _cleaner(secrets: frozenset[str]) -> Callable[[str], str]:
    forms = {form for secret in secrets for form in spellings(secret) if len(form) >= _SHORTEST}
    longest_first = sorted(forms, key=len, reverse=True)

    def clean(text: str) -> str:
        # The parts of a JWT look like pairs too: they wait for the whole.
        text = _BASE64.sub(lambda word: word[0] if word[0].startswith("eyJ") else _masked_pair(word), text)
        for form in longest_first:
            text = text.replace(form, MASK)
        text = _BASE64.sub(_masked_pair, _JWT.sub(rf"\1{MASK}", text))
        text = _USER.sub(MASK, _NESTED.sub(_masked_parameter, text))
        return _WORD.sub(lambda word: MASK if hides(word[0]) else word[0], text) if "%" in text else text

    def hides(word: str) -> bool:
        plain = _plain(word)
        return plain != word and (any(form in plain for form in longest_first) or _betrays(plain))

    return clean


def _masked_pair(word: re.Match[str]) -> str:
    return MASK if _is_pair(word[0]) else word[0]


def _masked_parameter(parameter: re.Match[str]) -> str:
    return parameter[1] + MASK if _is_secret(parameter[1]) else parameter[0]


def _is_secret(name: str) -> bool:
    return SECRET_NAME.search(_plain(name).rstrip("=")) is not None


def _betrays(text: str) -> bool:
    """Whether a text holds what looks like a credential."""
    is_token = _JWT.search(text) is not None or _USER.search(text) is not None
    # A plus is a blank once a form is read.
    words = _BASE64.findall(text.replace(" ", "+"))
    return is_token or any(map(_is_pair, words)) or any(_is_secret(name) for name, _ in _NESTED.findall(text))


def _is_pair(word: str) -> bool:
    """Whether a word is ``user:password`` in base64: printable ASCII with a colon, which chance does not make."""
    bare = unquote(word).rstrip("=").translate(_STANDARD)
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("ascii")
    except ValueError:
        return False
    return text.isprintable() and ":" in text


def masked(request: Request, path: str) -> tuple[str, str, Headers]:
    """The path, the query and the headers of a request, masked; ``path`` is the part of its target to show."""
    clean = cleaner(request)
    return clean(path), masked_query(request, clean), masked_headers(request.headers, clean)


def masked_headers(headers: Headers, clean: Callable[[str], str]) -> Headers:
    """Headers of a request, or of its reply, masked; ``clean`` is the cleaner of the request."""
    return tuple((name, _scheme(value) if SECRET_NAME.search(name) else clean(value)) for name, value in headers)


def masked_query(request: Request, clean: Callable[[str], str]) -> str:
    """The query of a request, masked; ``clean`` is the request's cleaner."""
    parameters = (pair.partition("=") for pair in request.query.split("&"))
    return clean(
        "&".join(
            f"{name}={MASK}" if equals and SECRET_NAME.search(_plain(name)) else f"{name}{equals}{value}"
            for name, equals, value in parameters
        )
    )


def _plain(text: str) -> str:
    """The text without percent-encoding."""
    for _ in range(_LAYERS):
        text = unquote_plus(text) if "%" in text else text
    return text


def _scheme(value: str) -> str:
    """A credential without its value; its scheme, if it has one, is left."""
    scheme, blank, _ = value.partition(" ")
    return f"{scheme} {MASK}" if blank and scheme.isalpha() else MASK


def _secrets_of_query(query: str) -> Iterator[str]:
    """The value of every parameter that is named as a secret."""
    yield from (_plain(value) for name, value in parse_qsl(query) if SECRET_NAME.search(_plain(name)))
    yield from _nested_secrets(query)


def _nested_secrets(text: str) -> Iterator[str]:
    return (value for name, value in _NESTED.findall(_plain(text)) if _is_secret(name))


# Most requests of a client bring the same headers.
@lru_cache(maxsize=256)
def _secrets_of_headers(headers: Headers) -> frozenset[str]:
    """The value of every header that is named as a secret, and the parts of these values."""
    secrets = {secret for _, value in headers for secret in _nested_secrets(value)}
    for value in (value for name, value in headers if SECRET_NAME.search(name)):
        words = value.split()
        # The values of cookies stand behind the first word too.
        secrets.update(words[1:] or words, re.split(r"[\s;,=]+", value)[1:])
        with suppress(ValueError):
            # RFC 7617: what stands behind Basic is user:password.
            secrets.add(base64.b64decode(words[-1] if words else "", validate=True).decode().partition(":")[2])
    return frozenset(secrets)
