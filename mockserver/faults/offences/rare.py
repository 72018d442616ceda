"""Logs that are wrong in some places only: the first page does not show them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from mockserver.contract.document import Log, contract
from mockserver.faults.offences.changes import Change, Predicate, each_log, is_beside, is_page
from mockserver.faults.offences.offence import Offence, Product
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.offences.shape import drop, put
from mockserver.http.message import Reply

_RESULT, _ONE_IN, _DEEP = ("payload", "result"), 50, 300
# What is wrong about a log.
_BREAKS: dict[str, Callable[[Log], Log]] = {
    "": lambda log: drop(log, _RESULT), "third-result": lambda log: put(log, _RESULT, "Pending"),
    "text-time": lambda log: {**log, "createdAt": "2026-01-01"},
    "null-ip": lambda log: put(log, ("payload", "ip"), None), "no-tenant": lambda log: drop(log, ("tenantId",)),
    "other-key": lambda log: put(log, ("payload", "key"), "Other"),
    "other-tenant": lambda log: {**log, "tenantId": "another"},
    "seconds": lambda log: {**log, "createdAt": log["createdAt"] // 1000},
}  # fmt: skip
Chosen = Callable[[Log], bool]
# Which logs of a page are wrong; None if the page is right.
Chooser = Callable[[HonestPage], Chosen | None]


def offences() -> Iterator[Offence]:
    """Each break in each place: on some pages, then in some logs, in each list that shows them."""
    usual = contract().log_schema["properties"]["payload"]["properties"]["result"]["enum"][0]
    places = {
        "page-2": _on(is_page(2)), "last-page": _on(lambda page: 1 < page.number == page.last),
        "large-page": _on(lambda page: page.size > _ONE_IN), "deep-page": _on(lambda page: page.start >= _DEEP),
        **{f"filter-{name}": _on(is_beside(name)) for name in contract().filters},
        "in-fifty": lambda page: _is_chosen,
        "newest": _at(lambda total: 1), "deep": _at(lambda total: _DEEP),
        "in-300": _at(lambda total: max(1, total + 1 - _DEEP)), "oldest": _at(lambda total: total),
        "unusual": lambda page: lambda log: log["payload"]["result"] != usual,
    }  # fmt: skip
    yield from Product("bad-log", {"what": _BREAKS, "place": places}, _bad_log)


def _bad_log(what: Callable[[Log], Log], place: Chooser) -> Change:
    def make(page: HonestPage) -> Reply | None:
        is_chosen = place(page) if page.status == 200 else None
        return is_chosen and each_log(lambda page, log: what(log) if is_chosen(log) else log)(page)

    return make


def _on(is_there: Predicate) -> Chooser:
    """All logs of a page that meets the condition."""
    return lambda page: (lambda log: True) if page.is_good and is_there(page) else None


def _at(place: Callable[[int], int]) -> Chooser:
    """The log at a place, from 1, among all logs, of which it gets the number."""

    def choose(page: HonestPage) -> Chosen | None:
        if not page.is_list:
            return None
        unfiltered: dict[str, object] = dict.fromkeys(contract().filters)
        total = int(page.ask({**unfiltered, "page": 1, "page_size": 1}).header("Total-Number") or 0)
        log_id = [log["id"] for log in page.ask_logs({**unfiltered, "page": place(total), "page_size": 1})]
        return lambda log: log["id"] in log_id

    return choose


def _is_chosen(log: Log) -> bool:
    """Whether a log is the one in fifty: by its id, so that it is broken on every page that shows it."""
    return int.from_bytes(hashlib.blake2b(log["id"].encode(), digest_size=4).digest()) % _ONE_IN == 0
