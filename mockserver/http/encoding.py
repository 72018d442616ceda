"""Content encodings: which one a client accepts, and a body in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress


class NotAcceptable(Exception):
    """The client accepts no encoding that there is, not even the body as it is."""


# Level 1 is the fastest; a page shrinks to a seventh at any level.
_LEVEL = 1


def choose(accepted: str, known: Sequence[str]) -> str | None:
    """The encoding for an Accept-Encoding value (RFC 9110, 12.5.3), or None: the one of the highest weight, ties in the
    order of ``known``. ``*`` means gzip.
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


# One item of Accept-Encoding as koa-compress 5.1.1 reads it; any other item is skipped. A blank is what it is in
# JavaScript, as far as a header may hold it.
_KOA_ITEM = re.compile(
    r"[\t \xa0]*(gzip|compress|deflate|br|identity|\*)[\t \xa0]*"
    r"(?:;[\t \xa0]*q[\t \xa0]*=[\t \xa0]*([0-9](?:\.[0-9])?))?[\t \xa0]*"
)
_KOA_ANY = ("gzip", "deflate")


def choose_as_koa(accepted: str, known: Sequence[str]) -> str | None:
    """The encoding that the library koa-compress chooses, or None; raises NotAcceptable where it answers 406.

    It takes the named encoding of the highest weight, also of the weight 0; ties in the order of ``known``.
    """
    weights: dict[str, float] = {}
    for item in filter(None, map(_KOA_ITEM.fullmatch, accepted.split(","))):
        name, weight = item[1], min(1.0, float(item[2] or 1))
        weights |= {other: weight for other in _KOA_ANY if other not in weights} if name == "*" else {name: weight}
    wanted = [name for name in known if name in weights]
    if not wanted and weights.get("identity") == 0:
        raise NotAcceptable
    return max(wanted, key=lambda name: weights[name], default=None)


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


def decoded_start(data: bytes, encoding: str | None, most: int) -> bytes:
    """At most ``most`` bytes of a decoded body; ``data`` is the beginning of the encoded one.

    The data itself where the encoding is unknown, or the data is not in it.
    """
    with suppress(Exception):  # each of both raises an error of its own
        if encoding == "br":
            import brotli

            data = brotli.Decompressor().process(data, output_buffer_limit=most) or data
        elif encoding in ("gzip", "deflate"):
            # 32 more: the header tells which of both it is.
            data = zlib.decompressobj(wbits=15 + 32).decompress(data, most)
    return data[:most]
