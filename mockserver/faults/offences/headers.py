"""Headers that lie: totals, links, tags, caching, origins. The page has none of them, so all are only senseless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import (
    Change,
    Offence,
    ask,
    is_list,
    last_page,
    logs_of,
    number,
    senseless,
    total,
    when,
)
from mockserver.http.message import Reply

_SHARED = "public, max-age=3600"
_TAG = '"constant"'


def offences() -> Iterator[Offence]:
    """Total-Number, Link, ETag, caching, CORS."""
    yield senseless(
        "total-of-page", "Total-Number counts the logs of this page.", _total(lambda case: len(logs_of(case) or ()))
    )
    yield senseless("total-off-by-one", "Total-Number is one too many.", _total(lambda case: total(case) + 1))
    yield senseless("total-unfiltered", "Total-Number counts what does not match, too.", _total(_unfiltered))
    yield senseless(
        "total-no-number", "Total-Number is no number.", _listed("Total-Number", lambda case, value: "many")
    )
    yield senseless("link-next-here", "The next page of Link is this one.", _link(lambda case: number(case, "page")))
    yield senseless(
        "link-next-skips", "The next page of Link is the one after it.", _link(lambda case: number(case, "page") + 2)
    )
    yield senseless("link-without-next", "Link has no next page before the last.", _listed("Link", _no_next))
    yield senseless("link-loses-filters", "Link leaves the filters out.", _listed("Link", _no_filters))
    yield senseless("link-next-for-ever", "Link has a next page behind the last.", _listed("Link", _one_more))
    yield senseless("stale-304", "A conditional request is 304, whatever its tag.", _stale)
    yield senseless("constant-etag", "Every list has the same ETag, and it is believed.", _constant)
    yield senseless(
        "public-caching",
        "Shared caches may keep the logs for an hour.",
        when(lambda case: case.reply.status == 200, lambda case: case.reply.with_header("Cache-Control", _SHARED)),
    )
    yield senseless("any-origin-with-credentials", "Any origin may read with the visitor's credentials.", _any_origin)


def _listed(name: str, change: Callable[[Case, str], str]) -> Change:
    """The change of one header of a good list that has it."""

    def apply(case: Case) -> Reply | None:
        old = case.reply.header(name)
        if not is_list(case) or case.reply.status != 200 or old is None:
            return None
        return case.reply.with_header(name, change(case, old))

    return apply


def _total(count: Callable[[Case], int]) -> Change:
    return _listed("Total-Number", lambda case, value: str(count(case)))


def _unfiltered(case: Case) -> int:
    return int(ask(case, dict.fromkeys(contract().filters)).header("Total-Number") or 0)


def _link(page: Callable[[Case], int]) -> Change:
    return _listed("Link", lambda case, value: _next_to(value, page(case)))


def _next_to(link: str, page: int) -> str:
    return re.sub(r'([?&]page=)[^&>]*([^>]*>; rel="next")', rf"\g<1>{page}\2", link)


def _no_next(case: Case, link: str) -> str:
    return ", ".join(part for part in link.split(", ") if not part.endswith('rel="next"'))


def _no_filters(case: Case, link: str) -> str:
    names = "|".join(contract().filters)
    return re.sub(r"\?&", "?", re.sub(rf"(?<=[?&])({names})=[^&>]*&?", "", link)).replace("&>", ">")


def _one_more(case: Case, link: str) -> str:
    page = number(case, "page")
    if page < last_page(case):
        return link
    first = link.split(", ")[0].replace('rel="first"', 'rel="next"')
    return f"{link}, {_next_to(first, page + 1)}"


def _stale(case: Case) -> Reply | None:
    if case.plain.status != 200 or case.request.header("if-none-match") is None:
        return None
    return case.plain.with_header("Content-Type", None)._replace(status=304, body=b"")


def _constant(case: Case) -> Reply | None:
    if case.plain.status != 200 or not is_list(case):
        return None
    if case.request.header("if-none-match") == _TAG:
        return _stale(case)
    return case.plain.with_header("ETag", _TAG)


def _any_origin(case: Case) -> Reply | None:
    origin = case.request.header("origin")
    if origin is None:
        return None
    allowed = case.reply.with_header("Access-Control-Allow-Origin", origin)
    return allowed.with_header("Access-Control-Allow-Credentials", "true")
