"""Headers that lie: totals, links, tags, caching, origins; headers that are misread; heads that no client reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode, encode_pretty
from mockserver.faults.offences.changes import Change, Predicate, anywhere, on_list, with_header
from mockserver.faults.offences.offence import Offence, Product, listed, values
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.status import error_reply
from mockserver.http import encoding
from mockserver.http.message import Reply

_TAG = '"constant"'
_PLACES: dict[str, Predicate] = {
    "": anywhere, "large": lambda page: page.size > 50, "later": lambda page: page.number > 1,
    "filtered": lambda page: bool(page.filters),
}  # fmt: skip


def offences() -> Iterator[Offence]:
    """Total-Number, Link, ETag, caching, CORS, then headers of requests, then whole heads."""
    yield from listed({
        "total-of-page": _total(lambda page: len(page.logs)), "total-off-by-one": _total(lambda page: page.total + 1),
        "total-unfiltered": _total(_unfiltered), "total-no-number": _header("Total-Number", lambda *_: "many"),
        "link-next-here": _next_page(lambda page: page.number),
        "link-next-skips": _next_page(lambda page: page.number + 2), "link-without-next": _header("Link", _no_next),
        "link-loses-filters": _header("Link", _no_filters), "link-next-for-ever": _header("Link", _one_more),
        "link-next-uncounted": _uncounted, "link-prev-zero": _header("Link", _page_zero),
        "stale-304": _stale, "constant-etag": on_list(anywhere, _constant),
        "charset-latin": with_header("Content-Type", "application/json; charset=iso-8859-1"),
        "public-caching": with_header("Cache-Control", "public, max-age=3600"),
        "any-origin-with-credentials": _any_origin,
        "accept-misread": on_list(_asks("accept", "text/html"), lambda page: _typed(page, "text/html")),
        "callback-obeyed": on_list(lambda page: "callback" in page.query, lambda page: _typed(page, "text/javascript")),
        "accept-encoding-misread": on_list(_asks("accept-encoding", "br"), _packed),
        "range-misread": on_list(_asks("range", "bytes"), lambda page: page.with_body(b"[{")._replace(status=206)),
        "if-none-match-misread": on_list(_asks("if-none-match", '"'), lambda page: error_reply(412)),
        "since-misread": on_list(_asks("if-modified-since", ""), _unmodified),
        "accept-weight-misread": on_list(_asks("accept", "*/*;q="), lambda page: error_reply(406)),
        "any-language-misread": on_list(_asks("accept-language", "*"), lambda page: error_reply(500)),
        "type-without-body": on_list(_asks("content-type", "json"), lambda page: error_reply(415)),
        "gzip-unfinished": on_list(_asks("accept-encoding", "gzip"), _unfinished),
        "etag-outlives": on_list(anywhere, _restyled),
    })  # fmt: skip
    yield from Product("head", {"line": values("head", "line"), "place": _PLACES}, _stray)


def _stray(line: str, place: Predicate) -> Change:
    return on_list(place, lambda page: page.case.reply.sent(stray=line.encode(), end="close"))


def _asks(header: str, value: str) -> Predicate:
    return lambda page: (sent := page.case.request.header(header)) is not None and value in sent


def _typed(page: HonestPage, content_type: str) -> Reply:
    return page.with_body(b"<p>").with_header("Content-Type", content_type)


def _packed(page: HonestPage) -> Reply:
    """A plain body that is said to be packed."""
    return page.with_body(encode(page.logs)).with_header("Content-Encoding", "br")


def _unfinished(page: HonestPage) -> Reply:
    """A packed body without its end: the checksum and the length are missing."""
    packed = b"".join(encoding.encode([encode(page.logs)], "gzip"))
    return page.with_body(packed[:-8]).with_header("Content-Encoding", "gzip")


def _restyled(page: HonestPage) -> Reply:
    """The tag of the page, over bytes that are indented or not by chance."""
    style = encode_pretty if page.case.chance.uniform("style") < 0.5 else encode
    return page.with_body(style(page.logs)).with_header(
        "ETag", (page.case.reply.header("ETag") or "").removeprefix("W/")
    )


def _unmodified(page: HonestPage) -> Reply:
    return page.plain.with_header("Content-Type", None)._replace(status=304, body=b"")


def _header(name: str, change: Callable[[HonestPage, str], str]) -> Change:
    """The change of one header of a good list that has it."""

    def apply(page: HonestPage) -> Reply | None:
        reply = page.case.reply
        value = reply.header(name) if page.is_list and reply.status == 200 else None
        return None if value is None else reply.with_header(name, change(page, value))

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


def _further(page: HonestPage, link: str) -> str:
    return _with_next(link.split(", ")[0].replace('rel="first"', 'rel="next"'), page.number + 1)


def _one_more(page: HonestPage, link: str) -> str:
    return link if page.number < page.last else f"{link}, {_further(page, link)}"


def _page_zero(page: HonestPage, link: str) -> str:
    if page.number > 1:
        return link
    return f"{link}, {_with_next(link.split(', ')[0].replace('first', 'next'), 0).replace('next', 'prev')}"


def _uncounted(page: HonestPage) -> Reply | None:
    reply = _header("Link", _further)(page)
    return None if reply is None else reply.with_header("Total-Number", None)


def _stale(page: HonestPage) -> Reply | None:
    if page.status != 200 or page.case.request.header("if-none-match") is None:
        return None
    return _unmodified(page)


def _constant(page: HonestPage) -> Reply | None:
    return _stale(page) if page.case.request.header("if-none-match") == _TAG else page.plain.with_header("ETag", _TAG)


def _any_origin(page: HonestPage) -> Reply:
    origin = page.case.request.header("origin")
    allowed = page.case.reply.with_header("Access-Control-Allow-Origin", origin)
    return allowed.with_header("Access-Control-Allow-Credentials", "true") if origin else page.case.reply
