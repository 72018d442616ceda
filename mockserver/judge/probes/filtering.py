"""Filtering: each filter alone, near misses, combinations, and pages of what matches."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

from mockserver.contract.document import contract
from mockserver.contract.filters import Pairs, value_at
from mockserver.judge import comparisons
from mockserver.judge.inventory import NOWHERE, Inventory, Known, value_in
from mockserver.judge.probe import Probe, asking
from mockserver.judge.session import Session
from mockserver.judge.value import NEAR_MISSES, Value

Asked = dict[str, Value]


def _filters(asked: Asked) -> Pairs:
    return tuple((name, value.text) for name, value in asked.items())


def _relate(session: Session, inventory: Inventory, asked: Asked, window: Probe, rules: tuple[str, ...]) -> None:
    """The first page under filters against what a window holds of it."""
    from_top = window == inventory.top
    fit = comparisons.matching(_filters(asked), inventory.size, from_top=from_top)
    session.relate(window, asking(**asked, page_size=inventory.size), rules, fit)


def alone(session: Session, inventory: Inventory) -> None:
    """Each filter with values that were seen: nothing but exact matches, and all of them."""
    for name in contract().filters:
        known = inventory.values[name]
        if not known:
            session.ledger.leave(f"filter by {name}", "a filter without data: no log seen holds a value for it")
        for one in known[: 2 if session.depth == "quick" else None]:
            rules = ("logs-missing", "filter-ignored", "filter-inexact")
            _relate(session, inventory, {name: one.value}, one.window, rules[:1])
        session.ask(asking(**{name: NOWHERE}))


def near_misses(session: Session, inventory: Inventory) -> None:
    """Values that almost are those seen: nothing but exact matches may come back, whatever was meant."""
    count = 4 if session.depth == "quick" else len(NEAR_MISSES)
    for name in contract().filters:
        for known in inventory.values[name][: 1 if session.depth == "quick" else 2]:
            for miss in NEAR_MISSES[:count]:
                value = miss.of(known.value)
                if value.text not in ("", known.value.text):
                    session.ask(asking(**{name: value}))


def anothers_value(session: Session, inventory: Inventory) -> None:
    """A value that another filter would find."""
    for name in contract().filters:
        for other in contract().filters:
            known = inventory.common(other)
            if name != other and known is not None:
                session.ask(asking(**{name: known.value}))


def paged(session: Session, inventory: Inventory) -> None:
    """Pages of the logs that match, for a value that is spread over the reference."""
    for name in contract().filters:
        known = _spread(inventory, name)
        if known is None:
            session.ledger.leave(
                f"pages filtered by {name}", "no value that some of the newest logs hold, and others not"
            )
            continue
        for number, size in session.some(((1, 2), (2, 2)), ((1, 1), (2, 1), (3, 1), (2, 3), (1, 20), (2, 20))):
            fit = comparisons.page(number, size, inventory.size, ((name, known.text),))
            probe = asking(**{name: known}, page=number, page_size=size)
            if number * size <= sum(value_at(log, name) == known.text for log in inventory.logs):
                session.relate(inventory.top, probe, ("filter-after-paging",), fit)


def _spread(inventory: Inventory, name: str) -> Value | None:
    """A value whose matches do not all come first, and are several: there a page of matches is no page's matches."""
    candidates = [known for known in inventory.values[name] if known.window == inventory.top]
    for known in sorted(candidates, key=lambda one: -one.count):
        places = [number for number, log in enumerate(inventory.logs) if value_at(log, name) == known.value.text]
        if len(places) > 1 and places[:4] != list(range(len(places[:4]))):
            return known.value
    return None


def combined(session: Session, inventory: Inventory) -> None:
    """Filters together: of one log, of logs that do not meet, and known beside unknown."""
    names = tuple(contract().filters)
    neighbours = [*pairwise(names)]
    groups = session.some([names, *neighbours], [pair for pair in combinations(names, 2) if pair not in neighbours])
    for group in groups:
        asked = _of_one_log(inventory, group)
        if asked is None:
            session.ledger.leave(f"filters by {', '.join(group)} together", "no log seen holds a value for each")
            continue
        _relate(session, inventory, asked, inventory.top, ("logs-missing", "filters-combined"))
    for first, second in combinations(names, 2):
        one, other = inventory.common(first), _rarest(inventory, second)
        if one is not None and other is not None:
            _relate(session, inventory, {first: one.value, second: other.value}, inventory.top, ("filters-combined",))
        if one is not None and session.depth != "quick":
            session.ask(asking(**{first: one.value, second: NOWHERE}))
            session.ask(asking(**{second: NOWHERE, first: one.value}))


def paged_together(session: Session, inventory: Inventory) -> None:
    """The second page of what matches several filters at once: paging and each filter may get in another's way."""
    names = tuple(contract().filters)
    groups = [asked for group in (names, *combinations(names, 2)) if (asked := _of_several_logs(inventory, group))]
    if not groups:
        session.ledger.leave("pages under filters together", "no three of the newest logs share values of two filters")
    for asked in session.some(groups[:1], groups[1:]):
        fit = comparisons.page(2, 1, inventory.size, _filters(asked))
        session.relate(inventory.top, asking(**asked, page=2, page_size=1), (), fit)


def _of_several_logs(inventory: Inventory, names: tuple[str, ...]) -> Asked | None:
    """The values that most logs at the top share, as they are known; None where no three logs share values for all.

    With two, a page that begins one log late cannot be told from one that lost its logs.
    """
    shared = [tuple(value_at(log, name) for name in names) for log in inventory.logs]
    counts = Counter(values for values in shared if all(isinstance(value, str) and value for value in values))
    values, count = next(iter(counts.most_common(1)), ((), 0))
    if count < 3:
        return None
    number = shared.index(values)
    return {name: value_in(inventory.top, number, name, value) for name, value in zip(names, values, strict=True)}


def _rarest(inventory: Inventory, name: str) -> Known | None:
    return min(inventory.values[name], key=lambda one: one.count, default=None)


def _of_one_log(inventory: Inventory, names: tuple[str, ...]) -> Asked | None:
    """The values of one log at the top, as they are known; None where no log has values for all."""
    for number, log in enumerate(inventory.logs):
        if all(isinstance(value_at(log, name), str) and value_at(log, name) for name in names):
            return {name: value_in(inventory.top, number, name, value_at(log, name)) for name in names}
    return None


def defaults_filtered(session: Session, inventory: Inventory) -> None:
    """The default page and page_size, under a filter."""
    known = inventory.commonest
    size = contract().parameters["page_size"].default or 0
    if known is None or known.count <= size or inventory.size < 2 * size:
        return session.ledger.leave("defaults under a filter", f"no value that more than {size} of the logs seen hold")
    filters, probe = ((known.name, known.value.text),), asking(**{known.name: known.value})
    reference = probe.but(page_size=inventory.size)
    session.relate(reference, probe, (), comparisons.first_matching(size, filters, "default-page-size"))
    second = comparisons.page(2, size, inventory.size, filters, "default-page-size")
    return session.relate(reference, probe.but(page=2), (), second)
