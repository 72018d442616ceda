"""Fits: whether an answer is the part of a listing that it should be, and which rule it breaks where it is not."""

from __future__ import annotations

from mockserver.check.answer import Answer, Break
from mockserver.check.court import Fit, Logs, Misfit, times
from mockserver.check.fields import matches
from mockserver.check.memory import identity
from mockserver.check.shape import spans

Filters = tuple[tuple[str, str], ...]


def prefix(count: int, short: str, elsewhere: str) -> Fit:
    """The first ``count`` of a listing: ``short`` is broken by fewer or more logs, ``elsewhere`` by others."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        expected = listing[:count]
        if len(answer.logs) != len(expected):
            return _misfit(short, expected, listing, answer)
        return None if _same(expected, answer.logs) else _misfit(_or_unstable(elsewhere, expected, answer), expected, listing, answer)

    return fit


def first_matching(count: int, filters: Filters, rule: str) -> Fit:
    """The first ``count`` of what matches the filters."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        expected = [log for log in listing if matches(log, filters)][:count]
        return None if len(answer.logs) == len(expected) else _misfit(rule, expected, listing, answer)

    return fit


def page(number: int, size: int, filters: Filters = ()) -> Fit:
    """Page ``number`` of ``size``, of what matches the filters in a listing from its beginning."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        matching = [log for log in listing if matches(log, filters)]
        expected = matching[(number - 1) * size : number * size]
        # More than a page holds, or a log that does not match, is a break by itself and found by the local checks.
        if len(answer.logs) > size or _same(expected, answer.logs) or not _all_match(answer, filters):
            return None
        after_paging = [log for log in listing[(number - 1) * size : number * size] if matches(log, filters)]
        if filters and _same(after_paging, answer.logs):
            return _misfit("filter-after-paging", expected, listing, answer)
        return _misfit(_or_unstable(_slice_rule(number, size, matching, answer), expected, answer), expected, listing, answer)

    return fit


def _slice_rule(number: int, size: int, listing: Logs, answer: Answer) -> str:
    places = _places(listing, answer.logs)
    known = [place for place in places if place is not None]
    start = (number - 1) * size
    if known and known[0] % size == 0 and known[0] != start and known == list(range(known[0], known[0] + len(known))):
        return "page-ignored"
    if any(place < start for place in known):
        return "pages-overlap"
    return "pages-gap" if known or number > 1 else "page-size-ignored"


def part_of(start: int, size: int) -> Fit:
    """The part of a listing that begins at ``start``."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        expected = listing[start : start + size]
        if len(answer.logs) > size or _same(expected, answer.logs):
            return None
        return _misfit(_or_unstable("pages-gap", expected, answer), expected, listing, answer)

    return fit


def past_the_end(size: int) -> Fit:
    """No log, after a last page of ``size`` that lists what it does; a full last page may have grown into a next one."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        fresh = [log for log in answer.logs if identity(log) not in {identity(one) for one in listing}]
        if not answer.logs or (fresh and len(listing) >= size):
            return None
        return _misfit("past-the-end", [], listing, answer)

    return fit


def after_a_short_page(size: int) -> Fit:
    """No log, after a page with room left."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        if not answer.logs or len(listing) >= size:
            return None
        again = {identity(log) for log in listing} & {identity(log) for log in answer.logs}
        return _misfit("past-the-end" if again else "page-size-ignored", [], listing, answer)

    return fit


def matching(filters: Filters, size: int, *, from_top: bool, complete: bool) -> Fit:
    """The logs of a listing that match, as the first page of ``size`` under the filters shows them.

    From the top they come first; else they are somewhere among the answer, unless it is full. ``complete``: there are no others.
    """

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        expected = [log for log in listing if matches(log, filters)][:size]
        if not _all_match(answer, filters) or (not from_top and len(answer.logs) >= size):
            return None
        there = {identity(log) for log in answer.logs}
        missing = [log for log in expected if identity(log) not in there]
        more = complete and len(answer.logs) > len(expected)
        if missing or more:
            return _misfit("filter-incomplete" if missing else "order-stable", expected, listing, answer)
        if from_top and not _same(expected, answer.logs[: len(expected)]):
            return _misfit(_or_unstable("pages-gap", expected, answer), expected, listing, answer)
        return None

    return fit


def unchanged(count: int, rule: str) -> Fit:
    """The first ``count`` of a listing, as if nothing had been added to the request."""

    def fit(listing: Logs, answer: Answer) -> Misfit | None:
        expected = listing[:count]
        return None if _same(expected, answer.logs) else _misfit(rule, expected, listing, answer)

    return fit


def _all_match(answer: Answer, filters: Filters) -> bool:
    return all(matches(log, filters) for log in answer.logs)


def _same(left: Logs, right: Logs) -> bool:
    return [identity(log) for log in left] == [identity(log) for log in right]


def _or_unstable(rule: str, expected: Logs, answer: Answer) -> str:
    """The same logs in another order break the order, whatever else was looked at."""
    return "order-stable" if sorted(map(identity, expected)) == sorted(map(identity, answer.logs)) else rule


def _places(listing: Logs, logs: Logs) -> list[int | None]:
    index = {identity(log): number for number, log in enumerate(listing)}
    return [index.get(identity(log)) for log in logs]


def _misfit(rule: str, expected: Logs, listing: Logs, answer: Answer) -> Misfit:
    ties = bool(expected) and times(expected) == times(answer.logs)
    return Misfit(
        rule,
        Break(
            f"of the reference, logs {spans(_places(listing, expected))}",
            f"logs {spans(_places(listing, answer.logs))}",
            evidence=(("ties", ties),),
        ),
    )
