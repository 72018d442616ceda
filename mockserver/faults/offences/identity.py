"""Logs that change, that belong to another tenant, that share an id, or that another request asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mockserver.contract.document import LIST_PATH, Log, contract
from mockserver.contract.jsontext import decode, encode
from mockserver.faults.offences.changes import Change, anywhere, each_log, on_list, relisted
from mockserver.faults.offences.offence import Offence, listed
from mockserver.faults.offences.page import HonestPage
from mockserver.faults.offences.shape import put
from mockserver.http.message import Reply, Stream

# How long a server works that mixes up what is asked at once, in seconds.
_MOMENT = 0.01


def offences() -> Iterator[Offence]:
    """Changed logs, shared ids, foreign tenants, another log under an id."""
    yield from listed({
        "log-changes": each_log(lambda page, log: {**log, "createdAt": log["createdAt"] + _drawn(page, 1000)}),
        "payload-changes": each_log(lambda page, log: put(log, ("payload", "ip"), f"203.0.113.{_drawn(page, 254)}")),
        "log-by-page-size": relisted(anywhere, _abridged, at_least=51),
        "shared-id": relisted(anywhere, lambda page: _last_but(page, "id", page.logs[0]["id"]), at_least=2),
        "foreign-tenant": relisted(anywhere, lambda page: _last_but(page, "tenantId", "somebody-else"), at_least=1),
        "tenant-changes": each_log(lambda page, log: {**log, "tenantId": f"t{_drawn(page, 1_000_000)}"}),
        "created-at-nowhere": each_log(lambda page, log: {**log, "createdAt": -62_135_596_800_000}),
        "created-at-in-seconds": each_log(lambda page, log: {**log, "createdAt": log["createdAt"] // 1000}),
        "ids-change": relisted(anywhere, _renamed, at_least=10),
        "item-is-newest": _newest(200), "item-of-any-word": _newest(404), "item-in-seconds": _item_in_seconds,
        "answers-mixed": on_list(anywhere, _latest()),
    })  # fmt: skip


def _drawn(page: HonestPage, most: int) -> int:
    """Another number for each request, from 1 to ``most``."""
    return int(page.case.chance.uniform("number") * most) + 1


def _latest() -> Change:
    """The change of a server that keeps one request for all: who asks while it works is answered as who asked last."""
    latest: list[HonestPage] = []

    def change(page: HonestPage) -> Reply:
        latest[:] = [page]
        # The body is made when the wait is over.
        body = Stream(lambda: [encode(latest[0].logs)])
        return page.with_body(b"")._replace(body=body).sent(wait=_MOMENT)

    return change


def _abridged(page: HonestPage) -> list[Log]:
    kept = ("key", "result", *contract().filters)
    return [{**log, "payload": {n: v for n, v in log["payload"].items() if n in kept}} for log in page.logs]


def _last_but(page: HonestPage, name: str, value: str) -> list[Log]:
    """The logs of a page, of which the last has another member."""
    return [*page.logs[:-1], {**page.logs[-1], name: value}]


def _renamed(page: HonestPage) -> list[Log]:
    start = _drawn(page, 10**9)
    return [{**log, "id": f"{start + number:021}"} for number, log in enumerate(page.logs)]


def _newest(status: int) -> Change:
    """The change that tells the newest log in place of one log, or of none."""

    def change(page: HonestPage) -> Reply | None:
        if page.is_list or page.status != status:
            return None
        request = page.case.request
        listing = request._replace(target=request.path.partition(LIST_PATH)[0] + LIST_PATH)
        newest = HonestPage(replace(page.case, request=listing)).ask_logs({"page_size": 1})
        is_same = not newest or newest[0]["id"] == decode(page.plain.content()).get("id")
        return None if is_same else page.with_body(encode(newest[0]))._replace(status=200)

    return change


def _item_in_seconds(page: HonestPage) -> Reply | None:
    if page.is_list or page.status != 200:
        return None
    log = decode(page.plain.content())
    return page.with_body(encode({**log, "createdAt": log["createdAt"] // 1000}))
