"""The eleventh batch: servers that keep the letters of the document, and that no client can live with."""

from __future__ import annotations

import zlib
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Counted(Base):
    """Total-Number and Link on each list."""

    host = ""
    divider = "&"

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            total = len(self.select(ask))
            links = [f'<{self.address(ask, page)}>; rel="{name}"' for name, page in self.relations(ask, total)]
            reply.headers += [("Total-Number", self.total_text(total)), ("Link", ", ".join(links))]
        return reply

    def total_text(self, total: int) -> str:
        return str(total)

    def address(self, ask: Ask, page: int) -> str:
        pairs = [(name, value) for name, value in ask.pairs if name != "page"]
        return f"{self.host}/api/logs?{self.divider.join(urlencode([pair]) for pair in [*pairs, ('page', str(page))])}"

    def relations(self, ask: Ask, total: int) -> list[tuple[str, int]]:
        page, size = self.number(ask, "page", 1), self.number(ask, "page_size", self.default_size(ask))
        last = max(1, -(-total // size))
        found = [("first", 1), ("prev", page - 1), ("next", page + 1), ("last", last)]
        return [(name, at) for name, at in found if at > 0 and (name != "next" or at <= last)]


class ById(Base):
    """One log by its id too."""

    def answer(self, ask: Ask) -> Reply:
        if not ask.path.startswith("/api/logs/") or ask.method not in ("GET", "HEAD"):
            return super().answer(ask)
        found = [log for log in self.logs if log["id"] == unquote(ask.path[len("/api/logs/") :])]
        return self.refusal(ask) or (self.one(ask, found[0]) if found else self.missing())

    def missing(self) -> Reply:
        body = b'{"code": "entity.not_exists_with_id", "message": "There is no such log."}'
        return Reply(404, [("Content-Type", "application/json; charset=utf-8")], body)

    def one(self, ask: Ask, log: dict[str, Any]) -> Reply:
        return Reply(200, [("Content-Type", "application/json; charset=utf-8")], self.dumps([log])[1:-1])


def filters(ask: Ask) -> dict[str, str]:
    return {name: value for name, value in ask.pairs if name in FILTERS and value != ""}


@stranger("senseless")
class LoopVariable(Base):
    """Collects pointers to the variable of its loop, so that each log of a page is the last log of that page."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return super().shown(ask, [rows[-1]] * len(rows) if rows else [])


@stranger("senseless")
class SecondPageSkipped(Base):
    """Page 1 begins at the newest log and every other page at page * page_size, so that one page's logs are nowhere."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page if page == 1 else page + 1, size)


@stranger("senseless")
class PeekedRowLost(Base):
    """Reads one log more than a page has, to know whether another page follows, and takes that one for shown."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * (size + 1)
        return rows[start : start + size]


@stranger("senseless")
class NeverTwoFilters(Base):
    """Each filter works alone; two of them look for one nested record that has both, and there is none."""

    def select(self, ask: Ask) -> Rows:
        return [] if len(filters(ask)) > 1 else super().select(ask)


@stranger("senseless")
class LatestOfUser(Base):
    """Groups by user where a user is asked for, so that only the newest log of that user is found."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return rows[:1] if "userId" in filters(ask) else rows


@stranger("senseless")
class NamesForIds(Base):
    """Shows the name of an application for its id, while the filter wants the id: what is listed finds nothing."""

    titles: ClassVar = {
        "app-0": "Shop", "app-1": "Till", "app-2": "Wiki", "app-3": "Desk", "app-4": "Mail", "app-5": "Maps",
    }  # fmt: skip

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if "applicationId" in log["payload"]:
            log["payload"]["applicationId"] = self.titles[log["payload"]["applicationId"]]
        return log

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return super().matches(log, name, self.titles.get(value, "") if name == "applicationId" else value)


@stranger("senseless")
class Ticks(Base):
    """The time of a log is in ticks of 100 nanoseconds since the year 1."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": log["createdAt"] * 10_000 + 621_355_968_000_000_000}


@stranger("senseless")
class PastEndIsFirst(Base):
    """A page behind the last one is answered with the first page."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size) or rows[:size]


@stranger("senseless")
class FilteredInLocalTime(Base):
    """Lists under a filter come by another query, whose times are nine hours ahead of the times without one."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if filters(ask):
            rows = [{**row, "createdAt": row["createdAt"] + 32_400_000} for row in rows]
        return super().shown(ask, rows)


@stranger("senseless")
class KeyCutAt24(Base):
    """Compares log keys as texts of 24 characters; whatever follows is cut from both."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        if name == "logKey":
            return bool(log["key"][:24] == value[:24])
        return super().matches(log, name, value)


@stranger("senseless")
class HyphensIgnored(Base):
    """Takes hyphens and underscores out of identities before it compares them, as if all of them were UUIDs."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        if name == "logKey":
            return super().matches(log, name, value)
        plain = str.maketrans("", "", "-_")
        found = self.field(log, name)
        return found is not None and found.translate(plain) == value.translate(plain)


@stranger("senseless")
class TagOfAddress(Base):
    """The weak ETag is made of the query alone, so that a client that sends it back never sees the logs that arrive."""

    def select(self, ask: Ask) -> Rows:
        with self.lock:
            if self.asked % 3 == 0:
                self.logs = [self.log(len(self.logs)), *self.logs]
        return super().select(ask)

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            tag = f'W/"{zlib.crc32(ask.target.encode()):08x}"'
            reply.headers.append(("ETag", tag))
            if tag in ask.headers.get("if-none-match", ""):
                reply.status = 304
        return reply


@stranger("senseless")
class DetailInSeconds(ById):
    """The list has the time of a log in milliseconds, and the log by its id has it in seconds."""

    def one(self, ask: Ask, log: dict[str, Any]) -> Reply:
        return super().one(ask, {**log, "createdAt": log["createdAt"] // 1000})


@stranger("senseless")
class TotalAsFloat(Counted):
    """Total-Number is a floating number: `300.0`."""

    def total_text(self, total: int) -> str:
        return str(float(total))


@stranger("senseless")
class LinkAmpersand(Counted):
    """The addresses in Link are escaped for HTML, so that behind the first parameter no name is known."""

    divider = "&amp;"


@stranger("senseless")
class SwappedRelations(Counted):
    """What Link calls next is the page of newer logs, and what it calls prev the page of older ones."""

    def relations(self, ask: Ask, total: int) -> list[tuple[str, int]]:
        other = {"next": "prev", "prev": "next"}
        return [(other.get(name, name), page) for name, page in super().relations(ask, total)]


@stranger("senseless")
class ZeroBasedLinks(Counted):
    """Link counts pages from 0, while the parameter counts from 1: next is this page, and first is refused."""

    def relations(self, ask: Ask, total: int) -> list[tuple[str, int]]:
        return [(name, page - 1) for name, page in super().relations(ask, total)]


@stranger("senseless")
class HeadFails(Base):
    """Nobody thought of HEAD: the handler writes a body, the server forbids it, and the answer is a 500."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        return self.error(500, "body_not_allowed") if ask.method == "HEAD" and reply.status == 200 else reply
