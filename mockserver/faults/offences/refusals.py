"""What is accepted and should not be, refused and should not be, or answered with a status that nobody documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.document import Parameter, contract
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import (
    Change,
    Condition,
    Offence,
    ask,
    filters_of,
    forbidden,
    given,
    is_good,
    is_list,
    last_page,
    logs_of,
    number,
    senseless,
    total,
    when,
)
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply

_LARGE = 100
# What a number is that is none of the contract's integers, and how an offence knows it.
_ODD: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("negative", "A negative", lambda value: value.startswith("-")),
    ("fraction", "A fraction as", lambda value: "." in value),
    ("text", "A text as", lambda value: value.isalpha()),
)
# Values that careless queries, columns and encodings break on.
_HARD: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("quote", "A quote in a filter", lambda value: "'" in value or '"' in value),
    ("percent", "A percent sign in a filter", lambda value: "%" in value),
    ("non-ascii", "A filter that is not ASCII", lambda value: not value.isascii()),
    ("long", "A filter of more than 255 characters", lambda value: len(value) > 255),
)


def offences() -> Iterator[Offence]:
    """Invalid numbers accepted, valid requests refused, what breaks, statuses that the page does not list."""
    for parameter in contract().parameters.values():
        if parameter.type == "integer":
            yield from _accepted(parameter)
    yield from _refused()
    yield from _broken()
    yield from _undocumented()


def _accepted(parameter: Parameter) -> Iterator[Offence]:
    below = (parameter.minimum or 1) - 1
    name = parameter.name.replace("_", "-")
    yield forbidden(
        f"accepted-{name}-{below}",
        f"{parameter.name}={below} is answered as if it were left out.",
        _as_default(parameter.name, lambda value: value == str(below)),
    )
    for how, sentence, is_odd in _ODD:
        yield forbidden(
            f"accepted-{name}-{how}",
            f"{sentence} {parameter.name} is answered as if it were left out.",
            _as_default(parameter.name, is_odd),
        )


def _is_refused(case: Case) -> bool:
    return is_list(case) and case.plain.status in (400, 422)


def _as_default(name: str, is_odd: Callable[[str], bool]) -> Change:
    return when(
        lambda case: _is_refused(case) and is_odd(given(case).get(name, "")), lambda case: ask(case, {name: None})
    )


def _good(is_met: Condition, reply: Callable[[], Reply]) -> Change:
    """The change of a good list, where the condition is met."""
    return when(lambda case: is_good(case) and is_met(case), lambda case: reply())


def _bad_page() -> Reply:
    return error_reply(400, contract().fact("pagination-code"))


def _bad_input() -> Reply:
    return error_reply(400, contract().fact("input-code"))


def _refused() -> Iterator[Offence]:
    for name in ("page", "page_size"):
        yield forbidden(f"refused-{name.replace('_', '-')}-1", f"{name}=1 is refused.", _good(_is_one(name), _bad_page))
    yield forbidden(
        "refused-large-page-size",
        f"A page_size above {_LARGE} is refused.",
        _good(lambda case: number(case, "page_size") > _LARGE, _bad_page),
    )
    yield forbidden(
        "refused-past-the-end",
        "A page past the last is refused.",
        _good(lambda case: number(case, "page") > last_page(case), _bad_page),
    )
    yield forbidden(
        "refused-without-page",
        "A request without page is refused.",
        _good(lambda case: "page" not in given(case), _bad_page),
    )
    for name in contract().filters:
        yield forbidden(
            f"refused-unknown-{name}", f"A {name} that no log has is refused.", _good(_finds_nothing(name), _bad_input)
        )
    yield forbidden(
        "refused-two-filters",
        "Two filters at once are refused.",
        _good(lambda case: len(filters_of(case)) > 1, _bad_input),
    )


def _is_one(name: str) -> Condition:
    return lambda case: given(case).get(name) == "1"


def _finds_nothing(name: str) -> Condition:
    return lambda case: name in filters_of(case) and total(case) == 0


def _broken() -> Iterator[Offence]:
    for how, sentence, is_hard in _HARD:
        yield forbidden(
            f"broken-by-{how}", f"{sentence} is a 500.", _good(_has_filter(is_hard), lambda: error_reply(500))
        )
    for name in ("page", "page_size"):
        yield forbidden(
            f"broken-by-text-{name.replace('_', '-')}",
            f"A {name} that is no number is a 500, not a 400.",
            when(_is_text(name), lambda case: error_reply(500)),
        )
    yield forbidden(
        "broken-by-large-page",
        "A page beyond 32 bits is a 500.",
        _good(lambda case: number(case, "page") >= 2**31, lambda: error_reply(500)),
    )
    yield forbidden(
        "broken-by-unknown-parameter",
        "A parameter that is not documented is a 500.",
        _good(lambda case: bool(given(case).keys() - contract().parameters.keys()), lambda: error_reply(500)),
    )


def _has_filter(is_hard: Callable[[str], bool]) -> Condition:
    return lambda case: any(map(is_hard, filters_of(case).values()))


def _is_text(name: str) -> Condition:
    return lambda case: _is_refused(case) and given(case).get(name, "").isalpha()


def _undocumented() -> Iterator[Offence]:
    yield forbidden("status-404-when-empty", "A page without logs is 404.", _good(_is_empty, lambda: error_reply(404)))
    yield forbidden("status-204-when-empty", "A page without logs is 204.", _good(_is_empty, lambda: Reply(204)))
    yield forbidden(
        "status-201", "The status of a list is 201.", when(is_good, lambda case: case.reply._replace(status=201))
    )
    yield forbidden(
        "status-206",
        "The status of a page before the last is 206.",
        when(
            lambda case: is_good(case) and number(case, "page") < last_page(case),
            lambda case: case.reply._replace(status=206),
        ),
    )
    yield forbidden(
        "status-302",
        "Page 2 is a redirect.",
        _good(lambda case: number(case, "page") == 2, lambda: Reply(302, (("Location", "/sign-in"),))),
    )
    yield forbidden(
        "status-422", "A page that is no number is 422, not 400.", when(_is_text("page"), lambda case: error_reply(422))
    )
    yield forbidden(
        "status-500-sometimes",
        "One list in ten is a 500.",
        _good(lambda case: case.chance.uniform("sometimes") < 0.1, lambda: error_reply(500)),
    )
    yield senseless(
        "head-refused",
        "HEAD is a 405.",
        when(lambda case: case.request.method == "HEAD", lambda case: error_reply(405, "request.method_not_allowed")),
    )


def _is_empty(case: Case) -> bool:
    return logs_of(case) == []
