"""Invalid requests that are accepted, valid ones that are refused, and statuses that the document does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.faults.offences.offence import (
    Change,
    Offence,
    Predicate,
    anywhere,
    forbidden,
    has_next,
    is_page,
    is_past_the_end,
    on_list,
    replied,
    senseless,
    when,
)
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply

_LARGE = 100
# Numbers that are none of the contract's integers, and how an offence recognizes them.
_ODD: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("negative", "A negative", lambda value: value.startswith("-")),
    ("fraction", "A fraction as", lambda value: "." in value),
    ("text", "A text as", str.isalpha),
)
# Values that careless queries, columns and encodings break on.
_HARD: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("quote", "A quote in a filter", lambda value: "'" in value or '"' in value),
    ("percent", "A percent sign in a filter", lambda value: "%" in value),
    ("non-ascii", "A filter that is not ASCII", lambda value: not value.isascii()),
    ("long", "A filter of more than 255 characters", lambda value: len(value) > 255),
)
_ERROR = error_reply(500)


def offences() -> Iterator[Offence]:
    """Invalid numbers accepted, valid requests refused, server errors, statuses that the document does not list."""
    yield from _accepted()
    yield from _refused()
    yield from _broken()
    yield from _undocumented()


def _accepted() -> Iterator[Offence]:
    for parameter in contract().parameters.values():
        if parameter.type != "integer":
            continue
        below = str((parameter.minimum or 1) - 1)
        name = parameter.name.replace("_", "-")
        sentence = f"{parameter.name}={below} is answered as if it were left out."
        yield forbidden(f"accepted-{name}-{below}", sentence, _as_default(parameter.name, below.__eq__))
        for how, start, is_odd in _ODD:
            sentence = f"{start} {parameter.name} is answered as if it were left out."
            yield forbidden(f"accepted-{name}-{how}", sentence, _as_default(parameter.name, is_odd))


def _as_default(name: str, is_odd: Callable[[str], bool]) -> Change:
    return when(_is_refused_for(name, is_odd), lambda page: page.ask({name: None}))


def _is_refused_for(name: str, is_odd: Callable[[str], bool]) -> Predicate:
    return lambda page: page.is_list and page.status in (400, 422) and is_odd(page.query.get(name, ""))


def _refused() -> Iterator[Offence]:
    bad_page = error_reply(400, contract().fact("pagination-code"))
    bad_input = error_reply(400, contract().fact("input-code"))
    for name in ("page", "page_size"):
        change = replied(_is_one(name), bad_page)
        yield forbidden(f"refused-{name.replace('_', '-')}-1", f"{name}=1 is refused.", change)
    sentence = f"A page_size above {_LARGE} is refused."
    yield forbidden("refused-large-page-size", sentence, replied(lambda page: page.size > _LARGE, bad_page))
    yield forbidden("refused-past-the-end", "A page past the last is refused.", replied(is_past_the_end, bad_page))
    sentence = "A request without page is refused."
    yield forbidden("refused-without-page", sentence, replied(lambda page: "page" not in page.query, bad_page))
    for name in contract().filters:
        sentence = f"A {name} that no log has is refused."
        yield forbidden(f"refused-unknown-{name}", sentence, replied(_has_no_match(name), bad_input))
    sentence = "Two filters at once are refused."
    yield forbidden("refused-two-filters", sentence, replied(lambda page: len(page.filters) > 1, bad_input))


def _is_one(name: str) -> Predicate:
    return lambda page: page.query.get(name) == "1"


def _has_no_match(name: str) -> Predicate:
    return lambda page: name in page.filters and page.total == 0


def _broken() -> Iterator[Offence]:
    for how, start, is_hard in _HARD:
        yield forbidden(f"broken-by-{how}", f"{start} is a 500.", replied(_has_filter(is_hard), _ERROR))
    for name in ("page", "page_size"):
        sentence, change = f"A {name} that is no number is a 500, not a 400.", _in_place_of_400(name, _ERROR)
        yield forbidden(f"broken-by-text-{name.replace('_', '-')}", sentence, change)
    sentence = "A page beyond 32 bits is a 500."
    yield forbidden("broken-by-large-page", sentence, replied(lambda page: page.number >= 2**31, _ERROR))
    sentence = "A parameter that is not documented is a 500."
    yield forbidden("broken-by-unknown-parameter", sentence, replied(lambda page: page.has_unknown_parameter, _ERROR))


def _in_place_of_400(name: str, reply: Reply) -> Change:
    return when(_is_refused_for(name, str.isalpha), lambda page: reply)


def _has_filter(is_hard: Callable[[str], bool]) -> Predicate:
    return lambda page: any(map(is_hard, page.filters.values()))


def _undocumented() -> Iterator[Offence]:
    for status, reply in ((404, error_reply(404)), (204, Reply(204))):
        empty = replied(lambda page: not page.logs, reply)
        yield forbidden(f"status-{status}-when-empty", f"A page without logs is {status}.", empty)
    yield forbidden("status-201", "The status of a list is 201.", on_list(anywhere, _with_status(201)))
    yield forbidden("status-206", "The status of a page before the last is 206.", on_list(has_next, _with_status(206)))
    redirect = Reply(302, (("Location", "/sign-in"),))
    yield forbidden("status-302", "Page 2 is a redirect.", replied(is_page(2), redirect))
    unprocessable = _in_place_of_400("page", error_reply(422))
    yield forbidden("status-422", "A page that is no number is 422, not 400.", unprocessable)
    unlucky = replied(lambda page: page.case.chance.uniform("sometimes") < 0.1, _ERROR)
    yield forbidden("status-500-sometimes", "One list in ten is a 500.", unlucky)
    not_allowed = error_reply(405, "request.method_not_allowed").with_header("Allow", "GET, OPTIONS")
    refused = when(lambda page: page.case.request.method == "HEAD", lambda page: not_allowed)
    yield senseless("head-refused", "HEAD is a 405.", refused)


def _with_status(status: int) -> Change:
    return lambda page: page.case.reply._replace(status=status)
