"""Content encodings: the one that was asked for, the same bytes each time."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.encoding import NotAcceptable, choose, choose_as_koa, decoded_start, encode

ALL = ("br", "gzip", "deflate")
READERS = {"br": brotli.decompress, "gzip": gzip.decompress, "deflate": zlib.decompress}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, br", "br"),
        ("br;q=1, gzip", "br"),
        ("br;q=1.0, gzip;level=9", "br"),
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


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    # What koa-compress 5.1.1 chooses on Node, with its 406 as NotAcceptable.
    [
        ("", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("deflate", "deflate"),
        ("GZIP", None),
        ("x-gzip", None),
        ("zstd", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=0", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0, deflate;q=0", "gzip"),
        ("*", "gzip"),
        ("*;q=0", "gzip"),
        ("*;q=0.1, br;q=0", "gzip"),
        ("gzip;q=0.5, *", "deflate"),
        ("*, gzip;q=0.5", "deflate"),
        ("gzip;q=0.5, br;q=0.1", "gzip"),
        ("gzip;q=0.5, br;q=0.5", "br"),
        ("identity", None),
        ("identity;q=0", NotAcceptable),
        ("identity;q=0, gzip;q=0", "gzip"),
        ("identity;q=0.0", NotAcceptable),
        ("identity, gzip;q=0.1", "gzip"),
        ("identity;q=0, zstd", NotAcceptable),
        ("compress", None),
        ("gzip;Q=1", None),
        ("gzip;q=.5", None),
        ("gzip;q=0.05", None),
        ("gzip;q=1.0", "gzip"),
        ("gzip;q=9, br", "br"),
        ("gzip ; q = 0.3 , deflate ; q=0.4", "deflate"),
        ("\tgzip\t", "gzip"),
        ("gz ip", None),
        ("gzip;q=", None),
        ("gzip;level=9", None),
        (",,;;=,", None),
        ("gzip;q=0.5;x", None),
        ("\u00a0br", "br"),
        ("*;q=0, identity;q=0", "gzip"),
        ("deflate;q=0.9, gzip;q=1", "gzip"),
    ],
)
def test_the_observed_profiles_choose_as_the_library_of_a_real_deployment(
    accepted: str, chosen: str | type[Exception] | None
) -> None:
    if chosen is NotAcceptable:
        with pytest.raises(NotAcceptable):
            choose_as_koa(accepted, ALL)
    else:
        assert choose_as_koa(accepted, ALL) == chosen


@pytest.mark.parametrize("encoding", ALL)
@given(st.lists(st.binary()))
def test_what_is_encoded_is_read_back_by_an_independent_reader(encoding: str, pieces: list[bytes]) -> None:
    once, twice = (b"".join(encode(pieces, encoding)) for _ in range(2))
    assert READERS[encoding](once) == b"".join(pieces)
    assert once == twice


@pytest.mark.parametrize("encoding", ALL)
def test_of_a_small_body_that_unpacks_to_a_large_one_no_more_is_unpacked_than_is_asked_for(encoding: str) -> None:
    packed = b"".join(encode([b"x" * 20_000_000], encoding))
    decoded_start(b"", encoding, 1)  # the library is imported
    tracemalloc.start()
    try:
        assert decoded_start(packed, encoding, 1000) == b"x" * 1000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
