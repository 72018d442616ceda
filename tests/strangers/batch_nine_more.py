"""The ninth batch, blind: strangers that keep the letters of the document and are of no use to a client."""

from __future__ import annotations

import re
import secrets
import time
import unicodedata
from typing import Any
from urllib.parse import urlencode

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Counting(Base):
    """Adds a Total-Number to every list."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(self.select(ask))

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(self.total(ask, rows))))
        return reply


class Linking(Counting):
    """Adds a Link to the next page where there is one."""

    def follows(self, ask: Ask, page: int, size: int) -> bool:
        return page * size < len(self.select(ask))

    def origin(self, ask: Ask) -> str:
        return f"http://{ask.headers.get('host', 'localhost')}"

    def kept(self, ask: Ask) -> list[tuple[str, str]]:
        return [pair for pair in ask.pairs if pair[0] != "page"]

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        page, size = self.number(ask, "page", 1), self.number(ask, "page_size", 20)
        if self.follows(ask, page, size):
            query = urlencode([*self.kept(ask), ("page", str(page + 1))])
            reply.headers.append(("Link", f'<{self.origin(ask)}/api/logs?{query}>; rel="next"'))
        return reply


@stranger("senseless")
class PageLengthTotal(Counting):
    """Total-Number is how many logs are on this page."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(rows)


@stranger("senseless")
class TotalOfTable(Counting):
    """Total-Number is the size of the whole table, whatever the filters say."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(self.logs)


@stranger("senseless")
class NextPastTheEnd(Linking):
    """Link names a next page on every page, on the last one and past it too."""

    def follows(self, ask: Ask, page: int, size: int) -> bool:
        return True


@stranger("senseless")
class NextForgetsFilters(Linking):
    """The link to the next page keeps page_size and loses the filters."""

    def kept(self, ask: Ask) -> list[tuple[str, str]]:
        return [pair for pair in ask.pairs if pair[0] == "page_size"]


@stranger("senseless")
class LinkToUpstream(Linking):
    """Link names the host and port of the machine behind the proxy, which nobody outside can reach."""

    def origin(self, ask: Ask) -> str:
        return "http://logs-7c9f4.backend.example:8080"


@stranger("senseless")
class LastPageAgain(Base):
    """Every page past the end is the last page once more."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)


@stranger("senseless")
class ShardsAsTheyCome(Base):
    """Three shards answer each query, and their logs stand one after another in the order in which they answered."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        first = self.asked % 3
        return [row for turn in range(3) for row in rows if int(row["id"][:4], 16) % 3 == (first + turn) % 3]


@stranger("senseless")
class AnalyzedText(Base):
    """Filters are full text: a log is listed if its value has any word in common with the one asked for."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        words = set(re.findall(r"\w+", value.lower()))
        return bool(words & set(re.findall(r"\w+", (self.field(log, name) or "").lower())))


@stranger("senseless")
class LooseCollation(Base):
    """Filters compare as a loose collation does: without case, without accents, without blanks at the end."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        field = self.field(log, name)
        return field is not None and self.folded(field) == self.folded(value)

    def folded(self, text: str) -> str:
        plain = unicodedata.normalize("NFD", text.rstrip(" ").casefold())
        return "".join(letter for letter in plain if not unicodedata.combining(letter))


@stranger("senseless")
class IdsAtReading(Base):
    """The ids are drawn when logs are read, so that the same log has a new one in every answer."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps([{**row, "id": secrets.token_hex(10)} for row in rows])


@stranger("senseless")
class CreatedNow(Base):
    """The time of creation defaults to now when a log is read, so that every log was always made just now."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps([{**row, "createdAt": time.time_ns() // 1_000_000} for row in rows])


@stranger("senseless")
class CountTag(Base):
    """The weak tag of a list is its length: new logs come in all the time, and who sends the tag never sees them."""

    def answer(self, ask: Ask) -> Reply:
        if self.asked % 4 == 3:
            with self.lock:
                self.logs = [self.log(self.count), *self.logs]
                self.count += 1
        return super().answer(ask)

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        tag = f'W/"{len(rows)}"'
        if tag in ask.headers.get("if-none-match", ""):
            return Reply(304, [("ETag", tag)])
        reply = super().shown(ask, rows)
        reply.headers.append(("ETag", tag))
        return reply


@stranger("senseless")
class PublicForADay(Base):
    """Marks every list as public and fresh for a day, so that caches hand it to anybody and hide newer logs."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            reply.headers.append(("Cache-Control", "public, max-age=86400, s-maxage=86400"))
        return reply


@stranger("senseless")
class OpenDetail(Base):
    """A single log is shown by its id to anybody, with any token or with none; the list is guarded."""

    def answer(self, ask: Ask) -> Reply:
        start, _, identity = ask.path.rpartition("/")
        if start != "/api/logs" or ask.method not in ("GET", "HEAD"):
            return super().answer(ask)
        found = next((log for log in self.logs if log["id"] == identity), None)
        if found is None:
            return self.error(404, "entity.not_exists_with_id")
        return Reply(200, [("Content-Type", "application/json")], self.dumps([found])[1:-1])


@stranger("senseless")
class OffsetOfTwenties(Base):
    """Counts the beginning of a page by twenties at most, so that pages of more than twenty logs overlap."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * min(size, 20)
        return rows[start : start + size]


@stranger("senseless")
class JoinedTwice(Base):
    """The query joins the groups of the user, so that the logs of users in two groups come twice, with one id."""

    def select(self, ask: Ask) -> Rows:
        groups = {"u-eve": 2, "u-gil": 2, "4711": 3}
        return [row for row in super().select(ask) for _ in range(groups.get(row["payload"].get("userId"), 1))]


@stranger("senseless")
class ShortenedIds(Base):
    """Ids are cut to 21 characters, which loses the last digit: ten unlike logs share each id."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "id": f"acme-auditlog-{number:08d}"[:21]}


@stranger("senseless")
class TwoDatabases(Base):
    """Two machines take turns, each with a database of its own: either one lists only what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.halves = self.logs[::2], self.logs[1::2]

    def select(self, ask: Ask) -> Rows:
        self.logs = self.halves[self.asked % 2]
        return super().select(ask)
