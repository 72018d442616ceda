"""Copies of one list that are not equally fresh: which listings they explain, and which no such copy can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from mockserver.judge.answer import Answer, Break, Identities, Listing, identities, identity, moments, times
from mockserver.judge.comparisons import Comparison, Mismatch

# Clocks of several machines differ a little, so that fewer logs may stand between others.
DIVIDED = 3


def shift(before: Identities, after: Identities) -> int | None:
    """How many new logs in front turn ``before`` into ``after``, its tail cut off; None if that is not the change."""
    if len(after) < len(before):
        return None
    for new in range(len(after) + 1):
        kept = after[new:]
        if kept == before[: len(kept)] and (kept or not before) and not set(after[:new]) & set(before):
            return new
    return None


def states(before: Identities, after: Identities) -> Iterator[Identities]:
    """Every listing that there can have been from ``before`` to ``after``; none if the change was not growth."""
    new = shift(before, after)
    if new is not None:
        for count in range(new + 1):
            yield (after[new - count : new] + before)[: min(len(before) + count, len(after))]
    elif after[: len(before)] == before:
        yield from (after[:length] for length in range(len(before), len(after) + 1))


def same(left: Listing, right: Listing) -> bool:
    """Whether two listings have the same logs in the same order, but for logs of one moment."""
    return _moments(left) == _moments(right)


def _moments(logs: Listing) -> list[Identities]:
    pairs = groupby(zip(times(logs), identities(logs), strict=True), lambda pair: pair[0])
    return [sorted(name for _, name in group) for _, group in pairs]


def matches_between(before: Listing, after: Listing, answer: Answer, compare: Comparison) -> bool:
    """Whether an answer is right beside any of these listings."""
    by_identity = {identity(log): log for log in (*before, *after)}
    between = states(identities(before), identities(after))
    return any(compare([by_identity[name] for name in state], answer) is None for state in between)


def differing(looks: Sequence[Listing], answer: Answer, compare: Comparison) -> Mismatch | None:
    """How an answer differs from the last look at a reference; None if it fits one of them, since a copy that is behind
    answers as the reference did before."""
    found = [compare(logs, answer) for logs in looks]
    return found[-1] if all(found) else None


def divided(left: Listing, right: Listing) -> bool:
    """Whether two looks at one request are of two sets of logs, and not of one list at two moments.

    They have no id and no moment in common, and each has logs between those of the other: a copy that is behind has
    older logs alone.
    """
    spans = [moments(logs) for logs in (left, right)]
    if set(spans[0]) & set(spans[1]) or set(identities(left)) & set(identities(right)) or not all(spans):
        return False
    inside = [sum(min(there) < moment < max(there) for moment in here) for here, there in (spans, spans[::-1])]
    return min(inside) >= DIVIDED and all(sorted(span) in (span, span[::-1]) for span in spans)


def displaced(listing: Listing, logs: Listing) -> bool:
    """Whether a fresher or older copy of the list may explain what an answer shows: neighbours in the listing, and
    unknown logs only before or behind them."""
    places = {name: place for place, name in enumerate(identities(listing))}
    came = [places.get(name) for name in identities(logs)]
    known = [place for place in came if place is not None]
    inside = came[came.index(known[0]) : len(came) - came[::-1].index(known[-1])] if known else []
    return None not in inside and all(later == earlier + 1 for earlier, later in pairwise(known))


def disorder(history: Sequence[Listing]) -> list[Break]:
    """How the looks at one request break order-stable; the last look is new."""
    if history[1:] and divided(*history[-2:]):
        return [Break("the same logs, or newer or older ones", "other logs of the same time")]
    if not unstable([identities(logs) for logs in history]):
        return []
    ties = times(history[-2]) == times(history[-1])
    return [Break("the same logs in the same order", "another order", evidence=(("ties", ties),))]


def unstable(history: Sequence[Identities]) -> bool:
    """Whether listings of one window cannot be copies of one list that changes and are not equally fresh.

    Such copies have their common logs in one order. Others stand before or behind these; a log that stands between
    them was deleted, and does not come back.
    """
    for number, later in enumerate(history):
        for earlier in history[:number]:
            common = set(earlier) & set(later)
            if [log for log in earlier if log in common] != [log for log in later if log in common]:
                return True
        if number > 1 and _inner(later, history[number - 1]) & {log for old in history[: number - 1] for log in old}:
            return True
    return False


def _inner(listing: Identities, other: Identities) -> set[str]:
    """The logs of a listing that the other one lacks, between logs that both have."""
    common = set(listing) & set(other)
    places = [place for place, log in enumerate(listing) if log in common]
    return set(listing[places[0] : places[-1]]) - common if places else set()
