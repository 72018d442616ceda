"""Filters that let through logs that do not match, or that keep back logs that do.

Most offences ask the mock itself, with other parameters. Those that match in a way of their own (by prefix, in any
case) filter the newest logs here. A judge asks such a mock some hundred times, and reading 1,000 logs takes 20 ms, ten
times as long as the rest of the answer. So they are read once, and kept until the entity tag of the newest page
changes. Two mocks of one process, or two threads, may share what is kept: the tag names one state of one store, and a
store of other logs has another tag (``Store.version``). Logs without a tag are not kept.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import chain

from mockserver.contract.document import Log, contract
from mockserver.contract.filters import value_at
from mockserver.faults.offences.offence import (
    Change,
    Offence,
    Predicate,
    as_if,
    filters_by,
    forbidden,
    relisted,
    senseless,
)
from mockserver.faults.offences.page import HonestPage

# An offence that matches in its own way sees this many of the newest logs, in pages that every profile allows.
_MOST_LOGS, _PAGE_SIZE = 1000, 100

# The newest logs that were read last, by the entity tag of the newest page; one entry at most.
_newest_logs: dict[str, list[Log]] = {}

Match = Callable[[str, str], bool]

# The ways to match that no client expects of an id or a key: name, sentence, whether a value matches the wanted text.
_INEXACT: tuple[tuple[str, str, Match], ...] = (
    ("prefix", "also matches values that begin with it", str.startswith),
    ("substring", "also matches values that contain it", operator.contains),
    ("any-case", "matches in any case", lambda value, wanted: value.lower() == wanted.lower()),
    ("trimmed", "matches without the blanks around it", lambda value, wanted: value == wanted.strip()),
    ("wildcard", "reads % and _ as SQL's LIKE does", lambda value, wanted: fnmatchcase(value, _glob(wanted))),
)


def offences() -> Iterator[Offence]:
    """Each filter alone, then several filters, and filters with pages."""
    for name in contract().filters:
        ignored = as_if(filters_by(name), **{name: None})
        yield forbidden(f"filter-ignored-{name}", f"The filter {name} is ignored.", ignored)
        loses = relisted(_is_last_under(name), lambda page: page.logs[:-1])
        yield forbidden(f"filter-loses-{name}", f"The filter {name} loses the oldest log that matches.", loses)
        inverted = _own(filters_by(name), _matching(name, operator.ne))
        yield forbidden(f"filter-inverted-{name}", f"The filter {name} gives the logs that do not match.", inverted)
    for how, sentence, match in _INEXACT:
        for name in contract().filters:
            change = _own(filters_by(name), _matching(name, match))
            yield senseless(f"filter-{how}-{name}", f"The filter {name} {sentence}.", change)
    yield from _together()


def _together() -> Iterator[Offence]:
    sentence = "Several filters give the logs that match any of them."
    yield forbidden("filters-or", sentence, _own(_has_several, lambda page, log: any(_matches(page, log))))
    first = relisted(_has_several, lambda page: page.ask_logs(dict.fromkeys(tuple(page.filters)[1:])))
    yield forbidden("filters-first-only", "Only the first of several filters counts.", first)
    picked = relisted(
        lambda page: bool(page.filters), lambda page: [log for log in _unfiltered(page) if all(_matches(page, log))]
    )
    yield senseless("filter-after-paging", "The filters pick from a page of all logs.", picked)
    sentence = "The filters count on page 1 alone."
    yield forbidden("filter-first-page-only", sentence, relisted(lambda page: page.number > 1, _unfiltered))
    emptied = relisted(lambda page: page.has_unknown_parameter, lambda page: [])
    yield senseless("unknown-parameter-filters", "A parameter that is not documented empties the page.", emptied)


def _has_several(page: HonestPage) -> bool:
    return len(page.filters) > 1


def _is_last_under(name: str) -> Predicate:
    return lambda page: name in page.filters and page.number == page.last


def _unfiltered(page: HonestPage) -> list[Log]:
    return page.ask_logs(dict.fromkeys(contract().filters))


def value_of(log: Log, name: str) -> str:
    """The text of a log that a filter compares; empty when there is none."""
    return str(value_at(log, name) or "")


def _glob(pattern: str) -> str:
    # Brackets take their meaning from the characters that a glob reads and LIKE does not.
    return pattern.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]").replace("%", "*").replace("_", "?")


def _own(is_met: Predicate, is_wanted: Callable[[HonestPage, Log], bool]) -> Change:
    """The change that filters the newest logs by a predicate of its own."""

    def logs(page: HonestPage) -> list[Log]:
        return [log for log in _newest(page) if is_wanted(page, log)][page.start :][: page.size]

    return relisted(is_met, logs)


def _newest(page: HonestPage) -> list[Log]:
    """The newest logs, whatever the filters; read again when the tag of the newest page says that there are others."""
    unfiltered: dict[str, object] = dict.fromkeys(contract().filters)
    tag = page.ask({**unfiltered, "page": 1, "page_size": 1}).header("ETag")
    if tag is not None and (kept := _newest_logs.get(tag)) is not None:
        return kept
    numbers = range(1, _MOST_LOGS // _PAGE_SIZE + 1)
    pages = [page.ask_logs({**unfiltered, "page": number, "page_size": _PAGE_SIZE}) for number in numbers]
    logs = list(chain.from_iterable(pages))
    if tag is not None:
        _newest_logs.clear()
        _newest_logs[tag] = logs
    return logs


def _matching(name: str, match: Match) -> Callable[[HonestPage, Log], bool]:
    """One filter in its own way, the others as they should be."""

    def is_wanted(page: HonestPage, log: Log) -> bool:
        return all((match if by == name else operator.eq)(value_of(log, by), text) for by, text in page.filters.items())

    return is_wanted


def _matches(page: HonestPage, log: Log) -> Iterator[bool]:
    """Whether a log matches each of the filters."""
    return (value_of(log, name) == text for name, text in page.filters.items())
