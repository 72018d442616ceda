"""What an offence is, and the tools that the families of the catalogue share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from mockserver.contract.document import LIST_PATH, contract
from mockserver.contract.jsontext import decode, encode
from mockserver.contract.numbers import as_number
from mockserver.faults.fault import Case
from mockserver.http.message import Reply, Stream

Log = dict[str, Any]
Severity = Literal["forbidden", "senseless"]
Change = Callable[[Case], Reply | None]
Condition = Callable[[Case], bool]

# A streamed page above this stays honest: an offence holds the logs that it changes.
_LARGEST_PAGE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offence:
    """One way of breaking the contract.

    ``severity``: ``forbidden`` by the page, or only ``senseless``: no client expects it. ``change`` makes the answer
    that breaks it out of a case; None where the offence has no sense and the honest answer stands.
    """

    name: str
    severity: Severity
    sentence: str
    change: Change


def forbidden(name: str, sentence: str, change: Change) -> Offence:
    """An offence that the documented page forbids."""
    return Offence(name, "forbidden", sentence, change)


def senseless(name: str, sentence: str, change: Change) -> Offence:
    """An offence that no sentence of the page forbids, and no client expects."""
    return Offence(name, "senseless", sentence, change)


def is_list(case: Case) -> bool:
    """Whether the request is for a list, not for one log."""
    return case.request.path.rstrip("/").lower().endswith(LIST_PATH)


def is_good(case: Case) -> bool:
    """Whether the honest answer is a list of logs."""
    return is_list(case) and case.plain.status == 200


def when(is_met: Condition, change: Change) -> Change:
    """The change, where the condition is met; elsewhere the honest answer stands."""
    return lambda case: change(case) if is_met(case) else None


def logs_of(case: Case) -> list[Log] | None:
    """The logs of the honest list; None where the honest answer is none, or too large to hold."""
    return _logs(case.plain) if is_good(case) else None


def _logs(reply: Reply) -> list[Log] | None:
    body = reply.body
    if isinstance(body, Stream):
        held = b""
        for piece in body:
            held += piece
            if len(held) > _LARGEST_PAGE:
                return None
        body = held
    found: list[Log] = decode(body)
    return found


def changed(case: Case, body: bytes) -> Reply:
    """The honest answer with another body; without the tag that no longer fits."""
    return case.plain.with_header("ETag", None)._replace(body=body)


def with_logs(case: Case, logs: Sequence[Any]) -> Reply:
    """The honest answer with other logs."""
    return changed(case, encode(list(logs)))


def each_log(change: Callable[[Log], Log]) -> Change:
    """The change that makes another log of every one served, in a list or alone."""

    def apply(case: Case) -> Reply | None:
        if case.plain.status != 200:
            return None
        if not is_list(case):
            return changed(case, encode(change(decode(case.plain.content()))))
        logs = logs_of(case)
        return None if logs is None else with_logs(case, [change(log) for log in logs])

    return apply


def relisted(make: Callable[[Case, list[Log]], Sequence[Any]], at_least: int = 0) -> Change:
    """The change that puts other items into a good list, where it has so many logs at least."""

    def apply(case: Case) -> Reply | None:
        logs = logs_of(case)
        return None if logs is None or len(logs) < at_least else with_logs(case, make(case, logs))

    return apply


def as_if(changes: Callable[[Case], Mapping[str, object]]) -> Change:
    """The change that answers a good list as if it had been asked with other parameters (None: without them)."""
    return relisted(lambda case, logs: ask_logs(case, changes(case)))


def given(case: Case) -> dict[str, str]:
    """The first value of every parameter in the query, by name."""
    return dict(reversed(parse_qsl(case.request.query, keep_blank_values=True)))


def ask(case: Case, changes: Mapping[str, object]) -> Reply:
    """The honest answer to the same request with parameters set, or taken out (None)."""
    pairs = [pair for pair in parse_qsl(case.request.query, keep_blank_values=True) if pair[0] not in changes]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    plain = tuple(pair for pair in case.request.headers if pair[0] not in ("accept-encoding", "if-none-match"))
    target = case.request.path + ("?" + urlencode(pairs) if pairs else "")
    return case.ask(case.request._replace(target=target, headers=plain))


def ask_logs(case: Case, changes: Mapping[str, object]) -> list[Log]:
    """The honest logs for the same request with parameters set, or taken out (None); none where it is refused."""
    reply = ask(case, changes)
    return (_logs(reply) or []) if reply.status == 200 else []


def number(case: Case, name: str) -> int:
    """The page or page_size of a good list; its default where it is left out."""
    value = given(case).get(name, "")
    if value.isdecimal():
        return int(value)
    return int(as_number(value)) if value else int(contract().parameters[name].default or 1)


def filters_of(case: Case) -> dict[str, str]:
    """The filters of the request that are not empty."""
    query = given(case)
    return {name: query[name] for name in contract().filters if query.get(name)}


def total(case: Case) -> int:
    """How many logs match on all pages, as the honest answer says."""
    return int(case.plain.header("Total-Number") or 0)


def last_page(case: Case) -> int:
    """The number of the last page of the honest list, at least 1."""
    return max(1, -(-total(case) // number(case, "page_size")))


def honest_logs(case: Case, start: int, stop: int, changes: Mapping[str, object] | None = None) -> list[Log]:
    """The honest logs at positions ``start`` to ``stop`` (excluded), whole pages asked for and cut."""
    start, size = max(0, start), max(1, stop - max(0, start))
    page = start // size + 1
    logs: list[Log] = []
    for number_ in (page, page + 1):
        logs += ask_logs(case, {**(changes or {}), "page": number_, "page_size": size})
    skipped = start - (page - 1) * size
    return logs[skipped : skipped + size]
