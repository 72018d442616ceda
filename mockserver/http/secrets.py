"""Secrets: the spellings in which a value may stand in a text, for whoever must remove it from one.

A server repeats what it was sent in the encoding of the place: in an URL, in JSON, in HTML, inside a Basic credential
or a cookie. A text is free of a value only if it is free of every spelling below.

Base64 encodes three bytes as four characters, so a value that stands in the middle of an encoded text has three
spellings, one for each alignment. The characters at both ends also depend on the bytes around the value; a spelling
holds only the characters between them, which the value alone decides.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from mockserver.contract.jsontext import encode


def spellings(value: str) -> frozenset[str]:
    """The ways to write a value: plain, as JSON, in HTML, percent-encoded, in hexadecimal and in base64.

    Base64 comes at each alignment, with the standard and with the URL-safe alphabet, and percent-encoded.
    """
    raw = value.encode(errors="replace")
    json_text = encode(raw.decode()).decode()[1:-1]
    html = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    encoded = set(_in_base64(raw))
    in_html = {html, html.replace("'", "&#x27;"), html.replace("'", "&#39;")}
    texts = {value, json_text, raw.hex(), raw.hex().upper(), *in_html, *encoded}
    return frozenset(texts | {text for plain in (value, *encoded) for text in _in_percent(plain)})


def _in_percent(text: str) -> Iterator[str]:
    """Percent-encodings: with and without the slash, blanks as plus, hexadecimal digits in both cases."""
    paths = (quote(text, safe, errors="replace") for safe in ("/", ""))
    for quoted in (*paths, quote_plus(text, errors="replace")):
        yield quoted
        yield re.sub(r"%..", lambda escape: escape[0].lower(), quoted)


def _in_base64(raw: bytes) -> Iterator[str]:
    for before, first in enumerate((0, 2, 3)):
        text = base64.b64encode(b"\0" * before + raw).decode()
        certain = text[first : (before + len(raw)) * 8 // 6]
        yield certain
        yield certain.translate(str.maketrans("+/", "-_"))
