"""Profiles: everything in which real deployments differ from the document, in one record.

The profile ``documented`` is the record's defaults: what the document says, and the plainest behaviour beside it. The
observed ones are made of the ``x-observed`` facts of the document: each says which fields it ``sets``.

**How a version of a fact is chosen.** The name of a profile says its version: ``observed`` is Logto 1.36, and
``observed-1.42`` is Logto 1.42. A fact holds for every version, unless it is marked ``since`` or ``before`` a version.
Of two facts that set one field, the later one in the document wins. For a third version, add its name to
``ProfileName``, and to the document what it does otherwise, ``since`` that version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from mockserver.contract.document import Contract, contract

ProfileName = Literal["documented", "observed", "observed-1.42"]
# The version of the profile whose name has none: its own OpenAPI equals the documented page.
_FIRST = "1.36"


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
    the largest page_size (None: any). ``parameter_limit``: how many parameters are read (None: all).
    ``spare_question_mark``: the query may begin with a second one. ``prefixes``: what the keys of listed logs begin
    with (None: anything). ``nul_breaks``: a NUL in a filter or id is a 500.

    ``link_order``: the relations in their order. ``link_loses``: the beginning of the path that Link leaves out.
    ``link_lines``: one Link header for each relation. ``link_indices_first``: parameters whose names are indices stand
    first, as in an object of JavaScript. ``link_drops``: parameters that Link leaves out. ``origin``: that of Link is
    the Host as sent; or as sent, and a 500 where it makes no URL (``checked``); or that of the URL (``parsed``).

    ``strict_base64``: a token with characters beside those of base64url is refused. ``etag``: made of what the body
    depends on, or of the ``body``. ``etag_on_head``: HEAD has a tag. ``etag_defeated``: If-None-Match is ignored beside
    another condition. ``loose_path``: a trailing slash and any case reach the API. ``text_errors``: 404 and 405 are
    plain text, and a path outside the API is a web page.

    ``encodings``: in order of preference. ``compress_from``: the bytes of the smallest body that is compressed.
    ``negotiation``: how Accept-Encoding is read, by the standard or by the library koa-compress. ``vary``: the value of
    Vary. ``headers``: further ones of every reply.
    """

    numbers: Literal["integer", "javascript"] = "integer"
    empty_number: bool = False
    page_size_cap: int | None = None
    parameter_limit: int | None = None
    spare_question_mark: bool = False
    prefixes: tuple[str, ...] | None = None
    nul_breaks: bool = False
    link_order: tuple[str, ...] = ("first", "last", "prev", "next")
    link_loses: str = ""
    link_lines: bool = False
    link_indices_first: bool = False
    link_drops: tuple[str, ...] = ()
    origin: Literal["sent", "checked", "parsed"] = "sent"
    strict_base64: bool = False
    etag: Literal["opaque", "body"] = "opaque"
    etag_on_head: bool = True
    etag_defeated: bool = False
    loose_path: bool = False
    text_errors: bool = False
    encodings: tuple[str, ...] = ("gzip",)
    compress_from: int = 1024
    negotiation: Literal["standard", "koa-compress"] = "standard"
    vary: str = "Accept-Encoding"
    headers: tuple[tuple[str, str], ...] = ()
    window: Window | None = None
    cap: Cap | None = None


DOCUMENTED = Profile()


def version_of(name: str) -> str:
    """The version of Logto that an observed profile answers like, such as ``1.36.0``; empty for the documented one."""
    kind, _, version = name.partition("-")
    return f"{version or _FIRST}.0" if kind == "observed" else ""


@cache
def profile(name: ProfileName) -> Profile:
    """The profile of that name."""
    return observed(contract(), version_of(name)) if name != "documented" else DOCUMENTED


def observed(document: Contract, version: str) -> Profile:
    """The profile that the facts of a document make for one version."""
    sets = [fact.sets for fact in document.facts.values() if fact.holds(version)]
    return Profile(**{field: _frozen(field, value) for each in sets for field, value in each.items()})


def _frozen(field: str, value: Any) -> Any:
    if isinstance(value, dict):
        plain = {name: _frozen(name, part) for name, part in value.items()}
        made: dict[str, Any] = {"window": Window, "cap": Cap}
        return made[field](**plain) if field in made else tuple(plain.items())
    return tuple(value) if isinstance(value, list) else value
