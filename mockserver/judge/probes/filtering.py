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
from mockserver.judge.inventory import NOWHERE, WIDE, Inventory, Known, filterable, value_in
from mockserver.judge.probe import NEAR_MISSES, NUMERIC, PLAIN, Probe, Value, asking
from mockserver.judge.session import Session

FilterValues = dict[str, Value]
# So many near misses are sent at quick depth, and one more for the first filter.
FEW = 7


def _pairs(filters: FilterValues) -> Pairs:
    return tuple((name, value.text) for name, value in filters.items())


def _relate(
    session: Session, inventory: Inventory, filters: FilterValues, window: Probe, *judged: Check, **more: int
) -> None:
    """Compare the first page under filters with the logs of a window that match."""
    from_top, limit = window in (inventory.top, inventory.wide), WIDE if window == inventory.wide else inventory.size
    compare = comparisons.matching(_pairs(filters), inventory.size, limit, from_top=from_top)
    # Some servers do not read so many parameters, or none behind the page.
    before, behind = (more, filters) if more else (filters, {})
    session.relate(window, asking(**before, page_size=inventory.size).but(**behind), judged, compare)


def alone(session: Session, inventory: Inventory) -> None:
    """Each filter alone, with values that were seen."""
    for name in contract().filters:
        known = inventory.values[name]
        if not known:
            session.ledger.leave(f"filter by {name}", "a filter without data: no log seen holds a value for it")
        for place, value in enumerate(known[:2]):
            # Old logs stand in the wide reference alone. It is large, so it is compared with one value.
            window = value.window if place else inventory.wide or value.window
            _relate(session, inventory, {name: value.value}, window, checks.logs_missing)
        # What a value shows alone, it shows beside others too.
        for value in session.by_depth((), known):
            others = {name: value.value, **beside(inventory, value)}
            _relate(session, inventory, others, value.window, checks.logs_missing, page=1)
        session.ask(asking(**{name: NOWHERE}))
    if not any(inventory.values.values()):
        session.ledger.leave(checks.logs_missing.name, "no log seen holds a value that a filter finds")


def near_misses(session: Session, inventory: Inventory) -> None:
    """Values that resemble those seen; only exact matches may come back."""
    for number, name in enumerate(contract().filters):
        values = inventory.values[name]
        few = FEW + (number == 0)
        for place, known in enumerate(session.by_depth(values[:1], values[1:2])):
            more = asking(**beside(inventory, known), page=1, page_size=inventory.size) if place else PLAIN
            for miss in NEAR_MISSES[: few if session.depth == "quick" else None]:
                value = miss.of(known.value)
                if value.text not in ("", known.value.text):
                    session.ask(more.but(**{name: value}))
        for known in [known for known in values if known.value.text.isdigit()][:1]:
            more = asking(**beside(inventory, known), page=1, page_size=inventory.size)
            for probe in session.by_depth((PLAIN,), (more,)):
                for miss in NUMERIC:
                    session.ask(probe.but(**{name: miss.of(known.value)}))


def beside(inventory: Inventory, known: Known) -> FilterValues:
    """The values of the other filters in the first log that holds a value."""
    logs = next(logs for window, logs in inventory.windows if window == known.window)
    number = next(number for number, log in enumerate(logs) if filterable(log, known.name) == known.value.text)
    return of_log(known.window, number, logs[number], known.name)


def of_log(window: Probe, number: int, log: Any, without: str) -> FilterValues:
    """The values of all filters but one in log ``number`` of a window."""
    names = [name for name in contract().filters if name != without and filterable(log, name)]
    return {name: value_in(window, number, name, filterable(log, name)) for name in names}


def everything(inventory: Inventory) -> Probe:
    """The second page under as many filters as three logs share: whatever one parameter opens or breaks shows there."""
    names = tuple(contract().filters)
    groups = (group for size in range(len(names), 1, -1) for group in combinations(names, size))
    filters = next((found for group in groups if (found := _of_several_logs(inventory, group))), None)
    return (asking(**filters) if filters else inventory.filtered).but(page=2, page_size=1)


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
        for place, log in enumerate(inventory.logs[: 0 if session.depth == "quick" else 2]):
            others = of_log(inventory.top, place, log, name)
            more = asking(**others, page=1, page_size=inventory.size) if place else PLAIN
            for text in _other_texts(log):
                session.ask(more.but(**{name: Value(text)}))


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
        more = {"page": 1} if len(group) > 2 else {}
        _relate(session, inventory, filters, inventory.top, checks.logs_missing, checks.filters_combined, **more)
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
        for number, size, given in pages[: 4 if len(filters) == 2 and session.depth != "quick" else 2]:
            compare = comparisons.page(number, size, inventory.size, _pairs(given))
            session.relate(inventory.top, asking(**given, page=number, page_size=size), (), compare)


def _of_several_logs(inventory: Inventory, names: tuple[str, ...]) -> FilterValues | None:
    """Values that many of the newest logs share, each with others too; None if no three logs share values for all.

    If only two logs match, a page that begins one log late looks like a page that lost its logs.
    """
    shared = [tuple(filterable(log, name) for name in names) for log in inventory.logs]
    counts, alone = Counter(shared), [Counter(column) for column in zip(*shared, strict=True)]
    several = [values for values, count in counts.items() if all(values) and count > 2]
    # Where one value finds no others, nobody sees whether the other filters count.
    values = max(several, key=lambda v: (all(map(lambda n, c: c[n] > counts[v], v, alone)), counts[v]), default=None)
    if values is None:
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
        more = ((2, size, probe.but(page=2)), (1, most := inventory.size, probe.but(page=1, page_size=most)))
        for number, given, test in session.by_depth(((1, size, probe),), more):
            # Nobody knows which matches follow a full window.
            if number * given <= count or len(listing) < window:
                short = checks.default_page_size if given == size else None
                session.relate(wide, test, (), comparisons.page(number, given, window, filters, short))
