"""The few changes that most offences are built from: a condition, and what is done to the answer when it is met.

    relisted(is_page(2), lambda page: [])

A change maps the honest page to the answer that breaks the contract, or to None when it does not apply. ``relisted``,
``as_if``, ``rewritten`` and ``replied`` change good lists alone: a refusal, or one log by its id, stays honest, and the
condition is not evaluated. ``each_log`` changes every log served, in a list or alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.contract.document import Log
from mockserver.contract.jsontext import decode, encode
from mockserver.faults.offences.page import HonestPage
from mockserver.http.message import Reply

Change = Callable[[HonestPage], Reply | None]
Predicate = Callable[[HonestPage], bool]


def anywhere(page: HonestPage) -> bool:
    """The condition that every page meets."""
    return True


def is_page(number: int) -> Predicate:
    """The condition that the page has this number."""
    return lambda page: page.number == number


def has_status(status: int) -> Predicate:
    """The condition that the honest answer has this status."""
    return lambda page: page.status == status


def when(is_met: Predicate, change: Change) -> Change:
    """The change, made only when the condition is met."""
    return lambda page: change(page) if is_met(page) else None


def on_list(is_met: Predicate, change: Change) -> Change:
    """The change, made only of a good list that meets the condition."""
    return when(lambda page: page.is_good and is_met(page), change)


def replied(is_met: Predicate, reply: Reply) -> Change:
    """The change that sends this reply in place of a good list."""
    return on_list(is_met, lambda page: reply)


def instead_of(status: int, reply: Reply) -> Change:
    """The change that sends this reply in place of any honest answer of a status."""
    return when(has_status(status), lambda page: reply)


def with_header(name: str, value: str | None) -> Change:
    """The change that sets (None: removes) a header of every answer with status 200."""
    return lambda page: page.case.reply.with_header(name, value) if page.case.reply.status == 200 else None


def rewritten(is_met: Predicate, make: Callable[[HonestPage], bytes], at_least: int = 0) -> Change:
    """The change that gives another body to a good list of at least so many logs."""
    return on_list(lambda page: is_met(page) and len(page.logs) >= at_least, lambda page: page.with_body(make(page)))


def relisted(is_met: Predicate, make: Callable[[HonestPage], Sequence[Any]], at_least: int = 0) -> Change:
    """The change that puts other items into a good list of at least so many logs."""
    return rewritten(is_met, lambda page: encode(list(make(page))), at_least)


def as_if(is_met: Predicate, /, **changes: int | Callable[[HonestPage], int] | None) -> Change:
    """The change that lists the logs as if the query had other parameters (None: as if it lacked them)."""

    def logs(page: HonestPage) -> list[Log]:
        return page.ask_logs({name: value(page) if callable(value) else value for name, value in changes.items()})

    return relisted(is_met, logs)


def each_log(make: Callable[[HonestPage, Log], Log]) -> Change:
    """The change that makes another log of every one that is served, in a list or alone."""

    def change(page: HonestPage) -> Reply:
        logs = [make(page, log) for log in page.logs] if page.is_list else make(page, decode(page.plain.content()))
        return page.with_body(encode(logs))

    return when(has_status(200), change)


# What a parameter must stand beside, as a dimension of a product: anything, another filter, a page, a size.
BESIDE = {"": "", "with-filter": "filter", "with-page": "page", "with-size": "page_size"}


def is_beside(by: str, parameter: str = "") -> Predicate:
    """The condition that a request has what a label of ``BESIDE`` means, besides the parameter."""
    if by == "filter":
        return lambda page: bool(page.filters.keys() - {parameter})
    return lambda page: not by or by in page.query


def where(parameter: str, by: str) -> Predicate | None:
    """The condition of both; None if nothing stands beside something, or a parameter beside itself."""
    if by and parameter in ("", by):
        return None
    return lambda page: (not parameter or parameter in page.query) and is_beside(by, parameter)(page)
