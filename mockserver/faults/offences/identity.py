"""Logs that change, that belong to another tenant, or that share an id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mockserver.contract.document import LIST_PATH, Log
from mockserver.contract.jsontext import decode, encode
from mockserver.faults.offences.offence import Offence, anywhere, each_log, relisted, senseless
from mockserver.faults.offences.page import HonestPage
from mockserver.http.message import Reply


def offences() -> Iterator[Offence]:
    """Changed logs, shared ids, foreign tenants, another log under an id."""
    yield senseless("log-changes", "createdAt of every log is another each time.", each_log(_later))
    yield senseless("payload-changes", "The addresses in a log are others each time.", each_log(_moved))
    sentence = "Large pages leave out payload values that small pages have."
    yield senseless("log-by-page-size", sentence, relisted(anywhere, _abridged, at_least=51))
    yield senseless("shared-id", "The first two logs of a page have one id.", relisted(anywhere, _shared, at_least=2))
    sentence = "The last log of a page is another tenant's."
    yield senseless("foreign-tenant", sentence, relisted(anywhere, _foreign, at_least=1))
    yield senseless("tenant-changes", "Every log is of another tenant each time.", each_log(_strayed))
    yield senseless("item-is-newest", "One log by its id is the newest, whatever the id.", _newest)


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
    listing = request.at(request.path.partition(LIST_PATH)[0] + LIST_PATH)
    newest = HonestPage(replace(page.case, request=listing)).ask_logs({"page_size": 1})
    is_same = not newest or newest[0]["id"] == decode(page.plain.content())["id"]
    return None if is_same else page.with_body(encode(newest[0]))
