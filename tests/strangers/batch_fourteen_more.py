"""Strangers that keep the letters of the document and leave their clients with nothing to hold on to."""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
import zlib
from typing import Any
from urllib.parse import urlencode

from tests.strangers.base import Ask, Base, Reply, stranger
from tests.strangers.batch_fourteen import Counting, Rows, Single


class Linked(Counting):
    """Links to the first, previous, next and last page, with all parameters of the request."""

    def kept(self, ask: Ask) -> list[tuple[str, str]]:
        return [pair for pair in ask.pairs if pair[0] != "page"]

    def has_next(self, page: int, last: int) -> bool:
        return page < last

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        page, size = int(ask.first("page") or "1"), int(ask.first("page_size") or "20")
        last = max(1, -(-len(self.select(ask)) // size))
        pages = {"first": 1, "last": last}
        if page > 1:
            pages["prev"] = page - 1
        if self.has_next(page, last):
            pages["next"] = page + 1
        base = f"http://{ask.headers.get('host', 'api.example')}/api/logs"
        links = [f'<{base}?{urlencode([*self.kept(ask), ("page", to)])}>; rel="{rel}"' for rel, to in pages.items()]
        reply.headers.append(("Link", ", ".join(links)))
        return reply


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold().rstrip(" ")


@stranger("senseless")
class CollationMatch(Counting):
    """The collation of the table compares filters without case and accents: `U-CLEO` finds `u-Cléo`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        found = self.field(log, name)
        return found is not None and folded(found) == folded(value)


@stranger("senseless")
class LikeMatch(Base):
    """Filters are patterns of LIKE: `%` stands for any text and `_` for any letter."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        found = self.field(log, name)
        parts = [re.escape(part).replace("_", ".") for part in re.split("%+", value)]
        return found is not None and re.fullmatch(".*".join(parts), found, re.DOTALL) is not None


@stranger("senseless")
class JuggledTypes(Base):
    """Filters are compared by an operator that takes text for numbers if it can: `04711` and `4711.0` find `4711`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        found = self.field(log, name)
        numeric = r"\s*[+-]?(\d{1,40}(\.\d*)?|\.\d{1,40})([eE][+-]?\d{1,3})?\s*"
        if found is not None and re.fullmatch(numeric, found, re.ASCII) and re.fullmatch(numeric, value, re.ASCII):
            return float(found) == float(value)
        return found == value


@stranger("senseless")
class PageAsOffset(Counting):
    """The number of the page is handed on as the number of the first entry: page 2 repeats page 1 but for one log."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[page - 1 : page - 1 + size]


@stranger("senseless")
class ScanOrder(Counting):
    """The query has no ORDER BY, and the database begins each scan of the table where the last one stopped."""

    def select(self, ask: Ask) -> Rows:
        at = self.asked * 37 % len(self.logs)
        found = {log["id"] for log in super().select(ask)}
        return [log for log in (*self.logs[at:], *self.logs[:at]) if log["id"] in found]


@stranger("senseless")
class TiesByChance(Counting):
    """Logs are written in lots of ten that share a createdAt, and the order within a lot is another at each request."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": log["createdAt"] // 600_000 * 600_000}

    def select(self, ask: Ask) -> Rows:
        def rank(log: dict[str, Any]) -> tuple[int, int]:
            return -log["createdAt"], zlib.crc32(f"{self.asked} {log['id']}".encode())

        return sorted(super().select(ask), key=rank)


@stranger("senseless")
class TotalIsRows(Counting):
    """Total-Number tells how many logs this page holds."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(rows)


@stranger("senseless")
class TotalUnfiltered(Counting):
    """Total-Number counts the whole table, whatever is filtered."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(self.logs)


@stranger("senseless")
class LinkDropsFilter(Linked):
    """Link keeps page_size and forgets the filters, so that the next page of a user is that of everybody."""

    def kept(self, ask: Ask) -> list[tuple[str, str]]:
        return [pair for pair in ask.pairs if pair[0] == "page_size"]


@stranger("senseless")
class NextBehindLast(Linked):
    """Link names a next page on every page, the last one and the empty ones behind it too."""

    def has_next(self, page: int, last: int) -> bool:
        return True


@stranger("senseless")
class ClampedToLastPage(Counting):
    """A page behind the last one shows the last one again, so that who reads on to an empty page never ends."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)


@stranger("senseless")
class OneTooFar(Counting):
    """Reads one entry more than it shows, to know whether more follow, and counts it in the offset of the next page."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * (size + 1)
        return rows[start : start + size]


@stranger("senseless")
class TenPagesOnly(Counting):
    """Every page behind the tenth is empty, of whatever size the pages are, though Total-Number counts all logs."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size) if page <= 10 else []


@stranger("senseless")
class JoinFanOut(Base):
    """The list is joined with the identities of users: who has two of them has each of their logs in it twice."""

    def select(self, ask: Ask) -> Rows:
        double = ("u-eve", "u-finn", "4711")
        return [log for log in super().select(ask) for _ in range(2 if self.field(log, "userId") in double else 1)]


@stranger("senseless")
class IdPerAnswer(Counting):
    """The id of a log is drawn when the log is written into an answer, so that it has another one each time."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        def drawn(at: int) -> str:
            return hashlib.sha256(f"{self.asked} {at}".encode()).hexdigest()[:21]

        return super().shown(ask, [{**log, "id": drawn(at)} for at, log in enumerate(rows)])


@stranger("senseless")
class ReplicaZones(Base):
    """One of two replicas takes the stored times for local ones, so that createdAt jumps by two hours and back."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        shift = 7_200_000 * (self.asked % 2)
        return super().shown(ask, [{**log, "createdAt": log["createdAt"] + shift} for log in rows])


@stranger("senseless")
class SecondsById(Single):
    """One log by its id has its createdAt in seconds, while the list has it in milliseconds."""

    def detail(self, log: dict[str, Any]) -> dict[str, Any]:
        return {**log, "createdAt": log["createdAt"] // 1000}


@stranger("senseless")
class GzipAnyway(Base):
    """Every list is compressed by gzip, also for a client that says it takes nothing but identity."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.body = gzip.compress(reply.body, mtime=0)
        reply.headers.append(("Content-Encoding", "gzip"))
        return reply
