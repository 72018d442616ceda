"""Strangers that keep the document's letter, and that no sensible server resembles."""

from __future__ import annotations

import json
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Totals(Base):
    """Tells how many logs match in Total-Number."""

    def total(self, ask: Ask) -> int:
        return len(self.select(ask))

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200:
            reply.headers.append(("Total-Number", str(self.total(ask))))
        return reply


@stranger("senseless")
class RefusalTellsTotal(Totals):
    """Tells Total-Number to callers without a token."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None:
            reply.headers.append(("Total-Number", str(len(self.logs))))
        return reply


@stranger("senseless")
class TotalWithoutFilter(Totals):
    """Total-Number counts all logs where two filters are given."""

    def total(self, ask: Ask) -> int:
        return len(self.logs) if len(ask.pairs) > 1 and ask.first("logKey") else super().total(ask)


@stranger("senseless")
class BareToken(Base):
    """Takes a token without the word Bearer."""

    def refusal(self, ask: Ask) -> Reply | None:
        return None if ask.headers.get("authorization") == self.token else super().refusal(ask)


@stranger("senseless")
class OtherScheme(Base):
    """Takes a token behind any word: `Basic`, `Token`."""

    def refusal(self, ask: Ask) -> Reply | None:
        return None if ask.headers.get("authorization", "").endswith(" " + self.token) else super().refusal(ask)


@stranger("senseless")
class MixedUnits(Base):
    """createdAt of a few old logs is in seconds, of all others in milliseconds."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | ({"createdAt": log["createdAt"] // 1000} if number in (40, 41) else {})


@stranger("senseless")
class Seconds(Base):
    """createdAt is in seconds."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | {"createdAt": log["createdAt"] // 1000}


@stranger("senseless")
class OtherKey(Base):
    """payload.key differs from key in one log of ten."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number % 10 == 3:
            log["payload"]["key"] = "Unknown"
        return log


@stranger("senseless")
class EchoedMarkup(Base):
    """Repeats a refused page in a page of HTML, unescaped."""

    def error(self, status: int, code: str) -> Reply:
        return Reply(status, [("Content-Type", "text/html")], f"<p>Bad page: {self.shown_text}</p>".encode())

    def listing(self, ask: Ask) -> Reply:
        self.shown_text = ask.first("page") or ""
        return super().listing(ask)

    shown_text = ""


@stranger("senseless")
class WrongCharset(Base):
    """Says charset=iso-8859-1 over UTF-8."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return Reply(200, [("Content-Type", "application/json; charset=iso-8859-1")], self.dumps(rows))


@stranger("senseless")
class RefusedWithoutAllow(Base):
    """Answers other methods 405 without Allow."""

    def other_method(self, ask: Ask) -> Reply:
        return Reply(405, [("Content-Type", "text/plain")], b"Method Not Allowed")


@stranger("senseless")
class OneTag(Base):
    """Has one ETag for all queries, and answers 304 to whoever knows it."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200:
            reply.headers.append(("ETag", '"v1"'))
            if ask.headers.get("if-none-match") == '"v1"':
                reply.status = 304
        return reply


@stranger("senseless")
class MembersTwice(Base):
    """Each log has its key twice in the text, with two values."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows).replace(b'"key": ', b'"key": "", "key": ', 1)


@stranger("senseless")
class EmptyDiffers(Base):
    """An empty userId finds the logs without a user; the other empty filters filter nothing."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return [log for log in rows if "userId" not in log["payload"]] if ask.first("userId") == "" else rows


@stranger("senseless")
class SameIds(Base):
    """Two logs share an id."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | ({"id": "twice"} if number in (100, 120) else {})


@stranger("senseless")
class Shuffled(Base):
    """The order of the logs is another at each request."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        at = self.asked * 37 % max(1, len(rows))
        return rows[at:] + rows[:at]


@stranger("senseless")
class EchoedToken(Base):
    """Repeats a refused token in its error."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None:
            reply.body = json.dumps({"code": "auth", "got": ask.headers.get("authorization", "")}).encode()
        return reply


@stranger("senseless")
class OtherTenant(Base):
    """One old log belongs to another tenant."""

    def log(self, number: int) -> dict[str, Any]:
        return super().log(number) | ({"tenantId": "other"} if number == 50 else {})


@stranger("senseless")
class NextForever(Totals):
    """Link names a next page on every page, past the end too."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        page = int(ask.first("page") or "1") if reply.status == 200 else 1
        reply.headers.append(("Link", f'</api/logs?page={page + 1}>; rel="next"'))
        return reply


@stranger("senseless")
class BrokenByRange(Base):
    """Answers a Range by 206, and cuts the JSON."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if "range" in ask.headers and reply.status == 200:
            reply.status, reply.body = 206, reply.body[:10]
        return reply
