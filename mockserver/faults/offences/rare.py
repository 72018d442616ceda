"""Logs of a wrong shape in some places only: what a look at the first page does not show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from mockserver.contract.document import contract
from mockserver.faults.offences.offence import (
    Condition,
    Log,
    Offence,
    each_log,
    filters_of,
    forbidden,
    is_good,
    last_page,
    number,
    when,
)
from mockserver.faults.offences.shape import drop

_RESULT = ("payload", "result")
_ONE_IN = 50


def offences() -> Iterator[Offence]:
    """A required property missing, now here, now there."""
    yield _on("page-2", "on page 2", lambda case: number(case, "page") == 2)
    yield _on("last-page", "on the last page of several", lambda case: 1 < number(case, "page") == last_page(case))
    yield _on("large-page", f"on pages of more than {_ONE_IN}", lambda case: number(case, "page_size") > _ONE_IN)
    for name in contract().filters:
        yield _on(f"filter-{name}", f"under a filter by {name}", _is_filtered(name))
    yield _some("in-fifty", "one log in fifty", lambda log: _is_chosen(log["id"]))
    for value in contract().log_schema["properties"]["payload"]["properties"]["result"]["enum"][1:]:
        yield _some(f"result-{value.lower()}", f"logs whose result is {value}", _has_result(value))


def _is_filtered(name: str) -> Condition:
    return lambda case: name in filters_of(case)


def _has_result(value: str) -> Callable[[Log], bool]:
    return lambda log: log["payload"]["result"] == value


def _on(name: str, where: str, is_there: Condition) -> Offence:
    sentence = f"Logs have no payload.result {where}, and everywhere else they do."
    change = when(lambda case: is_good(case) and is_there(case), each_log(lambda log: drop(log, _RESULT)))
    return forbidden(f"bad-log-{name}", sentence, change)


def _some(name: str, which: str, is_chosen: Callable[[Log], bool]) -> Offence:
    sentence = f"{which[0].upper()}{which[1:]}: payload.result is missing, and everywhere else it is not."
    return forbidden(f"bad-log-{name}", sentence, each_log(lambda log: drop(log, _RESULT) if is_chosen(log) else log))


def _is_chosen(log_id: str) -> bool:
    """Whether a log is the one in fifty: by its id, so that it is broken wherever it shows."""
    return int.from_bytes(hashlib.blake2b(log_id.encode(), digest_size=4).digest()) % _ONE_IN == 0
