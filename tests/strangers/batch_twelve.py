"""The twelfth batch: strangers that break what the document says."""

from __future__ import annotations

import base64
import gzip
import json
import re
import uuid
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


def filtered(ask: Ask) -> bool:
    return any(name in FILTERS and value != "" for name, value in ask.pairs)


@stranger("forbidden")
class PagesFromZero(Base):
    """Counts pages from 0, as some frameworks do: page=0 is the first page and page=1 the second."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        if name != "page" or ask.first(name) is None:
            return super().number(ask, name, default)
        return 1 if ask.first(name) == "0" else super().number(ask, name, default) + 1


@stranger("forbidden")
class UuidsBeforeMigration(Base):
    """The sixty oldest logs stem from before a migration and have UUIDs of 36 characters as ids."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number < 60:
            log["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, log["id"]))
        return log


@stranger("forbidden")
class NullColumns(Base):
    """Maps a column to each member of the payload, so that a log without a user says `"userId": null`."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] = {"userId": None, "applicationId": None} | log["payload"]
        return log


@stranger("forbidden")
class BigintAsText(Base):
    """Filtered lists come from a query by hand, whose driver gives 64-bit integers as text: createdAt is a string."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if filtered(ask):
            rows = [{**log, "createdAt": str(log["createdAt"])} for log in rows]
        return super().shown(ask, rows)


@stranger("forbidden")
class StrangeUserMeansAll(Base):
    """Looks the user up first, and does not filter by a user whom it does not find."""

    def select(self, ask: Ask) -> Rows:
        user = ask.first("userId")
        if user and all(log["payload"].get("userId") != user for log in self.logs):
            pairs = [(name, value) for name, value in ask.pairs if name != "userId"]
            ask = Ask(ask.method, ask.path, pairs, ask.headers, ask.target)
        return super().select(ask)


@stranger("forbidden")
class WindowOfTenThousand(Base):
    """A search engine stands behind it, whose window of 10,000 results gives a 500 to pages that lie beyond."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if page * size > 10_000:
            raise OverflowError
        return super().cut(ask, rows, page, size)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except OverflowError:
            return self.error(500, "search_phase_execution_exception")


@stranger("forbidden")
class UnsignedTaken(Base):
    """Believes the algorithm that a token names, so that a token with `alg` none needs no signature."""

    def part(self, token: str, at: int) -> dict[str, Any]:
        try:
            text = token.split(".")[at]
            value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, IndexError):
            return {}
        return value if isinstance(value, dict) else {}

    def unsigned(self, token: str) -> bool:
        return token.count(".") == 2 and str(self.part(token, 0).get("alg")).lower() == "none"

    def valid(self, token: str) -> bool:
        return super().valid(token) or self.unsigned(token)

    def may_read(self, ask: Ask, token: str) -> bool:
        if self.unsigned(token):
            return "all" in str(self.part(token, 1).get("scope")).split()
        return super().may_read(ask, token)


@stranger("forbidden")
class EdgeForgetsAuthorization(Base):
    """An edge keeps lists by their address alone: who asks for what another was given needs no token."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, bytes] = {}

    def answer(self, ask: Ask) -> Reply:
        if ask.method != "GET":
            return super().answer(ask)
        body = self.kept.get(ask.target)
        if body is not None:
            headers = [("Content-Type", "application/json; charset=utf-8"), ("X-Cache", "HIT"), ("Age", "1")]
            return Reply(200, headers, body)
        reply = super().answer(ask)
        if reply.status == 200:
            self.kept[ask.target] = reply.body
            reply.headers.append(("X-Cache", "MISS"))
        return reply


@stranger("forbidden")
class AnyFilterSuffices(Base):
    """Joins several filters with OR."""

    def select(self, ask: Ask) -> Rows:
        wanted = [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]
        if not wanted:
            return self.logs
        return [log for log in self.logs if any(self.matches(log, name, value) for name, value in wanted)]


@stranger("forbidden")
class FiltersOnlyFirstPage(Base):
    """From page 2 on it reads from another query, which knows no filters."""

    def select(self, ask: Ask) -> Rows:
        return self.logs if (ask.first("page") or "1").lstrip("0") != "1" else super().select(ask)


@stranger("forbidden")
class OneMoreForNext(Base):
    """Reads one row more than the page has, to know whether there is a next page, and forgets to take it off."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : page * size + 1]


@stranger("forbidden")
class LengthOfText(Base):
    """Content-Length counts characters, and so is too short where a name has an accent."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("Content-Length", str(len(reply.body.decode()))))
        reply.length = False
        return reply


@stranger("forbidden")
class GzipOnlyInName(Base):
    """Lists below a kilobyte are not compressed, yet their Content-Encoding says gzip to whoever takes gzip."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200 and "gzip" in ask.headers.get("accept-encoding", ""):
            reply.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
            if len(reply.body) >= 1024:
                reply.body = gzip.compress(reply.body)
        return reply


@stranger("forbidden")
class LeadingDigits(Base):
    """Reads the digits that a number begins with and ignores the rest: page=2abc is page 2, page_size=3.7 is 3."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        found = re.match(r"\s*\+?([0-9]{1,18})", text)
        if found is None or int(found[1]) < 1:
            raise ValueError(name)
        return int(found[1])


@stranger("forbidden")
class Unprocessable(Base):
    """Answers 422 to a page or page_size that is no number or too small, as its framework does by itself."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 400:
            detail = [{"loc": ["query", "page"], "msg": "value is not a valid integer", "type": "type_error.integer"}]
            return Reply(422, [("Content-Type", "application/json")], json.dumps({"detail": detail}).encode())
        return reply


@stranger("forbidden")
class DigitsBecomeNumbers(Base):
    """Its encoder writes every text of digits alone as a number, so that the user 4711 is no string."""

    def dumps(self, rows: Rows) -> bytes:
        return re.sub(rb'("userId": )"([1-9][0-9]*)"', rb"\1\2", super().dumps(rows))


@stranger("forbidden")
class NullForNone(Base):
    """Where no log is found the list was never made, and the body is `null`."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if rows else b"null"


@stranger("forbidden")
class SentToLogin(Base):
    """Sends whoever has no Authorization to a page for signing in, by 302; a wrong token is 401."""

    def refusal(self, ask: Ask) -> Reply | None:
        if "authorization" not in ask.headers:
            return Reply(302, [("Location", "/login"), ("Content-Type", "text/html")], b"<p>Found</p>")
        return super().refusal(ask)
