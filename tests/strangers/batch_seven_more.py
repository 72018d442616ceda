"""The seventh batch, written blind: what the document permits by its letters, and no client can live with."""

from __future__ import annotations

import gzip
import unicodedata
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("senseless")
class ScanStart(Base):
    """Nothing orders the rows, and a scan begins wherever another one is: every few requests they come turned."""

    def select(self, ask: Ask) -> Rows:
        at = 40 * (self.asked // 4 % 5)
        turned = self.logs[at:] + self.logs[:at]
        wanted = {id(log) for log in super().select(ask)}
        return [log for log in turned if id(log) in wanted]


@stranger("senseless")
class LastPageForever(Base):
    """Any page behind the last one is the last one again, so that who reads until nothing comes never stops."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)


@stranger("senseless")
class PageTotal(Base):
    """Total-Number is the length of the array that was sent."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(len(rows))))
        return reply


@stranger("senseless")
class TableTotal(Base):
    """Total-Number counts the whole table, whatever the filters are."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(len(self.logs))))
        return reply


@stranger("senseless")
class BareNext(Base):
    """Link names the next page with page and page_size alone: behind it, the filters are gone."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        page, size = self.number(ask, "page", 1), self.number(ask, "page_size", 20)
        if page * size < len(self.select(ask)):
            reply.headers.append(("Link", f'</api/logs?page={page + 1}&page_size={size}>; rel="next"'))
        return reply


@stranger("senseless")
class GzipAlways(Base):
    """Bodies over one kilobyte are stored and sent as gzip, also to a client that takes `identity` only."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if len(reply.body) > 1024:
            reply.body = gzip.compress(reply.body, 1)
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply


@stranger("senseless")
class FoldedCollation(Base):
    """Filters compare as the database's default collation does: without case, accents, and blanks at the end."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        held = self.field(log, name)
        return held is not None and self.folded(held) == self.folded(value)

    def folded(self, text: str) -> str:
        letters = unicodedata.normalize("NFD", text.rstrip(" ").casefold())
        return "".join(letter for letter in letters if not unicodedata.combining(letter))


@stranger("senseless")
class LooseNumbers(Base):
    """Two texts that both look like numbers are compared as numbers: `04711` and `4711.0` find the user `4711`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        held = self.field(log, name)
        if held is None or held == value:
            return held is not None
        try:
            return float(held) == float(value)
        except ValueError:
            return False


@stranger("senseless")
class RowNumberIds(Base):
    """The id of a log is its row number in the result, so that every page and filter gives it another."""

    def select(self, ask: Ask) -> Rows:
        return [{**log, "id": str(at)} for at, log in enumerate(super().select(ask), 1)]


@stranger("senseless")
class StartsAtCursor(Base):
    """A page starts at the last log of the page before it instead of after it."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * (size - 1)
        return rows[start : start + size] if start < len(rows) - (page > 1) else []


@stranger("senseless")
class FilterAfterPaging(Base):
    """The page is cut from all logs first and filtered then: filtered pages are short or empty, and more follow."""

    def select(self, ask: Ask) -> Rows:
        return self.logs

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        kept = {id(log) for log in super().select(ask)}
        return [log for log in super().cut(ask, rows, page, size) if id(log) in kept]


@stranger("senseless")
class DepthGuard(Base):
    """From the eleventh page on there is nothing, whatever the size of the pages; larger pages show more logs."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size) if page <= 10 else []
