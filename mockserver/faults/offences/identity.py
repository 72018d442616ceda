"""Logs that change, that belong to another tenant, or that share an id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mockserver.contract.document import LIST_PATH, Log
from mockserver.contract.jsontext import decode, encode
from mockserver.faults.offences.changes import anywhere, each_log, relisted
from mockserver.faults.offences.offence import Offence, listed
from mockserver.faults.offences.page import HonestPage
from mockserver.http.message import Reply


def offences() -> Iterator[Offence]:
    """Changed logs, shared ids, foreign tenants, another log under an id."""
    yield from listed({
        "log-changes": each_log(_later), "payload-changes": each_log(_moved),
        "log-by-page-size": relisted(anywhere, _abridged, at_least=51),
        "shared-id": relisted(anywhere, _shared, at_least=2),
        "foreign-tenant": relisted(anywhere, _foreign, at_least=1), "tenant-changes": each_log(_strayed),
        "item-is-newest": _newest,
    })  # fmt: skip


def _later(page: HonestPage, log: Log) -> Log:
    return {**log, "createdAt": log["createdAt"] + int(page.case.chance.uniform("later") * 1000) + 1}


def _moved(page: HonestPage, log: Log) -> Log:
    host = int(page.case.chance.uniform("moved") * 254) + 1
    return {**log, "payload": {**log["payload"], "ip": f"203.0.113.{host}"}}


def _strayed(page: HonestPage, log: Log) -> Log:
    return {**log, "tenantId": f"t{int(page.case.chance.uniform('tenant') * 1_000_000)}"}


def _abridged(page: HonestPage) -> list[Log]:
    return [{**log, "payload": {name: log["payload"][name] for name in ("key", "result")}} for log in page.logs]


def _shared(page: HonestPage) -> list[Log]:
    first, second, *others = page.logs
    return [first, {**second, "id": first["id"]}, *others]


def _foreign(page: HonestPage) -> list[Log]:
    return [*page.logs[:-1], {**page.logs[-1], "tenantId": "somebody-else"}]


def _newest(page: HonestPage) -> Reply | None:
    if page.is_list or page.status != 200:
        return None
    request = page.case.request
    listing = request._replace(target=request.path.partition(LIST_PATH)[0] + LIST_PATH)
    newest = HonestPage(replace(page.case, request=listing)).ask_logs({"page_size": 1})
    is_same = not newest or newest[0]["id"] == decode(page.plain.content())["id"]
    return None if is_same else page.with_body(encode(newest[0]))
