"""Comparisons: which logs an answer should hold, given what a reference lists, and which check a wrong answer breaks.

A ``Comparison`` is a function of the reference's listing and the answer. It returns None if the answer is right, or if
nobody can tell; otherwise a ``Mismatch`` with the check that the difference breaks. The functions below are called with
what the request asks for, and return a Comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Concatenate, ParamSpec

from mockserver.contract.filters import Pairs, matches
from mockserver.judge.answer import Answer, Break, Listing, identities, times
from mockserver.judge.checks import listing as checks
from mockserver.judge.checks.check import Check
from mockserver.judge.checks.headers import total_number
from mockserver.judge.checks.listing import Difference
from mockserver.judge.reading import Reading


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The check that an answer breaks beside a reference, and how."""

    check: Check
    broken: Break


Comparison = Callable[[Listing, Answer], Mismatch | None]
# A total that lacks so few logs may have been counted before they came.
LATE = 20

P = ParamSpec("P")


def _comparison(function: Callable[Concatenate[Listing, Answer, P], Mismatch | None]) -> Callable[P, Comparison]:
    """Make a function of a listing, an answer and more into one that takes only the rest and returns a Comparison."""

    def prepare(*args: P.args, **kwargs: P.kwargs) -> Comparison:
        return lambda listing, answer: function(listing, answer, *args, **kwargs)

    return prepare


@_comparison
def part(
    listing: Listing, answer: Answer, *suspects: Check, start: int = 0, size: int | None = None, default: bool = False
) -> Mismatch | None:
    """The part of a listing that begins at ``start``: ``size`` logs, or all that follow.

    The local checks find a page with more logs than asked for, unless the request leaves the size to the default.
    """
    expected = listing[start:][:size]
    too_many = size is not None and not default and len(answer.logs) > size
    if too_many or _same(expected, answer.logs):
        return None
    return _blame(Difference(listing, expected, answer.logs, start // (size or 1) + 1, size or 0), *suspects)


@_comparison
def page(
    listing: Listing,
    answer: Answer,
    number: int,
    size: int,
    window: int,
    filters: Pairs = (),
    short: Check | None = None,
) -> Mismatch | None:
    """Page ``number`` of ``size``, of the logs that match in a listing of up to ``window`` logs from the first.

    More or fewer logs break ``short``, if given: the request then leaves the size to the default.
    """
    slices = (checks.filter_after_paging, checks.order_stable, checks.page_ignored, checks.pages_overlap)
    last = (checks.pages_gap, checks.logs_missing, checks.page_size_ignored)
    suspects = (*((short,) if short else ()), *slices, *last)
    expected = _matching(listing, filters)[(number - 1) * size : number * size]
    # A log that the last page lacks is on no page; a first page without filters may have been capped.
    is_last = len(expected) < size and (number > 1 or bool(filters))
    difference = Difference(listing, expected, answer.logs, number, size, filters, all_matches=is_last)
    if short is None or not difference.miscounted:
        # Nobody knows which logs follow a full window.
        comparable = answer.logs if len(listing) < window else answer.logs[: len(expected)]
        # The local checks find a page with too many logs, and logs that do not match.
        too_many = len(answer.logs) > size
        if too_many or _same(expected, comparable) or len(_matching(answer.logs, filters)) < len(answer.logs):
            return None
    return _blame(difference, *suspects)


@_comparison
def beyond(listing: Listing, answer: Answer, size: int, known: int) -> Mismatch | None:
    """A page of ``size``, larger than the listing: as many logs as there are, of which ``known`` were seen."""
    there = known if answer.total is None else min(known, answer.total)
    if len(answer.logs) > size or len(answer.logs) >= min(size, there):
        return None
    return _blame(Difference(listing, listing, answer.logs), checks.page_size_ignored)


@_comparison
def behind(listing: Listing, answer: Answer) -> Mismatch | None:
    """A page around the end of a listing: logs that the listing lacks show that a cap cut it."""
    known = set(identities(listing))
    if known >= set(identities(answer.logs)):
        return None
    return _blame(Difference(listing, [], answer.logs), checks.page_size_ignored)


def unless_empty(compare: Comparison) -> Comparison:
    """The comparison, for which an answer without logs is right too."""
    return lambda listing, answer: compare(listing, answer) if answer.logs else None


def counted(compare: Comparison, reading: Reading) -> Comparison:
    """The comparison, and where it finds nothing, that of a total with the logs of the listing that match.

    A total that is counted late is a little behind, but one that lacks more than it counts is wrong.
    """

    def both(listing: Listing, answer: Answer) -> Mismatch | None:
        least = len(_matching(listing, reading.filters)) if reading.legality == "valid" else 0
        if (
            (found := compare(listing, answer))
            or answer.total is None
            or least - answer.total <= max(answer.total, LATE)
        ):
            return found
        return Mismatch(total_number, Break(f"from {least} logs", f"Total-Number: {answer.total}", "count"))

    return both


@_comparison
def following(listing: Listing, answer: Answer, size: int) -> Mismatch | None:
    """Some logs on the second page of ``size``, if the listing holds more than fit on the first."""
    rest = listing[size:]
    return _blame(Difference(listing, rest, []), checks.logs_missing) if rest and not answer.logs else None


@_comparison
def past_the_end(
    listing: Listing, answer: Answer, number: int, size: int, first: Listing, *others: Check
) -> Mismatch | None:
    """No log on page ``number``, after the last page. If the last page is full, it may have grown into a next one.

    ``first`` are logs known from the beginning of the list. If a total counts too few, the pages after it hold the logs
    that follow, and only the total is wrong. ``others`` are blamed if the logs are not those of the last page.
    """
    before = set(identities(first[: (number - 1) * size]))
    logs = set(identities(answer.logs))
    counted_out = answer.total is not None and answer.total <= (number - 1) * size and before & logs
    if not answer.logs or not (counted_out or logs & set(identities(listing)) or len(listing) < size):
        return None
    return _blame(Difference(listing, [], answer.logs), checks.past_the_end, *others)


@_comparison
def matching(
    listing: Listing, answer: Answer, filters: Pairs, size: int, window: int, *, from_top: bool
) -> Mismatch | None:
    """The logs of a listing of up to ``window`` that match, on the first page of ``size`` under the filters.

    If the listing is that of the newest logs (``from_top``), they come first, and if it is not full, there are no
    others. Otherwise they are somewhere on the page, unless the page is full.
    """
    expected = _matching(listing, filters)[:size]
    no_match = len(_matching(answer.logs, filters)) < len(answer.logs)
    if no_match or (not from_top and len(answer.logs) >= size):
        return None
    complete = from_top and len(listing) < window and len(expected) < size
    difference = Difference(listing, expected, answer.logs, all_matches=True, complete=complete)
    if checks.logs_missing(difference) or (from_top and not _same(expected, answer.logs[: len(expected)])):
        return _blame(difference, checks.logs_missing, checks.order_stable, checks.pages_gap)
    return None


def _blame(difference: Difference, *suspects: Check) -> Mismatch:
    """The mismatch that breaks the first suspect that explains the difference, or else the last suspect."""
    listing, expected, logs = difference.listing, difference.expected, difference.logs
    ties = _tied(expected, logs)
    # Another order of equal times is nothing worse, on whichever page it shows.
    check = checks.order_stable if ties else next((s for s in suspects if s(difference)), suspects[-1])
    places = {name: place for place, name in enumerate(identities(listing))}
    came, right = ([places.get(name) for name in identities(some)] for some in (logs, expected))
    expectation = spans(right) + (" of the whole list, counted from 0" if expected else "")
    return Mismatch(check, Break(expectation, spans(came), evidence=(("ties", ties),)))


def _tied(expected: Listing, logs: Listing) -> bool:
    """Whether logs stand where others of the same createdAt should: a list that is ordered by time alone does that.

    More logs than expected may follow, since nobody knows what stands behind a reference.
    """
    same_times = times(logs[: len(expected)]) == times(expected)
    return bool(expected) and same_times and not _same(expected, logs[: len(expected)])


def _matching(logs: Listing, filters: Pairs) -> Listing:
    return [log for log in logs if matches(log, filters)]


def _same(left: Listing, right: Listing) -> bool:
    return identities(left) == identities(right)


def spans(places: Sequence[int | None]) -> str:
    """Places within a listing as spans, such as ``logs 0-4, 7``; None stands for a log that is not in it."""
    # Within a span, a place and its index grow together.
    groups = groupby(enumerate(places), lambda pair: None if pair[1] is None else pair[1] - pair[0])
    runs = [[place for _, place in group] for _, group in groups]
    if not runs:
        return "no logs"
    return ("" if runs[0][0] is None else "logs ") + ", ".join(map(_span, runs))


def _span(run: list[int | None]) -> str:
    if run[0] is None:
        return "1 other log" if len(run) == 1 else f"{len(run)} other logs"
    return str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"
