"""Content encodings: the one that was asked for, the same bytes each time."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.encoding import choose, encode

ALL = ("br", "gzip", "deflate")
READERS = {"br": brotli.decompress, "gzip": gzip.decompress, "deflate": zlib.decompress}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, br", "br"),
        ("deflate, gzip", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip; q=0.5 , deflate ; q=0.6", "deflate"),
        ("*", "gzip"),
        ("*;q=0", None),
        ("*;q=0.1, br;q=0", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.000", None),
        ("gzip;q=0, *", None),
        ("identity", None),
        ("zstd", None),
        ("gzip;q=x", None),
        ("gzip;q=nan", None),
        ("gzip;q=", None),
        ("gzip;level=9", "gzip"),
        (",,;;=,", None),
        ("xgzip, gzipx", None),
    ],
)
def test_the_best_wanted_encoding_is_chosen(accepted: str, chosen: str | None) -> None:
    assert choose(accepted, ALL) == chosen


def test_what_is_not_known_is_not_chosen() -> None:
    assert choose("br, deflate", ("gzip",)) is None
    assert choose("br, *;q=0.1", ("gzip",)) == "gzip"


@pytest.mark.parametrize("encoding", ALL)
@given(st.lists(st.binary()))
def test_what_is_encoded_is_read_back_by_an_independent_reader(encoding: str, pieces: list[bytes]) -> None:
    once, twice = (b"".join(encode(pieces, encoding)) for _ in range(2))
    assert READERS[encoding](once) == b"".join(pieces)
    assert once == twice
