"""Headers beside a page: Total-Number and Link, which the page does not promise and must not lie where they are sent.

Local checks, as in ``local.py``. A deployment counts and lists in two steps, so a break may be a race:
it is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, urlsplit

from mockserver.contract.document import LIST_PATH, contract
from mockserver.http.link import read_links
from mockserver.judge.answer import Answer, Break
from mockserver.judge.checks.context import Breaks, Context
from mockserver.judge.reading import Reading

# So much of a header's value is told.
LONGEST = 80


def total_number(context: Context) -> Breaks:
    """A total that is no number, or not that of the logs."""
    answer = context.exchange.answer
    sent = answer.header("total-number")
    if sent is None or not answer.is_page:
        return None
    if answer.total is None:
        return [Break("a whole number", f"Total-Number: {sent[:LONGEST]}", subject="number")]
    return list(_miscounts(context.reading, answer, answer.total))


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
    found = {rel: _split(url) for rel, url in read_links(sent).items()}
    links = {rel: parts for rel, parts in found.items() if parts is not None}
    return [
        *(Break("a link to an address", f"{rel} is none", subject=rel) for rel in found.keys() - links.keys()),
        *(b for rel, parts in links.items() for b in _elsewhere(context, rel, parts)),
        *_wrong_pages(reading, {rel: _page(parts) for rel, parts in links.items()}, answer.total),
    ]


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _elsewhere(context: Context, rel: str, parts: SplitResult) -> Iterator[Break]:
    if parts.path and not parts.path.endswith(LIST_PATH):
        evidence = (("leads_to", parts.path.rpartition("/")[2]),)
        yield Break(f"a link to {LIST_PATH}", f"{rel} leads to another path", "path", evidence)
    asked = dict(context.exchange.probe.parameters)
    kept = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in contract().parameters:
        if name != "page" and asked.get(name) != kept.get(name):
            yield Break(f"a link under the same {name}", f"{rel} has another {name}", subject=name)


def _page(parts: SplitResult) -> str:
    return dict(parse_qsl(parts.query)).get("page", "1")


def _wrong_pages(reading: Reading, pages: dict[str, str], total: int | None) -> Iterator[Break]:
    page, size = reading.page, reading.page_size
    if page is None or size is None:
        return
    wanted = {"first": {1}, "next": {page + 1}, "prev": {page - 1}}
    if total is not None:
        last = max(1, -(-total // size))
        # Past the end, the page before may be the one before in number, or the last there is.
        wanted |= {"last": {last}, "prev": {page - 1, min(page - 1, last)}}
        if page < last and "next" not in pages and {"first", "prev", "last"} & pages.keys():
            yield Break(f"next: page {page + 1}", "no next", subject="next")
        if page >= last:
            wanted["next"] = set()
    for rel, right in wanted.items():
        if rel in pages and pages[rel] not in {str(number) for number in right}:
            expected = " or ".join(f"page {number}" for number in sorted(right)) or "none"
            yield Break(f"{rel}: {expected}", f"{rel}: page {pages[rel][:LONGEST]}", subject=rel)
