"""Queries: what the text after the question mark asks for, or the refusal of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.document import contract
from mockserver.contract.filters import Filters
from mockserver.contract.numbers import as_number, as_text
from mockserver.contract.profile import Profile, Window
from mockserver.contract.refusals import broken, invalid_page, invalid_query, invalid_window, no_offset, wrong_types
from mockserver.http.link import PAGE

PAGE_SIZE = "page_size"

# PostgreSQL's bigint, which a real deployment hands limit and offset to.
_LARGEST_OFFSET = 2**63 - 1
# PostgreSQL's timestamp range in ms since 1970: 4713 BC to 294276 AD.
_OLDEST_MOMENT, _NEWEST_MOMENT = -210_866_803_200_000.0, 9_224_318_016_000_000.0
# Half the digits that Python reads and prints by default (sys.int_info.default_max_str_digits): the product of two such
# numbers, an offset, can still be printed.
_LONGEST_NUMBER = 2150

Values = Mapping[str, str]


class Query(NamedTuple):
    """A parsed request for logs.

    ``offset`` and ``limit`` in logs; ``page`` is the number that Link counts from, an int, or a float when numbers are
    read as JavaScript does; ``parameters`` are all pairs as sent, for Link; ``start`` and ``end`` bound createdAt (ms
    since 1970, inclusive, None: unbounded); ``most`` is where the count may end (None: it is exact).
    """

    filters: Filters
    offset: int
    limit: int
    page: float
    parameters: tuple[tuple[str, str], ...]
    start: float | None = None
    end: float | None = None
    most: int | None = None

    @property
    def meaning(self) -> tuple[object, ...]:
        """All but the way of writing: queries of equal meaning have the same answer from the same logs."""
        filters, offset, limit, page, _, start, end, most = self
        window = () if start is None and end is None and most is None else (start, end, most)
        return (*filters, offset, limit, page, *window)


def parse_query(text: str, profile: Profile) -> Query:
    """The query that ``text`` (raw, percent-encoded) asks for; raises Refused as a deployment of the profile does.

    The order of the checks is that of a real deployment: pagination, then filters, then what only a database refuses.
    """
    if profile.spare_question_mark:
        text = text.removeprefix("?")
    most = profile.parameter_limit
    if most is not None:
        text = "&".join(text.split("&", most)[:most])
    if "%" in text or "+" in text or not text.isascii():
        parameters = tuple(parse_qsl(text, keep_blank_values=True, errors="replace"))
    else:
        # A form (WHATWG URL, 5.1) that needs no decoding is read in a fifth of the time.
        parameters = tuple([pair.partition("=")[::2] for pair in text.split("&") if pair])
    values = dict(parameters)
    names = [name for name, _ in parameters] if len(values) < len(parameters) else []
    page = _number(PAGE, values, names.count(PAGE), profile)
    size = _number(PAGE_SIZE, values, names.count(PAGE_SIZE), profile)
    if names:
        _refuse_repeated(names, profile)
    texts = [(name, values[name]) for name in contract().filters if values.get(name)]
    start, end = _window(values, profile.window) if profile.window else (None, None)
    if profile.nul_breaks and any("\0" in value for _, value in texts):
        raise broken()
    offset, limit, shown = _place(page, size)
    cap = profile.cap
    most = cap.over if cap is not None and values.get(cap.parameter, "").lower() in cap.values else None
    return Query(Filters(tuple(texts), profile.prefixes), offset, limit, shown, parameters, start, end, most)


def _number(name: str, values: Values, times: int, profile: Profile) -> float:
    """One page or page_size: with the documented bounds, and digits as the profile reads them."""
    text, parameter = values.get(name), contract().parameters[name]
    minimum = parameter.minimum or 1
    if times > 1:
        raise invalid_page(f"{name} is given {times} times, expected once")
    if text is None or (not text and profile.empty_number):
        return parameter.default or 1
    if profile.numbers == "integer":
        # Python's isdigit alone takes the digits of other scripts too.
        if text.isdigit() and text.isascii() and len(text) <= _LONGEST_NUMBER and int(text) >= minimum:
            return int(text)
        raise invalid_page(f"{name} is {text[:40]!r}, expected an integer from {minimum}")
    number, cap = as_number(text), profile.page_size_cap if name == PAGE_SIZE else None
    if not number > 0 or (cap and number > cap):
        most = f" and at most {profile.page_size_cap}" if name == PAGE_SIZE else ""
        raise invalid_page(f"{name} is {text[:40]!r}, expected a number above 0{most}")
    return number


def _refuse_repeated(names: Sequence[str], profile: Profile) -> None:
    single = [*contract().filters]
    if profile.cap and profile.window:
        single += [profile.cap.parameter, profile.window.start, profile.window.end]
    repeated = [name for name in single if names.count(name) > 1]
    if repeated:
        data = wrong_types("array", *([name] for name in repeated))
        raise invalid_query(f"{', '.join(repeated)} given more than once, expected once", data)


def _window(values: Values, window: Window) -> tuple[float | None, float | None]:
    """The bounds of createdAt (ms since 1970) that a newer deployment reads from the query."""
    names = (window.start, window.end)
    bounds = [as_number(values[name]) if name in values else None for name in names]
    for name, bound in zip(names, bounds, strict=True):
        if bound is not None and not math.isfinite(bound):
            raise invalid_query(f"{name} is no finite number")
    start, end = bounds
    if start is not None and end is not None and start > end:
        raise invalid_window(window.code)
    if any(bound is not None and not _OLDEST_MOMENT <= bound <= _NEWEST_MOMENT for bound in bounds):
        raise broken()
    return start, end


def _place(page: float, size: float) -> tuple[int, int, float]:
    """Offset, limit and the page that Link counts from; raises Refused 422 or 500 for what is no bigint."""
    if isinstance(page, int) and isinstance(size, int):
        return (page - 1) * size, size, page
    offset = (page - 1) * size
    limit_text, offset_text = as_text(float(size)), as_text(float(offset))
    if not all(re.fullmatch(r"-?\d+", text) for text in (limit_text, offset_text)):
        raise no_offset()
    if not 0 <= int(offset_text) <= _LARGEST_OFFSET:
        raise broken()
    return int(offset_text), int(limit_text), float(math.floor(offset / size) + 1)
