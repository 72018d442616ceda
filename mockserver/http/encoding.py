"""Content encodings: which one a client asked for, and the body in it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

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


def encode(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The pieces of a body in one of ``br``, ``gzip`` and ``deflate``; the same bytes each time."""
    if encoding == "br":
        import brotli

        compressor = brotli.Compressor(quality=_LEVEL)
        yield from map(compressor.process, pieces)
        yield compressor.finish()
        return
    # zlib's window bits: 15 for its own format, which HTTP calls deflate, and 16 more for gzip's.
    squeezer = zlib.compressobj(_LEVEL, wbits=31 if encoding == "gzip" else 15)
    yield from map(squeezer.compress, pieces)
    yield squeezer.flush()
