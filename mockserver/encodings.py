"""Content encodings: which one a client asked for, and the body in it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence

# Level 1: a mock spends its time on answers; a page shrinks to a seventh at any level.
_LEVEL = 1


def choose(accepted: str, known: Sequence[str]) -> str | None:
    """The encoding to use for an Accept-Encoding value, None for none: the best wanted, ties in the order of ``known``.

    ``*`` stands for gzip.
    """
    weights: dict[str, float] = {}
    for item in accepted.lower().split(","):
        name, _, parameter = item.partition(";")
        weights[name.strip()] = _weight(parameter)
    if "*" in weights:
        weights.setdefault("gzip", weights["*"])
    wanted = [name for name in known if weights.get(name, 0) > 0]
    return max(wanted, key=lambda name: weights[name], default=None)


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def encode(body: bytes, encoding: str) -> bytes:
    """The body in one of ``br``, ``gzip`` and ``deflate``; the same bytes each time."""
    if encoding == "br":
        import brotli

        return bytes(brotli.compress(body, quality=_LEVEL))
    return gzip.compress(body, _LEVEL, mtime=0) if encoding == "gzip" else zlib.compress(body, _LEVEL)
