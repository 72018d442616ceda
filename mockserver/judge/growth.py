"""Growth: how a listing changes while it is looked at, so that a judge does not mistake it for a break.

New logs come in front (newest first) or at the end (oldest first); anything else is no growth. A listing is what one
window, such as the first hundred, showed: a list of the identities of logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Listing = list[str]


def shift(before: Listing, after: Listing) -> int | None:
    """How many new logs in front make ``after`` of ``before``, its tail cut; None where that is not what happened."""
    if len(after) < len(before):
        return None
    for new in range(len(after) + 1):
        kept = after[new:]
        if kept == before[: len(kept)] and (kept or not before) and not set(after[:new]) & set(before):
            return new
    return None


def states(before: Listing, after: Listing) -> Iterator[Listing]:
    """Every listing there can have been from ``before`` to ``after``; none where the change was no growth."""
    new = shift(before, after)
    if new is not None:
        for moment in range(new + 1):
            yield (after[new - moment : new] + before)[: min(len(before) + moment, len(after))]
    elif after[: len(before)] == before:
        yield from (after[:length] for length in range(len(before), len(after) + 1))


def unstable(history: Sequence[Listing]) -> bool:
    """Whether listings of one window, in the order seen, cannot be growth: logs in another order, or logs back."""
    for number, later in enumerate(history):
        for earlier in history[:number]:
            if later != earlier and sorted(later) == sorted(earlier):
                return True
        gone = {log for earlier in history[:number] for log in earlier} - set(history[number - 1] if number else ())
        if gone & set(later):
            return True
    return False
