"""Filters that let through logs that do not match, or that keep back logs that do.

Most offences ask the mock itself, with other parameters. Those that match in a way of their own (by prefix, in any
case) filter the newest logs here. A judge asks such a mock some hundred times, and reading 1,000 logs takes 20 ms, ten
times as long as the rest of the answer. So they are read once, and kept until the entity tag of the newest page
changes. Two mocks of one process, or two threads, may share what is kept: the tag names one state of one store, and a
store of other logs has another tag (``Store.version``). Logs without a tag are not kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import chain
from urllib.parse import unquote

from mockserver.contract.document import Log, contract
from mockserver.contract.filters import value_at
from mockserver.contract.numbers import as_number
from mockserver.faults.offences.changes import BESIDE, Change, Predicate, relisted, where
from mockserver.faults.offences.offence import Offence, Product, listed, parameters
from mockserver.faults.offences.page import HonestPage

# An offence that matches in its own way sees this many of the newest logs, in pages that every profile allows.
_MOST_LOGS, _PAGE_SIZE = 1000, 100

# The newest logs that were read last, by the entity tag of the newest page; one entry at most.
_newest_logs: dict[str, list[Log]] = {}

# Whether a log that holds a value is listed for a wanted text; the value is empty when the log has none.
Match = Callable[[str, str, Log], bool]


def _finds(read: Callable[[str], str]) -> Match:
    """The match of a text that was changed on the way."""
    return lambda value, wanted, log: value == read(wanted)


def _plain(text: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text))


# How a filter matches wrongly.
_WAYS: dict[str, Match] = {
    "ignored": lambda value, wanted, log: True, "inverted": lambda value, wanted, log: value != wanted,
    "absent": lambda value, wanted, log: value == ("" if wanted == "null" else wanted),
    "injected": lambda value, wanted, log: value == wanted or "' OR '" in wanted,
    "elsewhere": lambda value, wanted, log: wanted in (value, *_others(log)),
    "prefix": lambda value, wanted, log: value.startswith(wanted),
    "substring": lambda value, wanted, log: wanted in value,
    "any-case": lambda value, wanted, log: value.lower() == wanted.lower(),
    "any-accent": lambda value, wanted, log: _plain(value) == _plain(wanted),
    "trimmed": lambda value, wanted, log: value in (wanted, wanted.strip()),
    "wildcard": lambda value, wanted, log: fnmatchcase(value, _glob(wanted)),
    "starred": lambda value, wanted, log: value == wanted or ("*" in wanted and fnmatchcase(value, wanted)),
    "listed": lambda value, wanted, log: value in (wanted, *wanted.split(",")),
    "numeric": lambda value, wanted, log: value == wanted or as_number(value) == as_number(wanted),
    "decoded-twice": _finds(unquote), "plus-lost": _finds(lambda text: text.replace("+", " ")),
    "ampersand-lost": _finds(lambda text: text.partition("&")[0]),
    "comma-lost": _finds(lambda text: text.partition(",")[0]),
    "accents-lost": _finds(lambda text: text.encode("ascii", "ignore").decode()), "blank-lost": _finds(str.rstrip),
    "zero-lost": _finds(lambda text: text.lstrip("0")), "upper-lost": _finds(str.lower),
    "tail-lost": _finds(lambda text: text[:30]),
}  # fmt: skip


def offences() -> Iterator[Offence]:
    """Each filter alone and beside others, then several filters, and filters with pages."""
    names = parameters(*contract().filters)
    yield from Product("filter", {"way": _WAYS, "filter": names, "by": BESIDE}, _wrong)
    yield from Product("filter-loses", {"filter": names}, _losing)
    yield from Product("filter-empty", {"filter": names}, _empty)
    yield from listed({
        "filters-or": _own(_has_several, lambda page, log: any(_matches(page, log))),
        "filters-first-only": relisted(_has_several, _of_the_first),
        "filters-second-after-paging": relisted(_has_several, lambda page: _matching_of(page, _of_the_first(page))),
        "filter-after-paging": relisted(
            lambda page: bool(page.filters), lambda page: _matching_of(page, _unfiltered(page))
        ), "filter-first-page-only": relisted(lambda page: page.number > 1, _unfiltered),
        "operator-obeyed": _own(
            lambda page: bool(_excluded(page)),
            lambda page, log: all(value_of(log, name) != text for name, text in _excluded(page).items()),
        ), "unknown-parameter-filters": relisted(lambda page: page.has_unknown_parameter, lambda page: []),
    })  # fmt: skip


def _wrong(way: Match, filter: str, by: str) -> Change | None:
    place = where(filter, by)
    # A member of the log itself is always there.
    if way is _WAYS["absent"] and len(contract().filters[filter]) == 1:
        return None
    return place and _own(lambda page: filter in page.filters and place(page), _matching(filter, way))


def _others(log: Log) -> list[object]:
    """Texts of a log by which somebody may look for it."""
    return [*(value_of(log, name) for name in contract().filters), log["payload"].get("sessionId"), log["id"]]


def _of_the_first(page: HonestPage) -> list[Log]:
    """The page that the first filter alone finds."""
    return page.ask_logs(dict.fromkeys(tuple(page.filters)[1:]))


def _matching_of(page: HonestPage, logs: list[Log]) -> list[Log]:
    return [log for log in logs if all(_matches(page, log))]


def _excluded(page: HonestPage) -> dict[str, str]:
    """The values that the filters must not have, by a server that reads operators."""
    names = {name: f"{name}[$ne]" for name in contract().filters}
    return {name: page.query[operator] for name, operator in names.items() if operator in page.query}


def _has_several(page: HonestPage) -> bool:
    return len(page.filters) > 1


def _losing(filter: str) -> Change:
    return relisted(lambda page: filter in page.filters and page.number == page.last, lambda page: page.logs[:-1])


def _empty(filter: str) -> Change | None:
    # A member of the log itself is always there: no log is found, as some honest servers answer.
    if len(contract().filters[filter]) == 1:
        return None
    return _own(lambda page: page.query.get(filter) == "", lambda page, log: not value_of(log, filter))


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
        values = ((by, value_of(log, by), text) for by, text in page.filters.items())
        return all(match(value, text, log) if by == name else value == text for by, value, text in values)

    return is_wanted


def _matches(page: HonestPage, log: Log) -> Iterator[bool]:
    """Whether a log matches each of the filters."""
    return (value_of(log, name) == text for name, text in page.filters.items())
