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
    value = orjson.loads(text)
    brackets = (b"[", b"{") if isinstance(text, bytes) else ("[", "{")
    if sum(map(text.count, brackets)) > DEEPEST and not _is_written(value):  # type: ignore[arg-type]  # both of a kind
        raise ValueError(f"nested deeper than {DEEPEST} levels")
    return value


def _is_written(value: Any) -> bool:
    """Whether the library writes the value within so many levels more that the value itself has at most ``DEEPEST``."""
    for _ in range(_WRITTEN - DEEPEST):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
