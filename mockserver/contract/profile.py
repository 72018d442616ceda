"""Profiles: everything in which real deployments differ from the document, in one record.

The profile ``documented`` is the record's defaults: what the document says, and the plainest behaviour beside it. The
observed ones are read from the ``x-observed`` facts of the document, which say what was seen and of which version
(``seen``).

**How a version of a fact is chosen.** ``observed`` is Logto 1.36, and ``observed-1.42`` is Logto 1.42. Both take the
same facts, unless 1.42 is known to differ; then ``newer`` chooses here: ``listed-keys-newer`` adds keys to those of
1.36, the filter by time and the capped count are in 1.42 alone, and the 500 of ``link-origin`` is in 1.36 alone. For a
third version, add its name and one more condition here, and its facts to the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from mockserver.contract.document import contract

ProfileName = Literal["documented", "observed", "observed-1.42"]


@dataclass(frozen=True, slots=True)
class Window:
    """The filter by time of newer versions: the names of its two parameters, and the code of the refusal when the start
    is after the end."""

    start: str
    end: str
    code: str


@dataclass(frozen=True, slots=True)
class Cap:
    """The capped count of newer versions: ``parameter`` with one of ``values`` counts no further than ``over`` + 1."""

    parameter: str
    values: tuple[str, ...]
    over: int


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of deployment answers.

    ``numbers``: how page and page_size are read. ``empty_number``: an empty one means the default. ``page_size_cap``:
    the largest page_size (None: any). ``parameter_limit``: how many parameters are read (None: all). ``prefixes``: what
    the keys of listed logs begin with (None: anything). ``nul_breaks``: a NUL in a filter or id is a 500.
    ``link_loses``: the beginning of the path that Link leaves out. ``link_lines``: one Link header for each relation.
    ``strict_origin``: a target or Host that no URL can hold turns a list into a 500. ``etag_on_head``: HEAD has a tag.
    ``etag_defeated``: If-None-Match is ignored beside another condition. ``loose_path``: a trailing slash and any case
    reach the API. ``text_errors``: 404 and 405 are plain text, and a path outside the API is a web page.
    ``encodings``: in order of preference. ``compress_above``: the bytes of the largest body that is never compressed.
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
    if name == "documented":
        return DOCUMENTED
    newer, fact = name == "observed-1.42", contract().fact
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
        encodings=tuple(fact("compression")["encodings"]),
        compress_above=fact("compression")["above"],
        window=Window(**fact("time-window")) if newer else None,
        cap=Cap(cap["parameter"], tuple(cap["values"]), cap["over"]) if newer else None,
    )
