"""Paging: defaults, sizes, pages, and pages after the last."""

from __future__ import annotations

import math
from dataclasses import replace

from mockserver.contract.document import contract
from mockserver.judge import comparisons
from mockserver.judge.checks import listing as checks
from mockserver.judge.inventory import WIDE, Inventory, unmatched
from mockserver.judge.probe import PLAIN, asking
from mockserver.judge.reading import LARGEST_COMMON
from mockserver.judge.session import Session

# Quick depth asks for no later page but one: a real deployment scans all rows before it.
FURTHEST_QUICK = 50
# Pages of 64 that begin at log 2**32 and 2**31. In 32 bits that is log 0, or a negative number that counts as 0.
OVERFLOWING_QUICK, OVERFLOWING = 2**26 + 1, 2**25 + 1


def _default(name: str) -> int:
    return contract().parameters[name].default or 1


def defaults(session: Session, inventory: Inventory) -> None:
    """Requests without a page, a page_size, or both."""
    size = _default("page_size")
    suspects = (checks.default_page_size, checks.order_stable)
    plain = comparisons.part(*suspects, checks.default_page, size=size, default=True)
    first = comparisons.part(*suspects, checks.page_ignored, size=size, default=True)
    shows_size = (checks.default_page_size,) if len(inventory.logs) > size else ()
    session.relate(inventory.top, PLAIN, (checks.default_page, *shows_size), plain)
    session.relate(inventory.top, asking(page=_default("page")), shows_size, first)
    if not shows_size:
        session.ledger.leave(checks.default_page_size.name, f"no more than {size} logs")


def sizes(session: Session, inventory: Inventory) -> None:
    """Sizes within the reference, and larger sizes with a filter that matches nothing."""
    # A percent-encoded letter is that letter (RFC 3986, 6.2.2.2), in names too.
    compare = comparisons.part(checks.page_size_ignored, checks.order_stable, checks.default_page, size=2)
    session.relate(inventory.top, replace(PLAIN, raw="page%5Fsize=2"), (), compare)
    for size in session.by_depth((50, 7), (2, 1, 3, 5, 10, 19, 20, 21, 33, 99)):
        if size <= inventory.size:
            judged = (checks.page_size_ignored,) if size < len(inventory.logs) else ()
            compare = comparisons.part(checks.page_size_ignored, checks.order_stable, checks.default_page, size=size)
            session.relate(inventory.top, asking(page_size=size), judged, compare)
    if len(inventory.logs) == inventory.size:
        # Some deployments refuse one log more with 400; others silently give fewer.
        larger = inventory.size + 1
        compare = comparisons.beyond(larger, inventory.total or inventory.size)
        session.relate(inventory.top, asking(page_size=larger), (), compare)
    _wide(session, inventory)
    # With a filter that matches nothing, an honest deployment does not send a whole table.
    for size in session.by_depth((20_000,), (150, 500, 1000, 10_000, 2**31 - 1, 2**31, LARGEST_COMMON)):
        session.ask(asking(page_size=size, **unmatched()))


def _wide(session: Session, inventory: Inventory) -> None:
    """The pages around the end of the wide reference: if a cap cut it, there are logs behind it."""
    size = inventory.size // 2
    listing = session.reference(inventory.wide) if inventory.wide else None
    if inventory.wide is None or listing is None:
        return
    if len(listing) < WIDE:
        for number in {len(listing) // size + 1, len(listing) // size + 2}:
            probe = asking(page=number, page_size=size)
            session.relate(inventory.wide, probe, (checks.page_size_ignored,), comparisons.behind())
    # Some servers cut a page only where its number is given.
    for of in session.by_depth((WIDE,), (150, 250, 400, 600)):
        if of < len(listing) or of == WIDE:
            compare = comparisons.part(checks.page_ignored, checks.logs_missing, checks.page_size_ignored, size=of)
            session.relate(inventory.wide, asking(page=1, page_size=of), (checks.page_size_ignored,), compare)


def pages(session: Session, inventory: Inventory) -> None:
    """Pages of many sizes, as slices of the reference."""
    default = _default("page_size")
    judged = (checks.page_ignored, checks.pages_overlap, checks.pages_gap)
    # Size 0 stands for a request without a page_size.
    quick = ((2, 2), (2, 0), (3, 5), (5, 20), (2, 50))
    full = [
        (number, size) for size in (1, 2, 3, 7, 10, 20, 33) for number in (1, 2, 3, 4, 9) if (number, size) not in quick
    ]
    several = False
    for number, given in session.by_depth(quick, full):
        size = given or default
        if number * size <= inventory.size and (number - 1) * size < len(inventory.logs):
            several = several or number > 1
            probe = asking(page=number, page_size=given) if given else asking(page=number)
            short = None if given else checks.default_page_size
            session.relate(inventory.top, probe, judged, comparisons.page(number, size, inventory.size, short=short))
    if not several:
        for check in judged:
            session.ledger.leave(check.name, "one page only")


def deep_pages(session: Session, inventory: Inventory) -> None:
    """Pages within the references after the first."""
    _deep_in_wide(session, inventory)
    if session.depth == "quick":
        return
    # Sizes that divide the windows.
    half, few, gone = inventory.size // 2, math.gcd(inventory.size, 20), (checks.pages_overlap, checks.pages_gap)
    for number, (window, logs) in enumerate(inventory.windows[1:], 1):
        for size, starts in ((half, (0, half)), (few, range(0, inventory.size, 3 * few))):
            for start in (start for start in starts if start < len(logs)):
                probe = asking(page=(number * inventory.size + start) // size + 1, page_size=size)
                compare = comparisons.part(checks.order_stable, *gone, start=start, size=size)
                session.relate(window, probe, (checks.pages_gap,), compare)
    if len(inventory.logs) == inventory.size:
        # A page that is one log larger shows whether there is a next page, even if nothing counts the logs.
        larger, following = asking(page_size=inventory.size + 1), asking(page=2, page_size=inventory.size)
        session.relate(larger, following, (), comparisons.following(inventory.size))


def _deep_in_wide(session: Session, inventory: Inventory) -> None:
    """Deep pages of sizes that divide no window, as slices of the wide reference, and its last pages."""
    listing = session.reference(inventory.wide) if inventory.wide else None
    if inventory.wide is None or listing is None:
        return session.ledger.leave("deep pages of odd sizes", "no page of more than 100 logs")
    ends = [(-(-len(listing) // size), size) for size in (20, 7)] if len(listing) < WIDE else []
    for number, size in session.by_depth(
        [*ends, (4, 30)],
        [(2, inventory.size), (7, 20), (7, 37), (10, 51), (30, 7), (41, 3), (9, 33), (13, 10), (25, 10), (101, 1)],
    ):
        if (number - 1) * size < len(listing):
            compare = comparisons.page(number, size, WIDE)
            session.relate(inventory.wide, asking(page=number, page_size=size), (checks.pages_gap,), compare)
    return None


def ends(session: Session, inventory: Inventory) -> None:
    """The last page, the one after it, and one far beyond."""
    if len(inventory.logs) < inventory.size:
        judged = (checks.page_size_ignored, checks.past_the_end)
        compare = comparisons.past_the_end(2, inventory.size, [], checks.page_size_ignored)
        session.relate(inventory.top, asking(page=2, page_size=inventory.size), judged, compare)
    for far in session.by_depth((OVERFLOWING_QUICK,), (OVERFLOWING,)):
        session.relate(inventory.top, asking(page=far, page_size=64), (), comparisons.past_the_end(far, 64, []))
    if inventory.total is None:
        return session.ledger.leave(checks.past_the_end.name, "neither all logs nor Total-Number were seen")
    default = _default("page_size")
    for size in session.by_depth((default,), (inventory.size, 7, 1)):
        last = max(1, -(-inventory.total // size))
        if session.depth == "quick" and last >= FURTHEST_QUICK:
            reason = f"the last page is beyond page {FURTHEST_QUICK}: see --depth full"
            session.ledger.leave(checks.past_the_end.name, reason)
            continue
        # Later pages leave room for logs that come meanwhile.
        for beyond in session.by_depth((last + 1,), (last + 2, last + 1000)):
            # Where logs come, the known ones move on, and a total may be counted late.
            compare = comparisons.past_the_end(beyond, size, [] if session.arrived else inventory.walked)
            reference, test = asking(page=last, page_size=size), asking(page=beyond, page_size=size)
            session.relate(reference, test, (checks.past_the_end,), compare)
    return None
