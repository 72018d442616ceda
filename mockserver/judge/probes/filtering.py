"""Filtering: each filter alone, near misses, combinations, and pages of what matches."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.filters import Pairs, value_at
from mockserver.judge import comparisons
from mockserver.judge.checks import listing as checks
from mockserver.judge.checks.check import Check
from mockserver.judge.inventory import NOWHERE, WIDE, Inventory, filterable, value_in
from mockserver.judge.probe import NEAR_MISSES, NUMERIC, PLAIN, Probe, Value, asking
from mockserver.judge.session import Session

FilterValues = dict[str, Value]
# So many near misses are sent for a value that is not the first, and at quick depth.
FEW = 7


def _pairs(filters: FilterValues) -> Pairs:
    return tuple((name, value.text) for name, value in filters.items())


def _relate(session: Session, inventory: Inventory, filters: FilterValues, window: Probe, *judged: Check) -> None:
    """Compare the first page under filters with the logs of a window that match."""
    compare = comparisons.matching(_pairs(filters), inventory.size, from_top=window == inventory.top)
    session.relate(window, asking(**filters, page_size=inventory.size), judged, compare)


def alone(session: Session, inventory: Inventory) -> None:
    """Each filter alone, with values that were seen."""
    for name in contract().filters:
        known = inventory.values[name]
        if not known:
            session.ledger.leave(f"filter by {name}", "a filter without data: no log seen holds a value for it")
        for value in known[: 2 if session.depth == "quick" else None]:
            _relate(session, inventory, {name: value.value}, value.window, checks.logs_missing)
        session.ask(asking(**{name: NOWHERE}))
    if not any(inventory.values.values()):
        session.ledger.leave(checks.logs_missing.name, "no log seen holds a value that a filter finds")


def near_misses(session: Session, inventory: Inventory) -> None:
    """Values that resemble those seen; only exact matches may come back."""
    for name in contract().filters:
        values = inventory.values[name]
        for place, known in enumerate(session.by_depth(values[:1], values[1:2])):
            for miss in NEAR_MISSES[: FEW if place or session.depth == "quick" else None]:
                value = miss.of(known.value)
                if value.text not in ("", known.value.text):
                    session.ask(asking(**{name: value}))
        for number in [known.value for known in values if known.value.text.isdigit()][:1]:
            for miss in NUMERIC:
                session.ask(asking(**{name: miss.of(number)}))


def empty(session: Session, inventory: Inventory) -> None:
    """Each filter without a value."""
    for name in contract().filters:
        compare = comparisons.unless_empty(comparisons.part(checks.filter_empty))
        session.relate(PLAIN, asking(**{name: ""}), (checks.filter_empty,), compare)


def values_of_others(session: Session, inventory: Inventory) -> None:
    """Each filter with a value that another filter would find."""
    for name in contract().filters:
        for other in contract().filters:
            known = inventory.common(other)
            if name != other and known is not None:
                session.ask(asking(**{name: known.value}))
        # Other members of a log that a careless query may search.
        for log in inventory.logs[: 0 if session.depth == "quick" else 2]:
            for text in _other_texts(log):
                session.ask(asking(**{name: Value(text)}))


def _other_texts(log: Any) -> list[str]:
    payload = log.get("payload") if isinstance(log, dict) else None
    texts = [log.get("id"), payload.get("sessionId"), payload.get("result")] if isinstance(payload, dict) else []
    return [text for text in texts if isinstance(text, str) and text]


def paged(session: Session, inventory: Inventory) -> None:
    """Pages of the logs that match, for a value that some logs of the reference hold and others do not."""
    for name in contract().filters:
        known = _spread(inventory, name)
        if known is None:
            session.ledger.leave(
                f"pages filtered by {name}", "no value that some of the newest logs hold, and others not"
            )
            continue
        more = ((2, 2), (1, 1), (2, 1), (3, 1), (2, 3), (1, 20), (2, 20))
        for number, size in session.by_depth(((1, 2), (3, 2)), more):
            compare = comparisons.page(number, size, inventory.size, ((name, known.text),))
            probe = asking(**{name: known}, page=number, page_size=size)
            if number * size <= sum(value_at(log, name) == known.text for log in inventory.logs):
                session.relate(inventory.top, probe, (checks.filter_after_paging,), compare)


def _spread(inventory: Inventory, name: str) -> Value | None:
    """A value of several logs that are not simply the first ones: its first page differs from the matches of a page."""
    candidates = [known for known in inventory.values[name] if known.window == inventory.top]
    for known in sorted(candidates, key=lambda known: -known.count):
        places = [number for number, log in enumerate(inventory.logs) if value_at(log, name) == known.value.text]
        if len(places) > 1 and places[:4] != list(range(len(places[:4]))):
            return known.value
    return None


def combined(session: Session, inventory: Inventory) -> None:
    """Filters together: values of one log, values of different logs, and known values beside unknown ones."""
    names = tuple(contract().filters)
    neighbours = [*pairwise(names)]
    groups = session.by_depth([names, *neighbours], [pair for pair in combinations(names, 2) if pair not in neighbours])
    for group in groups:
        filters = _of_one_log(inventory, group)
        if filters is None:
            session.ledger.leave(f"filters by {', '.join(group)} together", "no log seen holds a value for each")
            continue
        _relate(session, inventory, filters, inventory.top, checks.logs_missing, checks.filters_combined)
    for first, second in combinations(names, 2):
        common = inventory.common(first)
        rare = min(inventory.values[second], key=lambda known: known.count, default=None)
        if common is not None and rare is not None:
            filters = {first: common.value, second: rare.value}
            _relate(session, inventory, filters, inventory.top, checks.filters_combined)
        if common is not None and session.depth != "quick":
            session.ask(asking(**{first: common.value, second: NOWHERE}))
            session.ask(asking(**{second: NOWHERE, first: common.value}))


def paged_together(session: Session, inventory: Inventory) -> None:
    """The second page under several filters: a deployment may forget a filter, or the page, if it gets both."""
    names = tuple(contract().filters)
    groups = [filters for group in (names, *combinations(names, 2)) if (filters := _of_several_logs(inventory, group))]
    if not groups:
        session.ledger.leave("pages under filters together", "no three of the newest logs share values of two filters")
    for filters in session.by_depth(groups[:2], groups[2:]):
        backwards = dict(reversed(filters.items()))
        pages = ((2, 1, filters), (1, 5, filters), (1, 5, backwards), (2, 2, backwards))
        for number, size, given in pages[: 4 if len(filters) == 2 else 2]:
            compare = comparisons.page(number, size, inventory.size, _pairs(given))
            session.relate(inventory.top, asking(**given, page=number, page_size=size), (), compare)


def _of_several_logs(inventory: Inventory, names: tuple[str, ...]) -> FilterValues | None:
    """The values that most of the newest logs share; None if no three logs share values for all filters.

    If only two logs match, a page that begins one log late looks like a page that lost its logs.
    """
    shared = [tuple(filterable(log, name) for name in names) for log in inventory.logs]
    counts = Counter(values for values in shared if all(values))
    values, count = next(iter(counts.most_common(1)), ((), 0))
    if count < 3:
        return None
    number = shared.index(values)
    return {name: value_in(inventory.top, number, name, value) for name, value in zip(names, values, strict=True)}


def _of_one_log(inventory: Inventory, names: tuple[str, ...]) -> FilterValues | None:
    """The values of one of the newest logs; None if no log has values for all filters."""
    for number, log in enumerate(inventory.logs):
        if all(filterable(log, name) for name in names):
            return {name: value_in(inventory.top, number, name, value_at(log, name)) for name in names}
    return None


def defaults_filtered(session: Session, inventory: Inventory) -> None:
    """The defaults of page and page_size, under a filter."""
    size = contract().parameters["page_size"].default or 0
    wide = inventory.wide or inventory.top
    window = WIDE if inventory.wide else inventory.size
    for name in contract().filters:
        known = inventory.common(name)
        listing = session.reference(wide) or []
        count = sum(value_at(log, name) == known.value.text for log in listing) if known else 0
        if known is None or count <= size:
            session.ledger.leave(f"defaults under {name}", f"no value that more than {size} of the logs seen hold")
            continue
        filters, probe = ((name, known.value.text),), asking(**{name: known.value})
        for number, test in session.by_depth(((1, probe),), ((2, probe.but(page=2)),)):
            # Nobody knows which matches follow a full window.
            if number * size <= count or len(listing) < window:
                compare = comparisons.page(number, size, window, filters, checks.default_page_size)
                session.relate(wide, test, (), compare)
