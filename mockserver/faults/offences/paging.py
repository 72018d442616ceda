"""Pages that are not the pages asked for."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import contract
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import (
    Change,
    Condition,
    Log,
    Offence,
    as_if,
    forbidden,
    given,
    honest_logs,
    is_good,
    last_page,
    number,
    relisted,
    senseless,
    when,
)

_ROUND = 10
_CAP = 100


def offences() -> Iterator[Offence]:
    """Defaults, sizes, numbers, ends, and what lies between two pages."""
    yield from _defaults()
    yield from _sizes()
    yield from _numbers()
    yield from _ends()
    yield from _between()


def _without(name: str) -> Condition:
    return lambda case: not given(case).get(name)


def _is_good_and(is_met: Condition) -> Condition:
    return lambda case: is_good(case) and is_met(case)


_is_past_the_end = _is_good_and(lambda case: number(case, "page") > last_page(case))
_is_last = _is_good_and(lambda case: number(case, "page") == last_page(case))
_has_more = _is_good_and(lambda case: number(case, "page") < last_page(case))
_is_later = _is_good_and(lambda case: number(case, "page") > 1)


def _defaults() -> Iterator[Offence]:
    default = contract().parameters["page_size"].default
    for size in (_ROUND, _CAP):
        sentence = f"Without page_size a page has {size} logs, not {default}."
        yield forbidden(f"default-size-{size}", sentence, when(_without("page_size"), _of_size(size)))
    sentence = "Without page the second page is given, not the first."
    yield forbidden("default-page-2", sentence, when(_without("page"), as_if(lambda case: {"page": 2})))


def _of_size(size: int) -> Change:
    return as_if(lambda case: {"page_size": size})


def _sizes() -> Iterator[Offence]:
    default = contract().parameters["page_size"].default
    yield forbidden(
        "page-size-exceeded",
        "A page holds one log more than page_size.",
        relisted(lambda case, logs: honest_logs(case, _start(case), _start(case) + number(case, "page_size") + 1)),
    )
    yield forbidden(
        "page-size-short",
        "A page before the last holds one log fewer than page_size.",
        when(_has_more, relisted(lambda case, logs: logs[:-1])),
    )
    yield forbidden(
        "page-size-ignored",
        f"Pages have {default} logs, whatever page_size says.",
        as_if(lambda case: {"page_size": None}),
    )
    yield forbidden(
        "page-size-rounded",
        f"page_size is rounded up to a multiple of {_ROUND}.",
        as_if(lambda case: {"page_size": -(-number(case, "page_size") // _ROUND) * _ROUND}),
    )
    yield forbidden(
        "page-size-capped",
        f"A page_size above {_CAP} gives {_CAP} logs, without a word.",
        when(_is_good_and(lambda case: number(case, "page_size") > _CAP), _of_size(_CAP)),
    )


def _numbers() -> Iterator[Offence]:
    yield forbidden("page-ignored", "Every page is the first.", as_if(lambda case: {"page": None}))
    yield forbidden(
        "page-from-zero",
        "Pages count from 0: page 1 is the second.",
        when(lambda case: bool(given(case).get("page")), as_if(lambda case: {"page": number(case, "page") + 1})),
    )
    yield forbidden(
        "page-as-offset",
        "page counts logs, not pages.",
        when(_is_later, relisted(lambda case, logs: _from(case, number(case, "page") - 1))),
    )
    yield forbidden(
        "page-from-the-end",
        "Page 1 is the last, the last is page 1.",
        as_if(lambda case: {"page": max(1, last_page(case) + 1 - number(case, "page"))}),
    )
    yield forbidden(
        "page-2-empty",
        "Page 2 is empty, though there are more logs.",
        when(_is_good_and(lambda case: number(case, "page") == 2), relisted(lambda case, logs: [])),
    )


def _ends() -> Iterator[Offence]:
    yield forbidden(
        "past-the-end-repeats",
        "A page past the last gives the last.",
        when(_is_past_the_end, as_if(lambda case: {"page": last_page(case)})),
    )
    yield forbidden(
        "past-the-end-wraps",
        "A page past the last begins again with the first.",
        when(_is_past_the_end, as_if(lambda case: {"page": (number(case, "page") - 1) % last_page(case) + 1})),
    )
    yield forbidden(
        "last-log-lost",
        "The oldest log that matches is on no page.",
        when(_is_last, relisted(lambda case, logs: logs[:-1])),
    )


def _between() -> Iterator[Offence]:
    yield senseless(
        "overlap",
        "Each page from the second begins with the last log of the page before.",
        when(_is_later, relisted(lambda case, logs: _from(case, _start(case) - 1))),
    )
    yield senseless(
        "gap",
        "Between two pages a log is lost.",
        when(_is_later, relisted(lambda case, logs: _from(case, _start(case) + number(case, "page") - 1))),
    )
    yield senseless(
        "duplicate-log",
        "A page ends with its first log a second time.",
        relisted(lambda case, logs: [*logs[:-1], logs[0]], at_least=2),
    )
    yield senseless(
        "unstable-order",
        "The logs of a page come in another order each time.",
        relisted(lambda case, logs: sorted(logs, key=lambda log: case.chance.uniform(log["id"]))),
    )
    yield senseless(
        "order-by-size",
        "A page of odd page_size is in the opposite order.",
        when(_is_good_and(lambda case: number(case, "page_size") % 2 == 1), relisted(lambda case, logs: logs[::-1])),
    )


def _start(case: Case) -> int:
    return (number(case, "page") - 1) * number(case, "page_size")


def _from(case: Case, start: int) -> list[Log]:
    """A page of the right size from another position."""
    return honest_logs(case, start, start + number(case, "page_size"))
