"""Lists with another page than the request names."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import Log, contract
from mockserver.faults.offences.offence import (
    Offence,
    Predicate,
    anywhere,
    as_if,
    forbidden,
    has_next,
    is_last,
    is_page,
    is_past_the_end,
    relisted,
    senseless,
)
from mockserver.faults.offences.page import HonestPage

_ROUND = 10
_CAP = 100


def offences() -> Iterator[Offence]:
    """Defaults, sizes, numbers, ends, and what lies between two pages."""
    yield from _sizes()
    yield from _numbers()
    yield from _between()


def _sizes() -> Iterator[Offence]:
    default = contract().parameters["page_size"].default
    for size in (_ROUND, _CAP):
        sentence = f"Without page_size a page has {size} logs, not {default}."
        yield forbidden(f"default-size-{size}", sentence, as_if(_lacks("page_size"), page_size=size))
    sentence = "Without page the second page is given, not the first."
    yield forbidden("default-page-2", sentence, as_if(_lacks("page"), page=2))
    larger = relisted(anywhere, lambda page: page.slice(page.start, page.start + page.size + 1))
    yield forbidden("page-size-exceeded", "A page holds one log more than page_size.", larger)
    sentence = "A page before the last holds one log fewer than page_size."
    yield forbidden("page-size-short", sentence, relisted(has_next, _one_fewer))
    sentence = f"Pages have {default} logs, whatever page_size says."
    yield forbidden("page-size-ignored", sentence, as_if(anywhere, page_size=None))
    rounded = as_if(anywhere, page_size=lambda page: -(-page.size // _ROUND) * _ROUND)
    yield forbidden("page-size-rounded", f"page_size is rounded up to a multiple of {_ROUND}.", rounded)
    sentence = f"A page_size above {_CAP} gives {_CAP} logs, and no error."
    yield forbidden("page-size-capped", sentence, as_if(lambda page: page.size > _CAP, page_size=_CAP))


def _numbers() -> Iterator[Offence]:
    yield forbidden("page-ignored", "Every page is the first.", as_if(anywhere, page=None))
    next_one = as_if(lambda page: bool(page.query.get("page")), page=lambda page: page.number + 1)
    yield forbidden("page-from-zero", "Pages count from 0: page 1 is the second.", next_one)
    sentence = "page counts logs, not pages."
    yield forbidden("page-as-offset", sentence, relisted(_is_later, lambda page: _page_at(page, page.number - 1)))
    mirrored = as_if(anywhere, page=lambda page: max(1, page.last + 1 - page.number))
    yield forbidden("page-from-the-end", "Page 1 is the last, the last is page 1.", mirrored)
    emptied = relisted(is_page(2), lambda page: [])
    yield forbidden("page-2-empty", "Page 2 is empty, though there are more logs.", emptied)
    sentence = "A page past the last gives the last."
    yield forbidden("past-the-end-repeats", sentence, as_if(is_past_the_end, page=lambda page: page.last))
    wrapped = as_if(is_past_the_end, page=lambda page: (page.number - 1) % page.last + 1)
    yield forbidden("past-the-end-wraps", "A page past the last begins again with the first.", wrapped)
    yield forbidden("last-log-lost", "The oldest log that matches is on no page.", relisted(is_last, _one_fewer))


def _between() -> Iterator[Offence]:
    sentence = "Each page from the second begins with the last log of the page before."
    yield senseless("overlap", sentence, relisted(_is_later, lambda page: _page_at(page, page.start - 1)))
    sentence = "One log is lost between two pages."
    is_between = relisted(lambda page: _is_later(page) and has_next(page), lambda page: _page_at(page, page.start + 1))
    yield senseless("gap", sentence, is_between)
    repeated = relisted(anywhere, lambda page: [*page.logs[:-1], page.logs[0]], at_least=2)
    yield senseless("duplicate-log", "The last log of a page is its first log again.", repeated)
    shuffled = relisted(anywhere, lambda page: sorted(page.logs, key=lambda log: page.case.chance.uniform(log["id"])))
    yield senseless("unstable-order", "The logs of a page come in another order each time.", shuffled)
    sentence = "A page of odd page_size is in the opposite order."
    yield senseless("order-by-size", sentence, relisted(lambda page: page.size % 2 == 1, lambda page: page.logs[::-1]))


def _lacks(name: str) -> Predicate:
    return lambda page: not page.query.get(name)


def _is_later(page: HonestPage) -> bool:
    return page.number > 1


def _one_fewer(page: HonestPage) -> list[Log]:
    return page.logs[:-1]


def _page_at(page: HonestPage, start: int) -> list[Log]:
    return page.slice(start, start + page.size)
