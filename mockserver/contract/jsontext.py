"""JSON text, strict and compact: the only importer of the JSON library."""

from __future__ import annotations

from typing import Any

import orjson

# The library reads 1,024 levels and writes 254. With this bound, whatever is read can be written again, also within a
# few levels more.
DEEPEST = 200
_WRITTEN = 254


def encode(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON; raises TypeError for what JSON cannot say (NaN becomes null, as in
    JavaScript)."""
    return orjson.dumps(value)


def encode_pretty(value: Any) -> bytes:
    """``value`` as indented UTF-8 JSON with a final newline."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def decode(text: bytes | str) -> Any:
    """The value of one JSON text; raises ValueError for anything that RFC 8259 does not allow, NaN and lone
    surrogates included, and for nesting deeper than ``DEEPEST``."""
    return decode_beside(text)[0]


def decode_beside(text: bytes | str) -> tuple[Any, bytes]:
    """What ``decode`` returns, and the same value as ``encode`` writes it."""
    value = orjson.loads(text)
    # Within so many levels more, the library writes no value of more than DEEPEST.
    more = _WRITTEN - DEEPEST
    flat = value
    for _ in range(more):
        flat = [flat]
    try:
        return value, orjson.dumps(flat)[more:-more]
    except orjson.JSONEncodeError:
        raise ValueError(f"nested deeper than {DEEPEST} levels") from None
