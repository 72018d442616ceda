"""Profiles: everything in which a real deployment differs from the documented page, in one record.

The documented profile is the record's defaults; an observed one is read from the ``x-observed`` facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from mockserver.contract.document import contract

ProfileName = Literal["documented", "observed", "observed-1.42"]


@dataclass(frozen=True, slots=True)
class Window:
    """The filter by time of newer servers: two parameter names, and the code that refuses a start after the end."""

    start: str
    end: str
    code: str


@dataclass(frozen=True, slots=True)
class Cap:
    """The bounded count of newer servers: ``parameter`` with one of ``values`` counts no further than ``over`` +
    1."""

    parameter: str
    values: tuple[str, ...]
    over: int


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of deployment answers.

    ``numbers``: how page and page_size are read; ``empty_number``: an empty one means the default; ``page_size_cap``:
    the largest page_size, None for any; ``parameter_limit``: how many parameters are read, None for all; ``prefixes``:
    what listed keys begin with, None for any; ``nul_breaks``: a NUL in a filter or id is a 500; ``link_loses``: what
    Link leaves out at the front of the path; ``link_lines``: one Link header a relation; ``strict_origin``: a target or
    Host that no URL can hold turns a list into a 500; ``etag_on_head``; ``etag_defeated``: If-None-Match beside another
    condition counts for nothing; ``loose_path``: a trailing slash and any case reach the API; ``text_errors``: 404 and
    405 are plain text, and a path outside the API is a web page; ``encodings`` in order of preference;
    ``compress_above`` bytes.
    """

    numbers: Literal["integer", "javascript"] = "integer"
    empty_number: bool = False
    page_size_cap: int | None = None
    parameter_limit: int | None = None
    prefixes: tuple[str, ...] | None = None
    nul_breaks: bool = False
    link_loses: str = ""
    link_lines: bool = False
    strict_origin: bool = False
    etag_on_head: bool = True
    etag_defeated: bool = False
    loose_path: bool = False
    text_errors: bool = False
    encodings: tuple[str, ...] = ("gzip",)
    compress_above: int = 1024
    window: Window | None = None
    cap: Cap | None = None


DOCUMENTED = Profile()


@cache
def profile(name: ProfileName) -> Profile:
    """The profile of that name."""
    return DOCUMENTED if name == "documented" else _observed(newer=name == "observed-1.42")


def _observed(newer: bool) -> Profile:
    fact = contract().fact
    compression: Mapping[str, Any] = fact("compression")
    cap = fact("total-cap")
    return Profile(
        numbers=fact("number-reading"),
        empty_number=fact("number-empty") == "default",
        page_size_cap=fact("page-size-cap"),
        parameter_limit=fact("parameter-limit"),
        prefixes=(*fact("listed-keys"), *(fact("listed-keys-newer") if newer else ())),
        nul_breaks=fact("filter-nul") == 500,
        link_loses=fact("link-base"),
        link_lines=fact("link-lines") == "separate",
        strict_origin=not newer and fact("link-origin") == 500,
        etag_on_head=fact("etag")["head"],
        etag_defeated=fact("etag-defeated"),
        loose_path=fact("path-spelling")["trailing_slash"],
        text_errors=True,
        encodings=tuple(compression["encodings"]),
        compress_above=compression["above"],
        window=Window(**fact("time-window")) if newer else None,
        cap=Cap(cap["parameter"], tuple(cap["values"]), cap["over"]) if newer else None,
    )
