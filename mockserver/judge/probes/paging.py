"""Paging: defaults, sizes, pages, and what comes after the last."""

from __future__ import annotations

from mockserver.contract.document import contract
from mockserver.judge import comparisons
from mockserver.judge.inventory import Inventory, unmatched
from mockserver.judge.probe import PLAIN, asking
from mockserver.judge.reading import LARGEST_COMMON
from mockserver.judge.session import Session

# The furthest page that is asked for at quick depth: a real deployment scans all rows before it.
FURTHEST_QUICK = 50


def _default(name: str) -> int:
    return contract().parameters[name].default or 1


def defaults(session: Session, inventory: Inventory) -> None:
    """What is asked for without a page, a page_size, or both."""
    size = _default("page_size")
    fit = comparisons.prefix(size, "default-page-size", "default-page")
    first = comparisons.prefix(size, "default-page-size", "page-ignored")
    enough = len(inventory.logs) > size
    rules = ("default-page", "default-page-size") if enough else ("default-page",)
    session.relate(inventory.top, PLAIN, rules, fit)
    session.relate(inventory.top, asking(page=_default("page")), rules[1:], first)
    if not enough:
        session.ledger.leave("default-page-size", f"no more than {size} logs")


def sizes(session: Session, inventory: Inventory) -> None:
    """Sizes that show a beginning of the reference, and sizes beyond it where nothing matches."""
    for size in session.some((2, 1, 50, 7), (3, 5, 10, 19, 20, 21, 33, 99)):
        if size <= inventory.size:
            rules = ("page-size-ignored",) if size < len(inventory.logs) else ()
            fit = comparisons.prefix(size, "page-size-ignored", "default-page", of_size=True)
            session.relate(inventory.top, asking(page_size=size), rules, fit)
    if len(inventory.logs) == inventory.size:
        # One log more than some deployments give, and say so with 400, and others give without a word.
        known = inventory.total or inventory.size
        session.relate(
            inventory.top, asking(page_size=inventory.size + 1), (), comparisons.beyond(inventory.size + 1, known)
        )
    # Together with a filter that matches nothing, an honest deployment is spared the whole table.
    for size in session.some((1000,), (150, 500, 10_000, 2**31 - 1, 2**31, LARGEST_COMMON)):
        session.ask(asking(page_size=size, **unmatched()))


def pages(session: Session, inventory: Inventory) -> None:
    """Pages as slices of the reference, of many sizes."""
    default = _default("page_size")
    # Without a page_size, a page is one of the default size.
    quick = ((2, 2), (2, 0), (3, 5), (5, 20), (2, 50))
    full = [
        (number, size) for size in (1, 2, 3, 7, 10, 20, 33) for number in (1, 2, 3, 4, 9) if (number, size) not in quick
    ]
    told = False
    for number, asked in session.some(quick, full):
        size = asked or default
        if number * size <= inventory.size and (number - 1) * size < len(inventory.logs):
            told = told or number > 1
            probe = asking(page=number, page_size=asked) if asked else asking(page=number)
            fit = comparisons.page(number, size, inventory.size, short="" if asked else "default-page-size")
            session.relate(inventory.top, probe, ("page-ignored", "pages-overlap", "pages-gap"), fit)
    if not told:
        for rule in ("page-ignored", "pages-overlap", "pages-gap"):
            session.ledger.leave(rule, "one page only")


def deep_pages(session: Session, inventory: Inventory) -> None:
    """Pages within the references that were walked."""
    half = inventory.size // 2
    for number, (window, logs) in enumerate(inventory.windows[1:], 1):
        for part, start in enumerate((0, half)):
            if start < len(logs):
                probe = asking(page=number * 2 + part + 1, page_size=half)
                session.relate(window, probe, ("pages-gap",), comparisons.part_of(start, half))
    if len(inventory.logs) == inventory.size:
        # A page that is one log larger tells whether there is a next one, where nothing else does.
        larger, following = asking(page_size=inventory.size + 1), asking(page=2, page_size=inventory.size)
        session.relate(larger, following, (), comparisons.following(inventory.size))


def ends(session: Session, inventory: Inventory) -> None:
    """The last page, the one after it, and one far beyond."""
    _after_a_short_page(session, inventory)
    if inventory.total is None:
        return session.ledger.leave("past-the-end", "neither all logs nor Total-Number were seen")
    default = _default("page_size")
    for size in session.some((default,), (inventory.size, 7, 1)):
        last = max(1, -(-inventory.total // size))
        if session.depth == "quick" and last >= FURTHEST_QUICK:
            session.ledger.leave("past-the-end", f"the last page is beyond page {FURTHEST_QUICK}: see --depth full")
            continue
        reference = asking(page=last, page_size=size)
        session.reference(reference)
        # Some room for logs that come in the meantime.
        for beyond in session.some((last + 1,), (last + 2, last + 1000)):
            fit = comparisons.past_the_end(beyond, size, inventory.walked)
            session.relate(reference, asking(page=beyond, page_size=size), ("past-the-end",), fit)
    return None


def _after_a_short_page(session: Session, inventory: Inventory) -> None:
    probe = asking(page=2, page_size=inventory.size)
    if len(inventory.logs) < inventory.size:
        session.relate(
            inventory.top, probe, ("page-size-ignored", "past-the-end"), comparisons.after_a_short_page(inventory.size)
        )
