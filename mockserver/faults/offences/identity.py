"""Logs that are not what they were, not whose they should be, or two under one id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.document import LIST_PATH
from mockserver.contract.jsontext import decode, encode
from mockserver.faults.fault import Case
from mockserver.faults.offences.offence import (
    Change,
    Log,
    Offence,
    ask_logs,
    changed,
    each_log,
    is_list,
    logs_of,
    senseless,
    with_logs,
)
from mockserver.http.message import Reply


def offences() -> Iterator[Offence]:
    """Changed logs, shared ids, foreign tenants, another log under an id."""
    yield senseless("log-changes", "createdAt of every log is another each time.", _each(_later))
    yield senseless("payload-changes", "The addresses in a log are others each time.", _each(_moved))
    yield senseless("log-by-page-size", "Large pages leave out what small ones tell.", _abridged)
    yield senseless("shared-id", "The first two logs of a page have one id.", _shared)
    yield senseless("foreign-tenant", "The last log of a page is another tenant's.", _foreign)
    yield senseless("tenant-changes", "Every log is of another tenant each time.", _each(_strayed))
    yield senseless("item-is-newest", "One log by its id is the newest, whatever the id.", _newest)


def _each(change: Callable[[Case, Log], Log]) -> Change:
    return lambda case: each_log(lambda log: change(case, log))(case)


def _later(case: Case, log: Log) -> Log:
    return {**log, "createdAt": log["createdAt"] + int(case.chance.uniform("later") * 1000) + 1}


def _moved(case: Case, log: Log) -> Log:
    host = int(case.chance.uniform("moved") * 254) + 1
    return {**log, "payload": {**log["payload"], "ip": f"203.0.113.{host}"}}


def _strayed(case: Case, log: Log) -> Log:
    return {**log, "tenantId": f"t{int(case.chance.uniform('tenant') * 1_000_000)}"}


def _abridged(case: Case) -> Reply | None:
    logs = logs_of(case)
    if logs is None or len(logs) <= 50:
        return None
    kept = ("key", "result")
    return with_logs(case, [{**log, "payload": {name: log["payload"][name] for name in kept}} for log in logs])


def _shared(case: Case) -> Reply | None:
    logs = logs_of(case)
    if logs is None or len(logs) < 2:
        return None
    return with_logs(case, [logs[0], {**logs[1], "id": logs[0]["id"]}, *logs[2:]])


def _foreign(case: Case) -> Reply | None:
    logs = logs_of(case)
    if not logs:
        return None
    return with_logs(case, [*logs[:-1], {**logs[-1], "tenantId": "somebody-else"}])


def _newest(case: Case) -> Reply | None:
    if is_list(case) or case.plain.status != 200:
        return None
    prefix = case.request.path.partition(LIST_PATH)[0]
    listing = Case(case.request._replace(target=prefix + LIST_PATH), case.now, case.ask, case.chance)
    newest = ask_logs(listing, {"page_size": 1})
    is_same = not newest or newest[0]["id"] == decode(case.plain.content())["id"]
    return None if is_same else changed(case, encode(newest[0]))
