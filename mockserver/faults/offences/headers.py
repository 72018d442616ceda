"""Headers that lie: totals, links, tags, caching, origins. The document has none of them, so all are only senseless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.faults.offences.offence import Change, Offence, senseless, with_header
from mockserver.faults.offences.page import HonestPage
from mockserver.http.message import Reply

_TAG = '"constant"'


def offences() -> Iterator[Offence]:
    """Total-Number, Link, ETag, caching, CORS."""
    yield senseless("total-of-page", "Total-Number counts the logs of this page.", _total(lambda page: len(page.logs)))
    yield senseless("total-off-by-one", "Total-Number is one too many.", _total(lambda page: page.total + 1))
    yield senseless("total-unfiltered", "Total-Number also counts logs that do not match.", _total(_unfiltered))
    yield senseless("total-no-number", "Total-Number is no number.", _header("Total-Number", lambda *_: "many"))
    yield senseless("link-next-here", "The next page of Link is this one.", _next_page(lambda page: page.number))
    sentence = "The next page of Link is the one after it."
    yield senseless("link-next-skips", sentence, _next_page(lambda page: page.number + 2))
    yield senseless("link-without-next", "Link has no next page before the last.", _header("Link", _no_next))
    yield senseless("link-loses-filters", "Link leaves the filters out.", _header("Link", _no_filters))
    yield senseless("link-next-for-ever", "Link has a next page behind the last.", _header("Link", _one_more))
    yield senseless("stale-304", "A conditional request is 304, whatever its tag.", _stale)
    yield senseless("constant-etag", "Every list has the same ETag, and a request with it is 304.", _constant)
    public = with_header("Cache-Control", "public, max-age=3600")
    yield senseless("public-caching", "Shared caches may keep the logs for an hour.", public)
    yield senseless("any-origin-with-credentials", "Any origin may read with the visitor's credentials.", _any_origin)


def _header(name: str, change: Callable[[HonestPage, str], str]) -> Change:
    """The change of one header of a good list that has it."""

    def apply(page: HonestPage) -> Reply | None:
        reply = page.case.reply
        value = reply.header(name)
        if not page.is_list or reply.status != 200 or value is None:
            return None
        return reply.with_header(name, change(page, value))

    return apply


def _total(count: Callable[[HonestPage], int]) -> Change:
    return _header("Total-Number", lambda page, value: str(count(page)))


def _unfiltered(page: HonestPage) -> int:
    return int(page.ask(dict.fromkeys(contract().filters)).header("Total-Number") or 0)


def _next_page(number: Callable[[HonestPage], int]) -> Change:
    return _header("Link", lambda page, link: _with_next(link, number(page)))


def _with_next(link: str, page: int) -> str:
    return re.sub(r'([?&]page=)[^&>]*([^>]*>; rel="next")', rf"\g<1>{page}\2", link)


def _no_next(page: HonestPage, link: str) -> str:
    return ", ".join(part for part in link.split(", ") if not part.endswith('rel="next"'))


def _no_filters(page: HonestPage, link: str) -> str:
    names = "|".join(contract().filters)
    return re.sub(r"\?&", "?", re.sub(rf"(?<=[?&])({names})=[^&>]*&?", "", link)).replace("&>", ">")


def _one_more(page: HonestPage, link: str) -> str:
    if page.number < page.last:
        return link
    first = link.split(", ")[0].replace('rel="first"', 'rel="next"')
    return f"{link}, {_with_next(first, page.number + 1)}"


def _stale(page: HonestPage) -> Reply | None:
    if page.status != 200 or page.case.request.header("if-none-match") is None:
        return None
    return page.plain.with_header("Content-Type", None)._replace(status=304, body=b"")


def _constant(page: HonestPage) -> Reply | None:
    if not page.is_good:
        return None
    if page.case.request.header("if-none-match") == _TAG:
        return _stale(page)
    return page.plain.with_header("ETag", _TAG)


def _any_origin(page: HonestPage) -> Reply | None:
    origin = page.case.request.header("origin")
    if origin is None:
        return None
    allowed = page.case.reply.with_header("Access-Control-Allow-Origin", origin)
    return allowed.with_header("Access-Control-Allow-Credentials", "true")
