"""The second batch: mistakes of other REST APIs, as their public bug reports and changelogs tell them."""

from __future__ import annotations

import json
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger
from tests.strangers.senseless import Totals

Rows = list[dict[str, Any]]


@stranger("forbidden")
class ZeroBased(Base):
    """Counts pages from 0 where page_size is given: page 1 is the second one."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(
            ask, rows, page + (ask.first("page_size") is not None and ask.first("page") is not None), size
        )


@stranger("forbidden")
class OffsetByDefault(Base):
    """Computes the offset with the default page size, whatever page_size says."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * 20 : (page - 1) * 20 + size]


@stranger("forbidden")
class FilterForgottenLater(Base):
    """Forgets the filter from page 3 on."""

    def select(self, ask: Ask) -> Rows:
        return self.logs if int(ask.first("page") or 1) > 2 else super().select(ask)


@stranger("forbidden")
class CachedWithoutPage(Base):
    """Caches answers by path and filters, without the page: page 2 of a filter is the page that was asked before."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[str, Rows] = {}

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        filters = str(sorted(pair for pair in ask.pairs if pair[0] != "page"))
        shown = super().cut(ask, rows, page, size)
        return self.cache.setdefault(filters, shown) if ask.first("logKey") else shown


@stranger("forbidden")
class TenThousandWindow(Base):
    """500 where page times page_size passes 10,000, as a search engine's result window does."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        self.too_deep = page * size > 10_000
        return super().cut(ask, rows, page, size)

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return self.error(500, "result_window") if self.too_deep else super().shown(ask, rows)

    too_deep = False


@stranger("forbidden")
class EmptyIsNull(Base):
    """Answers null where nothing matches."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if rows else b"null"


@stranger("forbidden")
class EmptyIsMissing(Base):
    """Answers 404 where nothing matches."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return super().shown(ask, rows) if rows else self.error(404, "not_found")


@stranger("forbidden")
class EmptyIsNoContent(Base):
    """Answers 204 where nothing matches."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return super().shown(ask, rows) if rows else Reply(204, [])


@stranger("forbidden")
class SingleIsObject(Base):
    """Answers an object instead of an array where one log is shown."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if len(rows) != 1 else json.dumps(rows[0]).encode()


@stranger("forbidden")
class LimitCountsExtra(Base):
    """Fetches one log more than a page to know whether there is a next one, and shows it on sizes above 40."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : page * size + (size > 40)]


@stranger("forbidden")
class LastItemOfPageLost(Base):
    """Drops the last log of the first page of applicationId."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return shown[:-1] if ask.first("applicationId") and page == 1 and len(shown) > 1 else shown


@stranger("forbidden")
class DatesAsText(Base):
    """createdAt is an ISO text in the logs of one key."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | ({"createdAt": "2025-10-09T08:53:20.000Z"} if log["key"] == "RevokeToken" else {})


@stranger("forbidden")
class NullForAbsent(Base):
    """Absent texts of a payload are null."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"].setdefault("userId", None)
        return log


@stranger("senseless")
class TotalOfPage(Totals):
    """Total-Number is the number of logs on the page."""

    def listing(self, ask: Ask) -> Reply:
        reply = Base.listing(self, ask)
        if reply.status == 200:
            reply.headers.append(("Total-Number", str(len(json.loads(reply.body)))))
        return reply


@stranger("senseless")
class NextLosesFilter(Totals):
    """The next page in Link loses the filter."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        page, size = ask.first("page") or "1", ask.first("page_size") or "20"
        if reply.status == 200 and int(page) * int(size) < self.total(ask):
            reply.headers.append(("Link", f'</api/logs?page={int(page) + 1}&page_size={size}>; rel="next"'))
        return reply


@stranger("senseless")
class SortedByParameter(Base):
    """`order=asc` turns the list around."""

    def select(self, ask: Ask) -> Rows:
        return super().select(ask)[:: -1 if ask.first("order") else 1]


@stranger("senseless")
class Deleted(Base):
    """`include_deleted` and `q` are undocumented: `q` searches all texts."""

    def select(self, ask: Ask) -> Rows:
        needle = ask.first("q") or ""
        return [log for log in super().select(ask) if needle in json.dumps(log)]


@stranger("senseless")
class DuplicatesByJoin(Base):
    """A join shows each log of one application twice."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return [log for log in rows for _ in range(1 + (log["payload"].get("applicationId") == "app-3"))]


@stranger("honest")
class RepeatedHeaders(Base):
    """Repeats Vary and Set-Cookie, folds nothing, and sends `Content-Type: APPLICATION/JSON ;charset="UTF-8"`."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        more = [("Vary", "Accept"), ("Vary", "Origin"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        return Reply(200, [("Content-Type", 'APPLICATION/JSON ;charset="UTF-8"'), *more], self.dumps(rows))


@stranger("honest")
class Burst(Base):
    """Thirty logs arrive at once, at the fortieth request and at the ninetieth."""

    def answer(self, ask: Ask) -> Reply:
        if self.asked in (40, 90):
            self.asked += 1
            self.logs = [self.log(len(self.logs) + 29 - number) for number in range(30)] + self.logs
        return super().answer(ask)
