"""Fits: whether an answer is the part of a listing that it should be, and which rule it breaks where it is not."""

from __future__ import annotations

from mockserver.contract.filters import Pairs, matches
from mockserver.judge.answer import Answer, Break
from mockserver.judge.seen import identity
from mockserver.judge.session import Comparison, Logs, Mismatch, times
from mockserver.judge.shape import spans


def prefix(count: int, short: str, elsewhere: str, *, of_size: bool = False) -> Comparison:
    """The first ``count`` of a listing: ``short`` is broken by fewer or more logs, ``elsewhere`` by others.

    ``of_size``: so many were asked for, and more is a break that the local checks find.
    """

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        expected = listing[:count]
        if of_size and len(answer.logs) > count:
            return None
        if len(answer.logs) != len(expected):
            return _mismatch(short, expected, listing, answer)
        return (
            None
            if _same(expected, answer.logs)
            else _mismatch(_or_unstable(elsewhere, expected, answer), expected, listing, answer)
        )

    return fit


def first_matching(count: int, filters: Pairs, rule: str) -> Comparison:
    """The first ``count`` of what matches the filters."""

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        expected = [log for log in listing if matches(log, filters)][:count]
        # With fewer in a full window, nobody knows how many there are.
        return (
            None if len(expected) < count or len(answer.logs) == count else _mismatch(rule, expected, listing, answer)
        )

    return fit


def page(number: int, size: int, window: int, filters: Pairs = (), short: str = "") -> Comparison:
    """Page ``number`` of ``size``, of what matches the filters in a listing of up to ``window`` logs from the first.

    ``short`` is broken by fewer or more logs where nothing but the default says how many there are.
    """

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        matching = [log for log in listing if matches(log, filters)]
        expected = matching[(number - 1) * size : number * size]
        if short and len(answer.logs) != len(expected):
            return _mismatch(short, expected, listing, answer)
        # Of a full window nobody knows what comes after it.
        comparable = answer.logs if len(listing) < window else answer.logs[: len(expected)]
        # More than a page holds, or a log that does not match, is a break by itself and found by the local checks.
        if len(answer.logs) > size or _same(expected, comparable) or not _all_match(answer, filters):
            return None
        # On a later page, other breaks look the same.
        if filters and number == 1 and _same([log for log in listing[:size] if matches(log, filters)], answer.logs):
            return _mismatch("filter-after-paging", expected, listing, answer)
        return _mismatch(
            _or_unstable(_slice_rule(number, size, matching, answer), expected, answer), expected, listing, answer
        )

    return fit


def _slice_rule(number: int, size: int, listing: Logs, answer: Answer) -> str:
    """Which rule another slice breaks: the page that was not read, or what lies between two pages."""
    places = [place for place in _places(listing, answer.logs) if place is not None]
    start = (number - 1) * size
    if not places:
        return "pages-gap" if answer.logs else "logs-missing"
    # The first page, the page after, the logs from that number on. Small pages cannot tell these from a step of one.
    if 1 < number <= size and size > 2 and places[0] in (0, start + size, number - 1):
        return "page-ignored"
    if places[0] < start:
        return "pages-overlap"
    return "pages-gap" if places[0] > start else "page-size-ignored"


def beyond(size: int, known: int) -> Comparison:
    """A page of ``size``, larger than the listing, of a set that inventory ``known`` logs: as many as there are now."""

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        there = known if answer.total is None else min(known, answer.total)
        if len(answer.logs) > size or len(answer.logs) >= min(size, there):
            return None
        return _mismatch("page-size-ignored", listing, listing, answer)

    return fit


def part_of(start: int, size: int) -> Comparison:
    """The part of a listing that begins at ``start``."""

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        expected = listing[start : start + size]
        if len(answer.logs) > size or _same(expected, answer.logs):
            return None
        return _mismatch(_or_unstable("pages-gap", expected, answer), expected, listing, answer)

    return fit


def following(size: int) -> Comparison:
    """Some logs, on the page after the first of ``size``, where the listing holds more than fit on that."""

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        return (
            _mismatch("logs-missing", listing[size:], listing, answer) if listing[size:] and not answer.logs else None
        )

    return fit


def past_the_end(number: int, size: int, first: Logs) -> Comparison:
    """No log on page ``number``, after a last page; a full last page may have grown into a next one, and says so.

    ``first`` are logs known from the beginning of the whole list: where a total counts too few, the pages beyond hold
    those that follow, and the total alone is wrong.
    """
    before = {identity(log) for log in first[: (number - 1) * size]}

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        here = {identity(log) for log in answer.logs}
        counted_out = answer.total is not None and answer.total <= (number - 1) * size and before & here
        again = {identity(log) for log in listing} & here
        if not answer.logs or not (counted_out or again or len(listing) < size):
            return None
        return _mismatch("past-the-end", [], listing, answer)

    return fit


def after_a_short_page(size: int) -> Comparison:
    """No log, after a page with room left."""

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        if not answer.logs or len(listing) >= size:
            return None
        again = {identity(log) for log in listing} & {identity(log) for log in answer.logs}
        return _mismatch("past-the-end" if again else "page-size-ignored", [], listing, answer)

    return fit


def matching(filters: Pairs, size: int, *, from_top: bool) -> Comparison:
    """The logs of a listing of up to ``size`` that match, as the first page of that size under the filters shows them.

    From the top they come first, and of a listing with room left there are no others; else they are somewhere among the
    answer, unless that is full.
    """

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        expected = [log for log in listing if matches(log, filters)][:size]
        if not _all_match(answer, filters) or (not from_top and len(answer.logs) >= size):
            return None
        there = {identity(log) for log in answer.logs}
        missing = [log for log in expected if identity(log) not in there]
        more = from_top and len(listing) < size and len(answer.logs) > len(expected)
        if missing or more:
            return _mismatch("logs-missing", expected, listing, answer)
        if from_top and not _same(expected, answer.logs[: len(expected)]):
            return _mismatch(_or_unstable("pages-gap", expected, answer), expected, listing, answer)
        return None

    return fit


def unchanged(rule: str) -> Comparison:
    """The listing itself, as if nothing had been added to the request."""

    def fit(listing: Logs, answer: Answer) -> Mismatch | None:
        return None if _same(listing, answer.logs) else _mismatch(rule, listing, listing, answer)

    return fit


def _all_match(answer: Answer, filters: Pairs) -> bool:
    return all(matches(log, filters) for log in answer.logs)


def _same(left: Logs, right: Logs) -> bool:
    return [identity(log) for log in left] == [identity(log) for log in right]


def _or_unstable(rule: str, expected: Logs, answer: Answer) -> str:
    """The same logs in another order break the order, whatever else was looked at."""
    return "order-stable" if sorted(map(identity, expected)) == sorted(map(identity, answer.logs)) else rule


def _places(listing: Logs, logs: Logs) -> list[int | None]:
    index = {identity(log): number for number, log in enumerate(listing)}
    return [index.get(identity(log)) for log in logs]


def _mismatch(rule: str, expected: Logs, listing: Logs, answer: Answer) -> Mismatch:
    ties = bool(expected) and times(expected) == times(answer.logs)
    return Mismatch(
        rule,
        Break(
            spans(_places(listing, expected)) + (" of the whole list, counted from 0" if expected else ""),
            spans(_places(listing, answer.logs)),
            evidence=(("ties", ties),),
        ),
    )
