"""Logs of a wrong shape in some places only: the first page does not show them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from mockserver.contract.document import Log, contract
from mockserver.faults.offences.offence import Offence, Predicate, each_log, filters_by, forbidden, is_page, on_list
from mockserver.faults.offences.shape import drop

_RESULT = ("payload", "result")
_ONE_IN = 50


def offences() -> Iterator[Offence]:
    """A required property missing on some pages, then in some logs."""
    yield _on("page-2", "on page 2", is_page(2))
    yield _on("last-page", "on the last page of several", lambda page: 1 < page.number == page.last)
    yield _on("large-page", f"on pages of more than {_ONE_IN}", lambda page: page.size > _ONE_IN)
    for name in contract().filters:
        yield _on(f"filter-{name}", f"under a filter by {name}", filters_by(name))
    yield _in("in-fifty", "in one log of fifty", lambda log: _is_chosen(log["id"]))
    for value in contract().log_schema["properties"]["payload"]["properties"]["result"]["enum"][1:]:
        yield _in(f"result-{value.lower()}", f"in logs whose result is {value}", _has_result(value))


def _on(name: str, where: str, is_there: Predicate) -> Offence:
    change = on_list(is_there, each_log(lambda page, log: drop(log, _RESULT)))
    return forbidden(f"bad-log-{name}", f"Logs lack payload.result {where}, and nowhere else.", change)


def _in(name: str, where: str, is_chosen: Callable[[Log], bool]) -> Offence:
    change = each_log(lambda page, log: drop(log, _RESULT) if is_chosen(log) else log)
    return forbidden(f"bad-log-{name}", f"payload.result is missing {where}, and in no other.", change)


def _has_result(value: str) -> Callable[[Log], bool]:
    return lambda log: log["payload"]["result"] == value


def _is_chosen(log_id: str) -> bool:
    """Whether a log is the one in fifty: by its id, so that it is broken on every page that shows it."""
    return int.from_bytes(hashlib.blake2b(log_id.encode(), digest_size=4).digest()) % _ONE_IN == 0
