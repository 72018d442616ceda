"""Lists with another page than the request names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.faults.offences.changes import BESIDE, Change, Predicate, anywhere, as_if, is_beside, is_page, relisted
from mockserver.faults.offences.offence import Offence, Product, listed, values
from mockserver.faults.offences.page import HonestPage

_ROUND, _CAP, _DEEP, _SMALL = 10, 100, 100, 50
# A change of the pages that meet a condition.
Make = Callable[[Predicate], Change]


def _sliced(start: int, more: int) -> Make:
    """Pages that begin so many logs later, and hold so many more."""
    return lambda met: relisted(met, lambda page: page.slice(page.start + start, page.start + start + page.size + more))


def _cut(most: int) -> Make:
    """Pages that lose what is behind so many logs."""
    return lambda met: relisted(lambda page: page.size > most and met(page), lambda page: page.logs[:most])


def _shorter(met: Predicate) -> Change:
    return relisted(lambda page: page.number < page.last and met(page), lambda page: page.logs[:-1])


def _empty(page: HonestPage) -> list[Any]:
    return []


# What is wrong about a size, and how many logs cannot show it.
_SIZES: dict[str, tuple[Make, int]] = {
    "exceeded": (_sliced(0, 1), 2),
    "short": (_shorter, 3),
    "ignored": (lambda met: as_if(met, page_size=None), 20),
    "rounded": (lambda met: as_if(met, page_size=lambda page: -(-page.size // _ROUND) * _ROUND), 2),
    "capped": (lambda met: as_if(met, page_size=lambda page: min(page.size, _CAP)), _CAP),
    **{f"cut-{most}": (_cut(most), most) for most in (10, 50, 150, 250, 350, 500, 900)},
}
# What is wrong at the end of the list.
_ENDS: dict[str, Change] = {
    "past-the-end-repeats": as_if(lambda page: page.number > page.last, page=lambda page: page.last),
    "past-the-end-wraps": as_if(
        lambda page: page.number > page.last, page=lambda page: (page.number - 1) % page.last + 1
    ),
    "last-log-lost": relisted(lambda page: page.number == page.last, lambda page: page.logs[:-1]),
    "last-page-dropped": relisted(lambda page: 1 < page.number == page.last and page.total % page.size > 0, _empty),
}
# What each page loses or repeats.
_LOSSES: dict[str, Make] = {
    "overlap": _sliced(-1, 0), "gap": _sliced(1, 0), "shortened": _shorter,
    "emptied": lambda met: relisted(met, _empty),
}  # fmt: skip
_STARTS: dict[str, Predicate] = {
    "": lambda page: page.number > 1, "deep": lambda page: page.start >= _DEEP,
    "small-deep": lambda page: page.start >= _DEEP and page.size < _SMALL,
}  # fmt: skip


def offences() -> Iterator[Offence]:
    """Defaults, numbers, ends, what is within a page, then sizes, and what lies between two pages."""
    yield from listed({
        "default-page-2": as_if(lambda page: not page.query.get("page"), page=2),
        "page-ignored": as_if(anywhere, page=None),
        "page-from-zero": as_if(lambda page: bool(page.query.get("page")), page=lambda page: page.number + 1),
        "page-as-offset": relisted(_STARTS[""], lambda page: page.slice(page.number - 1, page.number - 1 + page.size)),
        "page-from-the-end": as_if(anywhere, page=lambda page: max(1, page.last + 1 - page.number)),
        "page-2-empty": relisted(is_page(2), _empty),
        "duplicate-log": relisted(anywhere, lambda page: [*page.logs[:-1], page.logs[0]], at_least=2),
        "unstable-order": relisted(
            anywhere, lambda page: sorted(page.logs, key=lambda log: page.case.chance.uniform(log["id"]))
        ),
        "ends-at-hundred": relisted(
            lambda page: page.size <= _CAP, lambda page: page.logs[: _CAP - page.start % _CAP]
        ),
        "encoded-name-unread": as_if(lambda page: "page%5F" in page.case.request.query, page_size=None),
        "order-by-size": relisted(lambda page: page.size % 2 == 1, lambda page: page.logs[::-1]),
    })  # fmt: skip
    yield from Product("end", {"what": _ENDS, "told": {"": True, "untold": False}}, _end, bare=True)
    by = {label: BESIDE[label] for label in ("", "with-page", "with-filter")}
    yield from Product("default-size", {"size": {"10": 10, "100": 100}, "by": by}, _default)
    # Few logs show a break of sizes otherwise than many.
    yield from Product("page-size", {"wrong": _SIZES, "by": by, "known": values("page-size", "known")}, _wrong_size)
    del by["with-page"]
    yield from Product("loss", {"loss": _LOSSES, "start": _STARTS, "by": by}, _loss, bare=True)


def _wrong_size(wrong: tuple[Make, int], by: str, known: int) -> Change | None:
    make, few = wrong
    # No filter finds more than a tenth of the logs.
    return None if known <= few * (10 if by == "filter" else 1) else make(is_beside(by))


def _loss(loss: Make, start: Predicate, by: str) -> Change | None:
    # No filter finds so many logs.
    if start is not _STARTS[""] and by:
        return None
    return loss(lambda page: page.number < page.last and start(page) and is_beside(by)(page))


def _end(what: Change, told: bool) -> Change:
    """The change, of a server that tells no total if ``told`` is false."""
    if told:
        return what
    return lambda page: (what(page) or page.case.reply).with_header("Total-Number", None).with_header("Link", None)


def _default(size: int, by: str) -> Change:
    return as_if(lambda page: not page.query.get("page_size") and is_beside(by)(page), page_size=size)
