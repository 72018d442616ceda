"""JSON text, strict and compact: the only importer of the JSON library."""

from __future__ import annotations

from typing import Any

import orjson


def encode(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON; raises TypeError for what JSON cannot say (NaN becomes null, as in
    JavaScript)."""
    return orjson.dumps(value)


def encode_pretty(value: Any) -> bytes:
    """``value`` as indented UTF-8 JSON with a final newline."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def decode(text: bytes | str) -> Any:
    """The value of one JSON text; raises ValueError for anything that RFC 8259 does not allow, NaN and lone
    surrogates included."""
    return orjson.loads(text)
