"""Invalid requests that are accepted, valid ones that are refused, and statuses that the document does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.faults.offences.changes import BESIDE, Change, Predicate, anywhere, on_list, replied, when, where
from mockserver.faults.offences.offence import Offence, Product, listed, parameters, patterns
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http.message import Reply

_LARGE, _LONG = 100, 800
Shape = Callable[[str], object]
_ERROR = error_reply(500)
_NOT_ALLOWED = error_reply(405, "request.method_not_allowed")


def offences() -> Iterator[Offence]:
    """Invalid numbers accepted, valid requests refused, server errors, statuses that the document does not list."""
    bad_page, bad_input = (error_reply(400, contract().fact(fact)) for fact in ("pagination-code", "input-code"))
    whole = parameters(*(p.name for p in contract().parameters.values() if p.type == "integer"))
    yield from Product("taken", {"number": whole, "how": patterns("taken", "how"), "by": BESIDE}, _as_default)
    yield from Product("refused-1", {"of": whole}, lambda of: replied(lambda page: page.query.get(of) == "1", bad_page))
    yield from Product("broken-by-text", {"number": whole}, lambda number: _in_place_of_400(number, _ERROR))
    yield from Product(
        "refused-unknown", {"name": parameters(*contract().filters)},
        lambda name: replied(lambda page: name in page.filters and page.total == 0, bad_input),
    )  # fmt: skip
    yield from listed({
        "refused-large-page-size": replied(lambda page: page.size > _LARGE, bad_page),
        "refused-past-the-end": replied(lambda page: page.number > page.last, bad_page),
        "refused-without-page": replied(lambda page: "page" not in page.query, bad_page),
        "refused-two-filters": replied(lambda page: len(page.filters) > 1, bad_input),
        "broken-by-long-query": replied(lambda page: len(page.case.request.query) > _LONG, _ERROR),
        "broken-by-large-page": replied(lambda page: page.number >= 2**31, _ERROR),
        "broken-by-unknown-parameter": replied(lambda page: page.has_unknown_parameter, _ERROR),
        "status-404-when-empty": replied(lambda page: not page.logs, error_reply(404)),
        "status-204-when-empty": replied(lambda page: not page.logs, Reply(204)),
        "status-201": on_list(anywhere, lambda page: page.case.reply._replace(status=201)),
        "status-206": on_list(lambda page: page.number < page.last, lambda page: page.case.reply._replace(status=206)),
        "status-302": replied(lambda page: page.number == 2, Reply(302, (("Location", "/sign-in"),))),
        "status-422": _in_place_of_400("page", error_reply(422)),
        "status-500-sometimes": replied(lambda page: page.case.chance.uniform("sometimes") < 0.1, _ERROR),
        "head-without-length": _head_without_length, "head-refused": _unless_get(error_reply(404)),
        "head-refused-bare": _unless_get(_NOT_ALLOWED),
    })  # fmt: skip
    shapes, filters = patterns("broken-by", "shape"), parameters("", *contract().filters)
    outcome = {"": _ERROR, "refused": bad_input}
    yield from Product("broken-by", {"shape": shapes, "filter": filters, "by": BESIDE, "outcome": outcome}, _by_shape)


def _by_shape(shape: Shape, filter: str, by: str, outcome: Reply) -> Change | None:
    place = where(filter, by)

    def is_met(page: HonestPage) -> bool:
        return any(map(shape, [page.filters.get(filter, "")] if filter else page.filters.values()))

    return place and replied(lambda page: is_met(page) and place(page), outcome)


def _as_default(number: str, how: Shape, by: str) -> Change | None:
    odd, place = _is_refused_for(number, how), where(number, by)
    return place and when(lambda page: odd(page) and place(page), lambda page: page.ask({number: None}))


def _is_refused_for(name: str, is_odd: Shape) -> Predicate:
    return lambda page: page.is_list and page.status in (400, 422) and bool(is_odd(page.query.get(name, "")))


def _in_place_of_400(name: str, reply: Reply) -> Change:
    return when(_is_refused_for(name, str.isalpha), lambda page: reply)


def _head_without_length(page: HonestPage) -> Reply | None:
    is_met = page.case.request.method == "HEAD" and page.status == 200
    return page.case.reply.with_header("Content-Length", "0") if is_met else None


def _unless_get(reply: Reply) -> Change:
    return lambda page: reply if page.case.request.method == "HEAD" else None
