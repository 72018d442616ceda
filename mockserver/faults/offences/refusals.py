"""Invalid requests that are accepted, valid ones that are refused, and statuses that the document does not have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.faults.offences.changes import Change, Predicate, anywhere, is_page, on_list, replied, when
from mockserver.faults.offences.offence import Given, Offence, Product, beside, listed, parameters, where
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply

_LARGE, _LONG = 100, 800
Shape = Callable[[str], bool]
# Numbers that are none of the contract's integers.
_ODD: dict[str, Shape] = {
    "0": "0".__eq__, "negative": lambda value: value.startswith("-"), "fraction": lambda value: "." in value,
    "text": str.isalpha,
}  # fmt: skip
# Values that careless queries, columns and encodings break on.
_SHAPES: dict[str, Shape] = {
    "quote": lambda value: "'" in value or '"' in value, "percent": lambda value: "%" in value,
    "non-ascii": lambda value: not value.isascii(), "long": lambda value: len(value) > 255,
    "blank": lambda value: value.endswith(" "), "plus": lambda value: "+" in value,
    "backslash": lambda value: "\\" in value, "bracket": lambda value: bool(re.search(r"[\[({]", value)),
    "nul": lambda value: "\0" in value, "null": "null".__eq__, "number": str.isdecimal,
}  # fmt: skip
_ERROR = error_reply(500)
_NOT_ALLOWED = error_reply(405, "request.method_not_allowed")


def offences() -> Iterator[Offence]:
    """Invalid numbers accepted, valid requests refused, server errors, statuses that the document does not list."""
    bad_page, bad_input = (error_reply(400, contract().fact(fact)) for fact in ("pagination-code", "input-code"))
    numbers = [parameter.name for parameter in contract().parameters.values() if parameter.type == "integer"]
    for name in numbers:
        label = name.replace("_", "-")
        yield from listed({
            **{f"accepted-{label}-{how}": _as_default(name, is_odd) for how, is_odd in _ODD.items()},
            f"refused-{label}-1": replied(_is_one(name), bad_page),
            f"broken-by-text-{label}": _in_place_of_400(name, _ERROR),
        })  # fmt: skip
    yield from listed(
        {f"refused-unknown-{name}": replied(_has_no_match(name), bad_input) for name in contract().filters}
    )
    yield from listed({
        "refused-large-page-size": replied(lambda page: page.size > _LARGE, bad_page),
        "refused-past-the-end": replied(lambda page: page.is_past_the_end, bad_page),
        "refused-without-page": replied(lambda page: "page" not in page.query, bad_page),
        "refused-two-filters": replied(lambda page: len(page.filters) > 1, bad_input),
        "broken-by-long-query": replied(lambda page: len(page.case.request.query) > _LONG, _ERROR),
        "broken-by-large-page": replied(lambda page: page.number >= 2**31, _ERROR),
        "broken-by-unknown-parameter": replied(lambda page: page.has_unknown_parameter, _ERROR),
        "status-404-when-empty": replied(lambda page: not page.logs, error_reply(404)),
        "status-204-when-empty": replied(lambda page: not page.logs, Reply(204)),
        "status-201": on_list(anywhere, _with_status(201)),
        "status-206": on_list(lambda page: page.has_next, _with_status(206)),
        "status-302": replied(is_page(2), Reply(302, (("Location", "/sign-in"),))),
        "status-422": _in_place_of_400("page", error_reply(422)),
        "status-500-sometimes": replied(lambda page: page.case.chance.uniform("sometimes") < 0.1, _ERROR),
        "head-refused": when(_is_head, lambda page: _NOT_ALLOWED.with_header("Allow", "GET, OPTIONS")),
        "head-refused-bare": when(_is_head, lambda page: _NOT_ALLOWED),
    })  # fmt: skip
    outcomes, filters = {"": _ERROR, "refused": bad_input}, parameters(*contract().filters)
    by_shape = Product(
        "broken-by", {"shape": _SHAPES, "filter": filters, "by": beside(), "outcome": outcomes}, _by_shape
    )
    yield from by_shape


def _by_shape(shape: Shape, filter: Given, by: Given, outcome: Reply) -> Change | None:
    name, place = filter.name, where(filter, by)

    def is_met(page: HonestPage) -> bool:
        return any(map(shape, [page.filters.get(name, "")] if name else page.filters.values()))

    return place and replied(lambda page: is_met(page) and place(page), outcome)


def _as_default(name: str, is_odd: Shape) -> Change:
    return when(_is_refused_for(name, is_odd), lambda page: page.ask({name: None}))


def _is_refused_for(name: str, is_odd: Shape) -> Predicate:
    return lambda page: page.is_list and page.status in (400, 422) and is_odd(page.query.get(name, ""))


def _is_one(name: str) -> Predicate:
    return lambda page: page.query.get(name) == "1"


def _has_no_match(name: str) -> Predicate:
    return lambda page: name in page.filters and page.total == 0


def _in_place_of_400(name: str, reply: Reply) -> Change:
    return when(_is_refused_for(name, str.isalpha), lambda page: reply)


def _is_head(page: HonestPage) -> bool:
    return page.case.request.method == "HEAD"


def _with_status(status: int) -> Change:
    return lambda page: page.case.reply._replace(status=status)
