"""Headers of a page: the document promises neither Total-Number nor Link nor ETag, but they must not lie when sent.

A deployment counts and lists logs in two steps. A log that comes in between makes a total look wrong, so the judge
asks again before it reports one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from mockserver.contract.document import LIST_PATH, contract
from mockserver.http.link import read_links
from mockserver.judge.answer import Answer, Break
from mockserver.judge.checks.check import CAPACITY, Breaks, Context, check, compared, consequence_of, on_page
from mockserver.judge.checks.listing import LISTING
from mockserver.judge.reading import Reading

_NUMBER = re.compile(r"(?<=[?&]page=)[0-9]+(?=[&#]|$)")
# A report shows so many characters of a header's value.
LONGEST = 80
# RFC 8288, 3.3 and the registry of relations: only these lead to other pages of a list.
PAGE_RELATIONS = ("first", "last", "next", "prev")


@consequence_of(*LISTING)
@on_page(
    "total-number",
    "senseless",
    "Total-Number, if sent, counts all logs that match, on all pages together.",
    doubtful=True,
)
def total_number(context: Context) -> Breaks:
    """A total that is no number, or not the number of the logs."""
    sent = context.answer.header("total-number")
    if sent is None or not context.answer.lists_logs:
        return None
    if context.answer.total is None:
        return [Break("a whole number", f"Total-Number: {sent[:LONGEST]}", subject="number")]
    return list(_miscounts(context.reading, context.answer, context.answer.total))


def _miscounts(reading: Reading, answer: Answer, total: int) -> Iterator[Break]:
    if reading.page is None or reading.page_size is None:
        return
    before, here = (reading.page - 1) * reading.page_size, len(answer.logs)
    # A page with too many logs breaks another check, and its logs prove nothing about the total.
    if here > reading.page_size:
        return
    least = before + here if here else 0
    most = before + here if here < reading.page_size else None
    if total < least or (most is not None and total > most):
        expected = f"{least} logs" if least == most else f"from {least}" + ("" if most is None else f" to {most}")
        off = least - total if total < least else total - (most or 0)
        yield Break(expected, f"Total-Number: {total}", subject="count", evidence=(("off", off),))


@consequence_of(total_number.name, "invalid-request-refused")
@on_page("link", "senseless", "Link, if sent, leads to the pages it names, under the same filters.", doubtful=True)
def link(context: Context) -> Breaks:
    """A link that does not lead to the page it names."""
    sent = context.answer.header("link")
    if sent is None:
        return None
    asked, breaks, pages = _values(context.probe.parameters), list[Break](), dict[str, str]()
    for rel, url in read_links(sent).items():
        if rel not in PAGE_RELATIONS:
            continue
        numbers = _NUMBER.findall(url)
        target = _target(_NUMBER.sub("", url) if len(numbers) == 1 else url)
        if target is None:
            breaks.append(Break("a link to a URL", f"{rel} is not a URL", subject=rel))
            continue
        path, values = target
        pages[rel] = numbers[0] if len(numbers) == 1 else values["page"] or "1"
        breaks += _wrong_requests(asked, rel, path, values)
    return [*breaks, *_wrong_pages(context.reading, pages, context.answer)]


# The links of a page, and those of its neighbours, differ in the number of the page alone.
@lru_cache(maxsize=64)
def _target(url: str) -> tuple[str, dict[str, str | None]] | None:
    """The path and the parameters of a URL; None if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.path, _values(parse_qsl(parts.query, keep_blank_values=True))


def _values(pairs: list[tuple[str, str]]) -> dict[str, str | None]:
    """The value of each documented parameter: as sent, or its default."""
    sent, known = dict(pairs), contract().parameters.items()
    return {name: sent.get(name, str(each.default) if each.default else None) for name, each in known}


def _wrong_requests(asked: dict[str, str | None], rel: str, path: str, sent: dict[str, str | None]) -> Iterator[Break]:
    if path and not path.endswith(LIST_PATH):
        evidence = (("leads_to", path.rpartition("/")[2]),)
        yield Break(f"a link to {LIST_PATH}", f"{rel} leads to another path", "path", evidence)
    for name in asked:
        if name != "page" and asked[name] != sent[name]:
            yield Break(f"a link under the same {name}", f"{rel} has another {name}", subject=name)


def _wrong_pages(reading: Reading, pages: dict[str, str], answer: Answer) -> Iterator[Break]:
    page, size, total = reading.page, reading.page_size, answer.total
    if page is None or size is None:
        return
    right = {"first": {1}, "next": {page + 1}, "prev": {page - 1} - {0}}
    if total is not None:
        last = max(1, -(-total // size))
        # Beyond the last page, the previous page may be the number before, or the last page.
        right |= {"last": {last}, "prev": {page - 1, min(page - 1, last)} - {0}}
        if page < last and "next" not in pages and {"first", "prev", "last"} & pages.keys():
            yield Break(f"next: page {page + 1}", "no next", subject="next", evidence=(("off", 1),))
    # Who follows the next page of an empty one never comes to an end.
    if (answer.lists_logs and not answer.logs) if total is None else page >= last:
        right["next"] = set()
    for rel, numbers in right.items():
        if rel in pages and pages[rel] not in {str(number) for number in numbers}:
            expected = " or ".join(f"page {number}" for number in sorted(numbers)) or "none"
            off = (("off", 1),) if total is not None else ()
            yield Break(f"{rel}: {expected}", f"{rel}: page {pages[rel][:LONGEST]}", subject=rel, evidence=off)


def to_another_port(answer: Answer, scheme: str, host: str, authority: str) -> list[Break]:
    """Links to the host that was asked, by another port: a proxy's port was lost on the way to the deployment."""
    ports = re.findall(rf"<{scheme}://({re.escape(host)}(?::\d+)?)[/?#>]", answer.header("link") or "")
    wrong = {port.removesuffix(":80" if scheme == "http" else ":443") for port in ports} - {authority}
    return [Break(f"links to {authority}", f"links to {name}", subject="port") for name in sorted(wrong)[:1]]


@check("strong-etag", "senseless", "A strong ETag stands for the same bytes, whenever it comes (RFC 9110, 8.8.1).")
def strong_etag(context: Context) -> Breaks:
    """The strong tag of an earlier answer to the same request, and other bytes."""
    tag, probe = context.answer.header("etag") or "", context.probe
    if context.answer.status != 200 or probe.method != "GET" or not tag.startswith('"'):
        return None
    # Whoever sends another token may get another answer. A client's target and headers may be long.
    key = (context.credentials, hash((probe.bearer, probe.on(""), probe.headers, tag)))
    content = hash(context.answer.body)
    if len(context.memory.tags) < CAPACITY and context.memory.tags.setdefault(key, content) != content:
        return [Break("another ETag for other bytes", "the same strong ETag")]
    return []


@compared("conditional", "senseless", "304 says that the client already holds the answer it would get.")
def conditional(answer: Answer, reason: str) -> Breaks:
    """A 304 to a client that cannot hold the answer; ``reason`` says why it cannot."""
    return [Break(f"200: {reason}", answer.said())] if answer.status == 304 else []
