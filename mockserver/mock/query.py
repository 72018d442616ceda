"""Queries: what the text after the question mark asks for, or the refusal that it earns."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.document import contract
from mockserver.contract.filters import Filters
from mockserver.contract.numbers import as_number, as_text
from mockserver.contract.profile import Profile
from mockserver.contract.refusals import broken, invalid_page, invalid_query, invalid_window, no_offset
from mockserver.http.link import PAGE

PAGE_SIZE = "page_size"

# PostgreSQL's bigint, which a real deployment hands limit and offset to.
_LARGEST_OFFSET = 2**63 - 1
# PostgreSQL's timestamp range in ms since 1970: 4713 BC to 294276 AD.
_OLDEST_MOMENT, _NEWEST_MOMENT = -210_866_803_200_000.0, 9_224_318_016_000_000.0
# Half the digits that Python reads or prints without being told to (sys.int_info.default_max_str_digits): the product
# of two such numbers, an offset, still prints.
_LONGEST_NUMBER = 2150

# How often each name comes where none comes twice: not worth counting.
_ONCE: Counter[str] = Counter()

Values = Mapping[str, str]


class Query(NamedTuple):
    """A parsed request for logs.

    ``offset`` and ``limit`` in logs; ``page`` is the number that Link counts from, an int, or a float where numbers are
    JavaScript's; ``parameters`` are all pairs as sent, for Link; ``start`` and ``end`` bound createdAt (ms, inclusive,
    None: unbounded); ``capped`` asks for a bounded count.
    """

    filters: Filters
    offset: int
    limit: int
    page: float
    parameters: tuple[tuple[str, str], ...]
    start: float | None = None
    end: float | None = None
    capped: bool = False

    @property
    def meaning(self) -> tuple[object, ...]:
        """All but how it was written: queries that mean the same have the same answer from the same logs."""
        filters, offset, limit, page, _, start, end, capped = self
        window = () if start is None and end is None and not capped else (start, end, capped)
        return (*filters, offset, limit, page, *window)


def parse_query(text: str, profile: Profile) -> Query:
    """The query that ``text`` (raw, percent-encoded) asks for; raises Refused as the profile's deployment does.

    The order of judgement is the real one: pagination, then filters, then what only a database refuses.
    """
    pairs = _pairs(text, profile.parameter_limit)
    values = dict(pairs)
    times = Counter([name for name, _ in pairs]) if len(values) < len(pairs) else _ONCE
    page = _number(PAGE, values, times, profile)
    size = _number(PAGE_SIZE, values, times, profile)
    if times:
        _refuse_repeated(times, profile)
    filters = Filters(
        tuple([(name, values[name]) for name in contract().filters if values.get(name)]), profile.prefixes
    )
    start, end = _window(values, profile)
    if profile.nul_breaks and any("\0" in value for _, value in filters.values):
        raise broken()
    offset, limit, shown = _place(page, size)
    capped = profile.cap is not None and values.get(profile.cap.parameter, "").lower() in profile.cap.values
    return Query(filters, offset, limit, shown, pairs, start, end, capped)


def _pairs(text: str, most: int | None) -> tuple[tuple[str, str], ...]:
    if most is not None:
        text = "&".join(text.split("&", most)[:most])
    if "%" in text or "+" in text or not text.isascii():
        return tuple(parse_qsl(text, keep_blank_values=True, errors="replace"))
    # The same where a form (WHATWG URL, 5.1) is its text: decoding takes most of the time.
    return tuple([pair.partition("=")[::2] for pair in text.split("&") if pair])


def _number(name: str, values: Values, times: Mapping[str, int], profile: Profile) -> float:
    """One page or page_size; documented bounds, and the profile's own reading of digits."""
    text = values.get(name)
    if times and times[name] > 1:
        raise invalid_page(f"{name} is given {times[name]} times, expected once")
    if text is None or (not text and profile.empty_number):
        return contract().parameters[name].default or 1
    if profile.numbers == "integer":
        return _integer(text, name)
    number = as_number(text)
    if not number > 0 or (name == PAGE_SIZE and profile.page_size_cap and number > profile.page_size_cap):
        most = f" and at most {profile.page_size_cap}" if name == PAGE_SIZE else ""
        raise invalid_page(f"{name} is {text[:40]!r}, expected a number above 0{most}")
    return number


def _integer(text: str, name: str) -> int:
    minimum = contract().parameters[name].minimum or 1
    # Of the digits that Python knows, ASCII's.
    if not (text.isdigit() and text.isascii()) or len(text) > _LONGEST_NUMBER or (number := int(text)) < minimum:
        raise invalid_page(f"{name} is {text[:40]!r}, expected an integer from {minimum}")
    return number


def _refuse_repeated(times: Mapping[str, int], profile: Profile) -> None:
    extra: Iterable[str] = ()
    if profile.cap and profile.window:
        extra = (profile.cap.parameter, profile.window.start, profile.window.end)
    repeated = [name for name in (*contract().filters, *extra) if times[name] > 1]
    if repeated:
        issues = [
            {"code": "invalid_type", "expected": "string", "received": "array", "path": [name]} for name in repeated
        ]
        detail = f"{', '.join(repeated)} given more than once, expected once"
        raise invalid_query(detail, {"issues": issues, "name": "ZodError"})


def _window(values: Values, profile: Profile) -> tuple[float | None, float | None]:
    if profile.window is None:
        return None, None
    start, end = (_moment(values, name) for name in (profile.window.start, profile.window.end))
    if start is not None and end is not None and start > end:
        raise invalid_window(profile.window.code)
    if any(moment is not None and not _OLDEST_MOMENT <= moment <= _NEWEST_MOMENT for moment in (start, end)):
        raise broken()
    return start, end


def _moment(values: Values, name: str) -> float | None:
    if name not in values:
        return None
    number = as_number(values[name])
    if not math.isfinite(number):
        raise invalid_query(f"{name} is no finite number")
    return number


def _place(page: float, size: float) -> tuple[int, int, float]:
    """Offset, limit and the page that Link counts from; 422 or 500 for what PostgreSQL takes for no bigint."""
    if isinstance(page, int) and isinstance(size, int):
        return (page - 1) * size, size, page
    offset = (page - 1) * size
    limit_text, offset_text = as_text(float(size)), as_text(float(offset))
    if not all(re.fullmatch(r"-?\d+", text) for text in (limit_text, offset_text)):
        raise no_offset()
    if not 0 <= int(offset_text) <= _LARGEST_OFFSET:
        raise broken()
    return int(offset_text), int(limit_text), float(math.floor(offset / size) + 1)
