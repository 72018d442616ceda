"""Headers beside a page: Total-Number and Link, which the page does not promise and must not lie where they are sent.

Local checks, as in ``local.py``. A deployment counts and lists in two steps, so a break may be a race:
it is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from mockserver.check.answer import Answer, Break
from mockserver.check.context import Breaks, Context
from mockserver.check.reading import Reading
from mockserver.contract import LIST_PATH, contract

_LINK = re.compile(r"<([^>]*)>\s*;\s*rel=\"?([\w -]+)\"?")


def total_number(context: Context) -> Breaks:
    """A total that is no number, or not that of the logs."""
    sent = context.exchange.answer.header("total-number")
    if sent is None or not context.exchange.answer.is_page:
        return None
    if not sent.isdecimal():
        return [Break("a whole number", f"Total-Number: {sent}", subject="number")]
    return list(_miscounts(context.reading, context.exchange.answer, int(sent)))


def _miscounts(reading: Reading, answer: Answer, total: int) -> Iterator[Break]:
    if reading.page is None or reading.page_size is None:
        return
    before, here = (reading.page - 1) * reading.page_size, len(answer.logs)
    # An overfull page is another rule's, and counts nothing.
    if here > reading.page_size:
        return
    least = before + here if here else 0
    most = before + here if here < reading.page_size else None
    if total < least or (most is not None and total > most):
        expected = f"{least} logs" if least == most else f"from {least}" + ("" if most is None else f" to {most}")
        yield Break(expected, f"Total-Number: {total}", subject="count")


def link(context: Context) -> Breaks:
    """A link that leads elsewhere than it says."""
    answer, reading = context.exchange.answer, context.reading
    sent = answer.header("link")
    if sent is None or not answer.is_page:
        return None
    links = {rel: url for url, rels in _LINK.findall(sent) for rel in rels.split()}
    return [
        *(b for rel, url in links.items() for b in _elsewhere(context, rel, url)),
        *_wrong_pages(reading, {rel: _page(url) for rel, url in links.items()}, answer.header("total-number")),
    ]


def _elsewhere(context: Context, rel: str, url: str) -> Iterator[Break]:
    parts = urlsplit(url)
    if parts.path and not parts.path.endswith(LIST_PATH):
        yield Break(f"a link to {LIST_PATH}", f"{rel} leads to another path", subject="path")
    asked = dict(context.exchange.probe.parameters)
    kept = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in contract().parameters:
        if name != "page" and asked.get(name) != kept.get(name):
            yield Break(f"a link under the same {name}", f"{rel} has another {name}", subject=name)


def _page(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query)).get("page", "1")


def _wrong_pages(reading: Reading, pages: dict[str, str], total: str | None) -> Iterator[Break]:
    page, size = reading.page, reading.page_size
    if page is None or size is None:
        return
    wanted = {"first": {1}, "next": {page + 1}, "prev": {page - 1}}
    if total is not None and total.isdecimal():
        last = max(1, -(-int(total) // size))
        # Past the end, the page before may be the one before in number, or the last there is.
        wanted |= {"last": {last}, "prev": {page - 1, min(page - 1, last)}}
        if page < last and "next" not in pages and {"first", "prev", "last"} & pages.keys():
            yield Break(f"next: page {page + 1}", "no next", subject="next")
        if page >= last:
            wanted["next"] = set()
    for rel, right in wanted.items():
        if rel in pages and pages[rel] not in {str(number) for number in right}:
            expected = " or ".join(f"page {number}" for number in sorted(right)) or "none"
            yield Break(f"{rel}: {expected}", f"{rel}: page {pages[rel]}", subject=rel)
