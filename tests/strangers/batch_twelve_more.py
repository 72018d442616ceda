"""The twelfth batch: strangers that keep the letters of the document and are of no use."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from typing import Any
from urllib.parse import urlencode

from tests.strangers.base import FILTERS, Ask, Base, Reply, decoded, stranger

Rows = list[dict[str, Any]]


def folded(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def is_filtered(ask: Ask) -> bool:
    return any(name in FILTERS and value != "" for name, value in ask.pairs)


@stranger("senseless")
class GeneralCollation(Base):
    """Compares as its database does by default, without regard to accents and case."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        field = self.field(log, name)
        return field is not None and folded(field) == folded(value)


@stranger("senseless")
class FilterByLike(Base):
    """Filters with LIKE, so that a percent sign stands for any text and an underscore for any character."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        pattern = "".join({"%": ".*", "_": "."}.get(one, re.escape(one)) for one in value)
        return re.fullmatch(pattern, self.field(log, name) or "", re.DOTALL) is not None


@stranger("senseless")
class KeyBeginsWith(Base):
    """Takes logKey for the beginning of a key: `Interaction` finds every interaction."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        if name == "logKey":
            return str(log["key"]).startswith(value)
        return super().matches(log, name, value)


@stranger("senseless")
class PageThenFilter(Base):
    """Cuts the page out of all logs and filters what is left, so that matches are strewn over nearly empty pages."""

    def select(self, ask: Ask) -> Rows:
        return self.logs

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        found = super().select(ask)
        return [log for log in super().cut(ask, rows, page, size) if log in found]


@stranger("senseless")
class OffsetIgnoresSize(Base):
    """Skips twenty logs a page whatever page_size says, so that larger pages overlap and smaller ones leave gaps."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * 20 : (page - 1) * 20 + size]


@stranger("senseless")
class WholePagesOnly(Base):
    """Rounds the number of pages down: behind the last full page nothing comes, and the oldest logs are on no page."""

    count = 313

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size) if page <= max(1, len(rows) // size) else []


@stranger("senseless")
class TotalIsPageLength(Base):
    """Total-Number is how many logs the page has."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(len(rows))))
        return reply


class Linking(Base):
    """The total, and which pages there are beside this one."""

    def pages(self, ask: Ask) -> tuple[int, int, dict[str, int]]:
        page, size = int(ask.first("page") or 1), int(ask.first("page_size") or 20)
        total = len(self.select(ask))
        last = max(1, -(-total // size))
        pages = {"first": 1, "last": last}
        if page > 1:
            pages["prev"] = page - 1
        if page < last:
            pages["next"] = page + 1
        return page, total, pages

    def link(self, ask: Ask, page: int) -> str:
        pairs = [(name, value) for name, value in ask.pairs if name != "page"]
        return f"/api/logs?{urlencode([*pairs, ('page', str(page))])}"

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            _, total, pages = self.pages(ask)
            links = ", ".join(f'<{self.link(ask, page)}>; rel="{name}"' for name, page in pages.items())
            reply.headers += [("Total-Number", str(total)), ("Link", links)]
        return reply


@stranger("senseless")
class NextWithoutEnd(Linking):
    """Link always has a next page, also on the last one and on the empty ones behind it."""

    def pages(self, ask: Ask) -> tuple[int, int, dict[str, int]]:
        page, total, pages = super().pages(ask)
        return page, total, pages | {"next": page + 1}


@stranger("senseless")
class LinkWithoutFilters(Linking):
    """Link keeps page and page_size and drops the filters, so that the next page is one of all logs."""

    def link(self, ask: Ask, page: int) -> str:
        kept = Ask(ask.method, ask.path, [pair for pair in ask.pairs if pair[0] not in FILTERS], {}, ask.target)
        return super().link(kept, page)


@stranger("senseless")
class TwoLogsOneId(Base):
    """The id is made of the time in steps of two minutes, so that two logs have the same one."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "id": super().log(number // 2)["id"]}


@stranger("senseless")
class IdOfTheMoment(Base):
    """Ids are not stored but made while a list is written: the same log has another one in every answer."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        salt = str(self.asked)
        made = [{**log, "id": hashlib.sha256((salt + log["id"]).encode()).hexdigest()[:21]} for log in rows]
        return super().shown(ask, made)


@stranger("senseless")
class CreatedWhenRead(Base):
    """createdAt is not loaded and takes its default, the time of the answer."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        now = time.time_ns() // 1_000_000
        return super().shown(ask, [{**log, "createdAt": now} for log in rows])


@stranger("senseless")
class GatewayDecodesToo(Base):
    """A gateway decodes the query and the server does so again: the user `u-dora+x` can't be asked for."""

    def select(self, ask: Ask) -> Rows:
        pairs = [(name, decoded(value)) for name, value in ask.pairs]
        return super().select(Ask(ask.method, ask.path, pairs, ask.headers, ask.target))


@stranger("senseless")
class MisreadNames(Base):
    """Shows accents as two wrong letters each, and finds nothing for the name as it is shown."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        texts = [{**log, "payload": dict(log["payload"])} for log in rows]
        for log in texts:
            if "userId" in log["payload"]:
                log["payload"]["userId"] = log["payload"]["userId"].encode().decode("latin-1")
        return super().shown(ask, texts)


@stranger("senseless")
class IndexOfRecentLogs(Base):
    """Filters ask an index that was begun late: of the older half, which is listed without filters, they find none."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return [log for log in rows if log in self.logs[: self.count // 2]] if is_filtered(ask) else rows


@stranger("senseless")
class ReplicaWithHoles(Base):
    """Every second request meets a replica that lost each tenth log for good, between others that it has."""

    def select(self, ask: Ask) -> Rows:
        holes = {log["id"] for log in self.logs[4::10]} if self.asked % 2 == 0 else set()
        return [log for log in super().select(ask) if log["id"] not in holes]


@stranger("senseless")
class EveryIdIsNewest(Base):
    """Whatever id is asked for, `/api/logs/{id}` shows the newest log."""

    def answer(self, ask: Ask) -> Reply:
        if ask.method in ("GET", "HEAD") and ask.path.startswith("/api/logs/") and len(ask.path) > 10:
            found = Reply(200, [("Content-Type", "application/json")], self.dumps(self.logs[:1])[1:-1])
            return self.refusal(ask) or found
        return super().answer(ask)


@stranger("senseless")
class FilteredWithoutOrder(Base):
    """Filtered lists have no order: each request finds its logs in another one, and pages repeat and lose them."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        if not is_filtered(ask):
            return rows
        salt = str(self.asked)
        return sorted(rows, key=lambda log: hashlib.sha256((salt + log["id"]).encode()).digest())
