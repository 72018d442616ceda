"""Listings: which logs are on a page, judged by the page alone and beside another answer that lists the same logs.

A comparison (``judge/comparisons.py``) knows which logs a page should hold. If the page holds others, the comparison
makes a ``Difference`` of the two and asks the checks it suspects, in order, whether they explain it: the functions
below that take a ``Difference``. The first that says yes is broken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.contract.filters import Pairs, matches, value_at
from mockserver.judge.answer import Answer, Break, Listing, identities
from mockserver.judge.checks.check import Breaks, Check, Context, check, compared, consequence_of, on_page


@dataclass(frozen=True)
class Difference:
    """How the ``logs`` of an answer differ from the ``expected`` ones.

    ``listing`` is what the reference lists, before filters. ``number`` and ``size`` are those of the page asked for,
    which are the defaults if the request names none; ``filters`` are its filters. ``all_matches``: the page should hold
    all logs of the listing that match. ``complete``: no matching log stands outside the listing.
    """

    listing: Listing
    expected: Listing
    logs: Listing
    number: int = 1
    size: int = 0
    filters: Pairs = ()
    all_matches: bool = False
    complete: bool = False

    @property
    def start(self) -> int:
        """The place of the first expected log among the logs that match."""
        return (self.number - 1) * self.size

    @cached_property
    def first_place(self) -> int | None:
        """The place of the answer's first log among the logs that match; None if none of its logs is one of them.

        It is below 0 if the answer begins with a log that stands before the listing.
        """
        matching = identities([log for log in self.listing if matches(log, self.filters)])
        places = {name: place for place, name in enumerate(matching)}
        return next((places[name] - n for n, name in enumerate(identities(self.logs)) if name in places), None)

    @property
    def miscounted(self) -> bool:
        """Whether there are more or fewer logs than expected."""
        return len(self.logs) != len(self.expected)


@consequence_of("ids-unique")
@compared("default-page", "forbidden", "page: Page number (starts from 1), default 1.")
def default_page(difference: Difference) -> bool:
    """A request without a page gets as many logs as expected, but not those of the first page."""
    return not difference.miscounted


@consequence_of(
    "schema", "page-size-exceeded", "page-size-ignored", "filter-after-paging", "filter-inexact", "ids-unique"
)
@compared("default-page-size", "forbidden", "page_size: Entries per page, default 20.")
def default_page_size(difference: Difference) -> bool:
    """A request without a page_size gets more or fewer logs than the default. None on a later page or under a filter is
    another break, and so are too few, or too many that fit, on a partial last page."""
    fits = len(difference.expected) < difference.size >= len(difference.logs)
    is_first = difference.number == 1 and not difference.filters
    return difference.miscounted and not fits and (is_first or bool(difference.logs))


@on_page("page-size-exceeded", "forbidden", "page_size: Entries per page.")
def page_size_exceeded(context: Context) -> Breaks:
    """More logs than the page_size asked for."""
    size, answer = context.reading.page_size, context.answer
    if size is None or not any(name == "page_size" for name, _ in context.probe.parameters):
        return None
    return [Break(f"at most {size} logs", f"{len(answer.logs)} logs")] if len(answer.logs) > size else []


@consequence_of("default-page", "page-size-exceeded", "ids-unique")
@compared("page-size-ignored", "forbidden", "page_size: Entries per page; a page with fewer is the last.")
def page_size_ignored(difference: Difference) -> bool:
    """Fewer logs than the page_size asked for, although there are more."""
    return difference.miscounted


@consequence_of("default-page", "page-size-exceeded", "filter-after-paging", "ids-unique")
@compared("page-ignored", "forbidden", "page: Page number (starts from 1).")
def page_ignored(difference: Difference) -> bool:
    """The first page, the page after the right one, or the logs from the page's number on.

    On a page of one or two logs, nobody can tell these from a page that begins one log early or late.
    """
    number, size = difference.number, difference.size
    wrong = (difference.start + size, *((0, number - 1) if number > 1 else ()))
    return number <= size and size > 2 and difference.first_place in wrong


@consequence_of("page-ignored", "page-size-exceeded", "page-size-ignored", "pages-overlap")
@compared("past-the-end", "forbidden", "page: Page number; a page after the last holds no logs.")
def past_the_end(difference: Difference) -> bool:
    """Logs of the last page on a page after it."""
    return difference.first_place is not None


@check("filter-ignored", "forbidden", "Filter logs by user ID, application ID, log key.")
def filter_ignored(context: Context) -> Breaks:
    """A log whose value does not even resemble the one asked for."""
    return _filter_breaks(context, "ignored")


@consequence_of(
    "schema", "default-page", "page-ignored", "page-size-exceeded", "page-size-ignored", "filter-ignored",
    "filters-combined", "filter-inexact", "filter-after-paging", "default-page-size", "ids-unique",
)  # fmt: skip
@compared("logs-missing", "forbidden", "Get logs that match the given query: every log that matches is on some page.")
def logs_missing(difference: Difference) -> bool:
    """No log at all, or not all logs that match on a page that should hold them all.

    A page that holds more logs than all that match, or unlisted ones between these, shows that the listing without
    filters lacks some.
    """
    right, came = identities(difference.expected), identities(difference.logs)
    if set(right) - set(came) if difference.all_matches else not came:
        return True
    after = came[came.index(right[0]) :] if right and right[0] in came else []
    known = [name for name in after if name in right]
    between = after[: after.index(known[-1])] if known and known == right[: len(known)] else []
    unlisted = set(between) - set(identities(difference.listing))
    return bool(unlisted) or (difference.complete and len(came) > len(right))


@consequence_of("filter-ignored")
@check("filters-combined", "forbidden", "Get logs that match the given query: all of its filters at once.")
def filters_combined(context: Context) -> Breaks:
    """A log that matches one of several filters but not the others."""
    return _filter_breaks(context, "combined") if len(context.reading.filters) > 1 else None


@consequence_of("filter-ignored")
@check("filter-inexact", "senseless", "A filter matches only the value given: no prefix, pattern or other spelling.")
def filter_inexact(context: Context) -> Breaks:
    """A log whose value only resembles the one asked for."""
    return _filter_breaks(context, "inexact")


def _filter_breaks(context: Context, kind: str) -> Breaks:
    filters = context.reading.filters
    if not context.answer.is_page or not filters:
        return None
    breaks: dict[str, Break] = {}
    for number, log in enumerate(context.answer.logs):
        if isinstance(log, dict) and not matches(log, filters):
            wrong = [(name, text) for name, text in filters if value_at(log, name) != text]
            if _kind(log, wrong, filters) == kind:
                subject = ", ".join(name for name, _ in wrong)
                broken = Break(f"the {subject} asked for in each log", f"another in log {number}", subject)
                breaks.setdefault(subject, broken)
    return breaks.values()


def _kind(log: Any, wrong: Sequence[tuple[str, str]], filters: Pairs) -> str:
    if all(resembles(value_at(log, name), text) for name, text in wrong):
        return "inexact"
    return "combined" if len(wrong) < len(filters) else "ignored"


def resembles(value: Any, text: str) -> bool:
    """Whether a careless comparison takes ``value`` for ``text``: another case, accent or mark, a part, a pattern."""
    right = _folded(text)
    pieces = [piece for piece in right.replace("*", "%").replace("_", "%").replace(".", "%").split("%") if piece]
    if not isinstance(value, str):
        return not pieces
    left = _folded(value)
    without_marks = [re.sub(r"[\W_]", "", each) for each in (left, right)]
    return left in right or without_marks[0] == without_marks[1] or all(piece in left for piece in pieces)


def _folded(text: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text.strip().casefold()))


@consequence_of("schema", "page-size-ignored", "filter-ignored", "filters-combined", "filter-inexact")
@compared(
    "filter-after-paging", "senseless", "A filtered page is a page of the matching logs, not the matches of one page."
)
def filter_after_paging(difference: Difference) -> bool:
    """Exactly the matches of the unfiltered first page, and some. On later pages, other breaks look the same."""
    if not difference.filters or difference.number != 1 or not difference.logs:
        return False
    first_page = difference.listing[: difference.size]
    return identities(difference.logs) == identities([log for log in first_page if matches(log, difference.filters)])


@consequence_of("page-ignored", "page-size-exceeded", "page-size-ignored", "filter-after-paging", "filters-combined")
@compared("pages-overlap", "senseless", "No log is on two pages.")
def pages_overlap(difference: Difference) -> bool:
    """A page that begins with a log of the page before."""
    return difference.first_place is not None and difference.first_place < difference.start


@consequence_of("page-ignored", "page-size-ignored", "default-page", "logs-missing", "past-the-end", "ids-unique")
@compared("pages-gap", "senseless", "No log is lost between two pages.")
def pages_gap(difference: Difference) -> bool:
    """A page that begins after its first log, or holds only logs that the listing does not have."""
    if difference.first_place is None:
        return bool(difference.logs)
    return difference.first_place > difference.start


@consequence_of("ids-unique")
@compared("order-stable", "senseless", "The same request gives the same logs in the same order, until new logs come.")
def order_stable(difference: Difference) -> bool:
    """The expected logs in another order."""
    return sorted(identities(difference.expected)) == sorted(identities(difference.logs))


@compared("unknown-parameter", "senseless", "An undocumented parameter changes nothing, or is refused with 400.")
def unknown_parameter(difference: Difference) -> bool:
    """Any difference: nothing but the parameter distinguishes the two requests."""
    return difference.expected != difference.logs


@compared("filter-empty", "senseless", "An empty filter filters nothing, finds nothing, or is refused with 400.")
def filter_empty(difference: Difference) -> bool:
    """Some logs, but not those of the request without the filter."""
    return bool(difference.logs)


@consequence_of("page-size-exceeded", "page-size-ignored", "ids-unique")
@compared("answers-apart", "forbidden", "Get logs that match the given query, also while others are asked.")
def answers_apart(asked: int, answer: Answer) -> Breaks:
    """Another number of logs than asked for, where each of several requests at once asks for another number."""
    came = len(answer.logs)
    return [Break(f"{asked} logs", f"{came} logs, as others asked for")] if came != asked else []


_ABOUT_PAGES: tuple[Check, ...] = (
    default_page, default_page_size, page_size_exceeded, page_size_ignored, page_ignored, past_the_end, filter_ignored,
    logs_missing, filters_combined, filter_inexact, filter_after_paging, pages_overlap, pages_gap, unknown_parameter,
    filter_empty,
)  # fmt: skip
# Whoever breaks one of these has wrong pages, so that nothing that counts or links pages can be right.
LISTING = tuple(check.name for check in _ABOUT_PAGES)
