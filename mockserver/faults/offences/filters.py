"""Filters that let through what does not match, or keep back what does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from mockserver.contract.document import contract
from mockserver.contract.filters import value_at
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import (
    Change,
    Condition,
    Log,
    Offence,
    as_if,
    ask,
    ask_logs,
    filters_of,
    forbidden,
    given,
    is_good,
    last_page,
    number,
    relisted,
    senseless,
    when,
)

# An offence that matches in its own way looks at so many of the newest logs, in pages that every profile allows.
_SEEN, _ASKED = 1000, 100

# Those logs of the last listing that was asked for: a judge asks for one some hundred times, under many filters.
_remembered: dict[tuple[str, str | None], list[Log]] = {}

Match = Callable[[str, str], bool]

# The ways to match that no client expects of an id or a key: name, sentence, whether a value matches what was asked.
_INEXACT: tuple[tuple[str, str, Match], ...] = (
    ("prefix", "also matches values that begin with it", lambda value, asked: value.startswith(asked)),
    ("substring", "also matches values that contain it", lambda value, asked: asked in value),
    ("any-case", "matches in any case", lambda value, asked: value.lower() == asked.lower()),
    ("trimmed", "matches without the blanks around it", lambda value, asked: value == asked.strip()),
    ("wildcard", "reads % and _ as SQL's LIKE does", lambda value, asked: fnmatchcase(value, _glob(asked))),
)


def offences() -> Iterator[Offence]:
    """Each filter alone, then filters together, and with pages."""
    for name in contract().filters:
        ignored = when(_has(name), _dropping(name))
        yield forbidden(f"filter-ignored-{name}", f"The filter {name} is ignored.", ignored)
        yield forbidden(
            f"filter-loses-{name}",
            f"The filter {name} loses the oldest log that matches.",
            when(_is_last_under(name), relisted(lambda case, logs: logs[:-1])),
        )
        yield forbidden(
            f"filter-inverted-{name}",
            f"The filter {name} gives the logs that do not match.",
            when(_has(name), _own(_matching(name, lambda value, asked: value != asked))),
        )
    for how, sentence, match in _INEXACT:
        for name in contract().filters:
            change = when(_has(name), _own(_matching(name, match)))
            yield senseless(f"filter-{how}-{name}", f"The filter {name} {sentence}.", change)
    yield from _together()


def _together() -> Iterator[Offence]:
    yield forbidden(
        "filters-or", "Several filters give the logs that match any of them.", when(_has_several, _own(_any_of))
    )
    yield forbidden(
        "filters-first-only",
        "Of several filters only the first counts.",
        when(_has_several, as_if(lambda case: dict.fromkeys(tuple(filters_of(case))[1:]))),
    )
    yield senseless(
        "filter-after-paging",
        "The filters pick from a page of all logs.",
        when(
            lambda case: bool(filters_of(case)),
            relisted(lambda case, logs: list(filter(_honest(case), _unfiltered(case)))),
        ),
    )
    yield forbidden(
        "filter-first-page-only",
        "The filters count on page 1 alone.",
        when(lambda case: is_good(case) and number(case, "page") > 1, relisted(lambda case, logs: _unfiltered(case))),
    )
    yield senseless(
        "unknown-parameter-filters",
        "A parameter that is not documented empties the page.",
        when(lambda case: bool(given(case).keys() - contract().parameters.keys()), relisted(lambda case, logs: [])),
    )


def _dropping(name: str) -> Change:
    return as_if(lambda case: {name: None})


def _has(name: str) -> Condition:
    return lambda case: name in filters_of(case)


def _has_several(case: Case) -> bool:
    return len(filters_of(case)) > 1


def _is_last_under(name: str) -> Condition:
    return lambda case: is_good(case) and name in filters_of(case) and number(case, "page") == last_page(case)


def value_of(log: Log, name: str) -> str:
    """The text of a log that a filter compares; empty where there is none."""
    return str(value_at(log, name) or "")


def _glob(pattern: str) -> str:
    # What a glob reads and LIKE does not stands for itself in brackets.
    return pattern.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]").replace("%", "*").replace("_", "?")


def _unfiltered(case: Case) -> list[Log]:
    return ask_logs(case, dict.fromkeys(contract().filters))


def _own(wanted: Callable[[Mapping[str, str]], Callable[[Log], bool]]) -> Change:
    """The change that filters the newest logs by a predicate of its own, made of the filters of the request."""

    def page(case: Case) -> list[Log]:
        kept = list(filter(wanted(filters_of(case)), _newest(case)))
        size = number(case, "page_size")
        return kept[(number(case, "page") - 1) * size :][:size]

    return relisted(lambda case, logs: page(case))


def _newest(case: Case) -> list[Log]:
    """The newest logs, read again only when the tag of the newest one says that there are others."""
    everything: dict[str, object] = dict.fromkeys(contract().filters)
    key = (case.request.path, ask(case, {**everything, "page": 1, "page_size": 1}).header("ETag"))
    if key not in _remembered:
        _remembered.clear()
        _remembered[key] = [
            log
            for page in range(1, _SEEN // _ASKED + 1)
            for log in ask_logs(case, {**everything, "page": page, "page_size": _ASKED})
        ]
    return _remembered[key]


def _matching(name: str, match: Match) -> Callable[[Mapping[str, str]], Callable[[Log], bool]]:
    """One filter in its own way, the others as they should be."""

    def is_met(log: Log, by: str, asked: str) -> bool:
        return match(value_of(log, by), asked) if by == name else value_of(log, by) == asked

    return lambda asked: lambda log: all(is_met(log, by, value) for by, value in asked.items())


def _any_of(asked: Mapping[str, str]) -> Callable[[Log], bool]:
    return lambda log: any(value_of(log, name) == value for name, value in asked.items())


def _honest(case: Case) -> Callable[[Log], bool]:
    asked = filters_of(case)
    return lambda log: all(value_of(log, name) == value for name, value in asked.items())
