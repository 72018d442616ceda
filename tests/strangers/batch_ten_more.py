"""Tenth batch, written blind: servers that keep the letters of the document, and with which no client can live."""

from __future__ import annotations

import json
import random
import unicodedata
import uuid
from typing import Any
from urllib.parse import quote, urlencode

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Counted(Base):
    """Every list has a Total-Number."""

    def total(self, ask: Ask, reply: Reply) -> int:
        return len(self.select(ask))

    def written(self, total: int) -> str:
        return str(total)

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            reply.headers.append(("Total-Number", self.written(self.total(ask, reply))))
        return reply


class Linked(Counted):
    """Every list has a Total-Number and a Link to the first, previous, next and last page."""

    def last(self, total: int, size: int) -> int:
        return max(1, -(-total // size))

    def pages(self, page: int, total: int, size: int) -> dict[str, int]:
        last = self.last(total, size)
        found = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
        if page == 1:
            del found["prev"]
        if page * size >= total:
            del found["next"]
        return found

    def address(self, ask: Ask, page: int) -> str:
        kept = [(name, self.kept(value)) for name, value in ask.pairs if name != "page"]
        return "/api/logs?" + urlencode([*kept, ("page", str(page))])

    def kept(self, value: str) -> str:
        return value

    def joined(self, ask: Ask, pages: dict[str, int]) -> str:
        return ", ".join(f'<{self.address(ask, page)}>; rel="{name}"' for name, page in pages.items())

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            page, size = self.number(ask, "page", 1), self.number(ask, "page_size", 20)
            reply.headers.append(("Link", self.joined(ask, self.pages(page, self.total(ask, reply), size))))
        return super().finish(ask, reply)


@stranger("senseless")
class LinkDoubleEncodes(Linked):
    """Link percent-encodes the filters twice, so that a link for a user with `+`, `%` or `é` leads to no logs."""

    def kept(self, value: str) -> str:
        return quote(value, safe="")


@stranger("senseless")
class LinkLastFloor(Linked):
    """The last page in Link is rounded down, so that it is the last but one where the last is not full."""

    def last(self, total: int, size: int) -> int:
        return max(1, total // size)


@stranger("senseless")
class LinkPrevZero(Linked):
    """The first page, too, has a previous one in Link: page 0, which is refused."""

    def pages(self, page: int, total: int, size: int) -> dict[str, int]:
        return {**super().pages(page, total, size), "prev": page - 1}


@stranger("senseless")
class TotalOnlyPage(Counted):
    """Total-Number tells how many logs this page has."""

    def total(self, ask: Ask, reply: Reply) -> int:
        return len(json.loads(reply.body))


@stranger("senseless")
class TotalCountsJoins(Counted):
    """Total-Number counts the rows of a join, in which logs of users with two roles are two; the list is right."""

    def total(self, ask: Ask, reply: Reply) -> int:
        return sum(2 if log["payload"].get("userId") in ("u-eve", "u-finn", "4711") else 1 for log in self.select(ask))


@stranger("senseless")
class TotalGrouped(Counted):
    """Total-Number is written for people, with a comma behind the thousands."""

    count = 1200

    def written(self, total: int) -> str:
        return f"{total:,}"


@stranger("senseless")
class HeadUnguarded(Counted):
    """The guard stands before GET alone: HEAD tells everybody how many logs match, without a token."""

    def refusal(self, ask: Ask) -> Reply | None:
        return None if ask.method == "HEAD" else super().refusal(ask)


@stranger("senseless")
class HeadIgnoresQuery(Counted):
    """HEAD has a handler of its own that looks at no filter, so its Total-Number is not that of GET."""

    def total(self, ask: Ask, reply: Reply) -> int:
        return len(self.logs) if ask.method == "HEAD" else super().total(ask, reply)


@stranger("senseless")
class PageOverlap(Base):
    """From the second page on, pages begin one log too early: the last log of page 1 is the first one of page 2."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = max(0, (page - 1) * size - 1)
        return rows[start : start + size]


@stranger("senseless")
class ShuffledUnderFilter(Base):
    """The query with filters has no ORDER BY: matching logs come in another order at each request."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        if any(name in FILTERS for name, _ in ask.pairs):
            random.Random(self.asked).shuffle(rows)
        return rows


@stranger("senseless")
class RolesJoinTwice(Base):
    """Logs are joined with the roles of their user, so a log of a user with two roles is listed twice."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return [log for log in rows for _ in range(2 if log["payload"].get("userId") in ("u-hana", "u-gil") else 1)]


@stranger("senseless")
class ShardIds(Base):
    """Two shards count their logs each for itself, and so every id belongs to two logs."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "id": f"log-{number // 2}"}


@stranger("senseless")
class IdsMadeUpAtWriting(Base):
    """Its table has no id; one is made up whenever a log is written out."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps([{**log, "id": uuid.uuid4().hex[:21]} for log in rows])


@stranger("senseless")
class PaddedCompare(Base):
    """Its database compares texts as if padded: `u-eve` and blanks behind it finds the logs of `u-eve`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return (self.field(log, name) or "").rstrip(" ") == value.rstrip(" ") != ""


@stranger("senseless")
class KeyPrefix(Base):
    """The filter by key takes whatever begins with it: `Interaction` finds every interaction."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return log["key"].startswith(value) if name == "logKey" else super().matches(log, name, value)


def bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


@stranger("senseless")
class UnaccentedFilter(Base):
    """Its collation knows no accents: `u-Cleo` and `ú-eve` find the logs of `u-Cléo` and `u-eve`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        found = self.field(log, name)
        return found is not None and bare(found) == bare(value)


@stranger("senseless")
class ZeroTime(Base):
    """The time is never filled in, so that every log was created at the beginning of the year 1."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "createdAt": -62_135_596_800_000}


@stranger("senseless")
class SecondsBeforeMigration(Base):
    """Logs before a migration tell their time in seconds, those behind it in milliseconds."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": log["createdAt"] // 1000} if number < 120 else log
