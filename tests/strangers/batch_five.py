"""The fifth batch: servers that break the document. `batch_five_more` and `batch_five_honest` have the others.

They follow public bug reports about parsers, guards, query builders, encoders and proxies. Whoever wrote them knew the
document and the other strangers, and nothing of the judge. All of them were written before any was judged.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, made_log, stranger

Rows = list[dict[str, Any]]


def filters(ask: Ask) -> list[tuple[str, str]]:
    return [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]


@stranger("forbidden")
class NoLimitWithoutSize(Base):
    """The query gets an offset from page and a limit from page_size: page 2 without a size shows all further logs."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if page > 1 and ask.first("page_size") is None:
            return rows[(page - 1) * size :]
        return super().cut(ask, rows, page, size)


@stranger("forbidden")
class SizeByParseInt(Base):
    """Reads page_size as JavaScript's parseInt does, so `10abc` and `10.9` mean 10. It reads page strictly."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        found = re.match(r"\s*\+?(\d{1,15})", ask.first(name) or "", re.ASCII) if name == "page_size" else None
        return int(found[1]) if found and int(found[1]) > 0 else super().number(ask, name, default)


@stranger("forbidden")
class FilterBehindPageLost(Base):
    """A rule of the gateway rewrites `page` and drops the filters that stand behind it in the query."""

    def select(self, ask: Ask) -> Rows:
        names = [name for name, _ in ask.pairs]
        read = ask.pairs[: names.index("page")] if "page" in names else ask.pairs
        return super().select(replace(ask, pairs=read))


@stranger("forbidden")
class FourParameters(Base):
    """Reads the first four parameters of a query: whoever sends all five loses the last one."""

    def listing(self, ask: Ask) -> Reply:
        return super().listing(replace(ask, pairs=ask.pairs[:4]))


@stranger("forbidden")
class TokenPrefixOpens(Base):
    """Compares only as many characters as the caller sends: a good token that is cut short is as good."""

    def valid(self, token: str) -> bool:
        return token != "" and any(known is not None and known.startswith(token) for known in self.known())

    def known(self) -> tuple[str | None, ...]:
        return self.token, self.forbidden_token


@stranger("forbidden")
class BreakerFailsOpen(Base):
    """A circuit breaker stands before the check of tokens: after five failed checks it lets the next one pass."""

    failed = 0

    def valid(self, token: str) -> bool:
        if super().valid(token):
            return True
        with self.lock:
            self.failed += 1
            return self.failed % 6 == 0


@stranger("forbidden")
class OriginalUrlOpens(Base):
    """The guard reads the path from X-Original-URL, the router does not: `X-Original-URL: /` needs no token."""

    def refusal(self, ask: Ask) -> Reply | None:
        original = ask.headers.get("x-original-url", "/api/logs")
        return super().refusal(ask) if original.startswith("/api") else None


@stranger("forbidden")
class ThirdFilterByOr(Base):
    """A query builder forgets its brackets: with three filters, logs of the logKey alone are listed too."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        wanted = dict(filters(ask))
        if len(wanted) < 3:
            return rows
        return [log for log in self.logs if log in rows or self.matches(log, "logKey", wanted["logKey"])]


@stranger("forbidden")
class InnerJoinLoses(Base):
    """With applicationId the query joins the users: logs of that application without a user are never listed."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return [log for log in rows if "userId" in log["payload"]] if ask.first("applicationId") else rows


@stranger("forbidden")
class FourByteFilterFails(Base):
    """A connection to the database speaks UTF-8 of three bytes: a filter with an emoji is a 500."""

    def listing(self, ask: Ask) -> Reply:
        wide = any(ord(letter) > 0xFFFF for _, value in filters(ask) for letter in value)
        return self.error(500, "incorrect_string_value") if wide else super().listing(ask)


@stranger("forbidden")
class BlocksOfHundred(Base):
    """Logs are read in blocks of a hundred: a page that crosses the end of a block ends there. Larger pages are right.

    `page_size=30&page=4` shows ten logs, and nobody sees the twenty behind them.
    """

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * size
        return super().cut(ask, rows, page, size)[: 100 - start % 100 if size <= 100 else size]


@stranger("forbidden")
class UuidsOnce(Base):
    """An older release gave UUIDs of 36 characters to the logs, and the sixty oldest still have them."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        text = log["id"] + f"{number:011d}"
        uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
        return log | ({"id": uuid} if number < 60 else {})


@stranger("forbidden")
class LengthInCharacters(Base):
    """Content-Length counts characters, not bytes: where a log has an accent, the end of the page is missing."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        if log["payload"].get("userId") == "u-Cléo" and number % 9:
            log["payload"]["userId"] = "u-Cleo"
        return log

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("Content-Length", str(len(reply.body.decode()))))
        reply.length = False
        return reply


@stranger("forbidden")
class GzippedTwice(Base):
    """A proxy compresses bodies over 8 kB that are compressed already, and says `gzip` once."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        plain = len(reply.body)
        if "gzip" in ask.headers.get("accept-encoding", "") and plain > 1024:
            reply.body = gzip.compress(gzip.compress(reply.body) if plain > 8192 else reply.body)
            reply.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        return reply


@stranger("forbidden")
class WafNotAcceptable(Base):
    """A firewall in front answers 406 and a page of HTML to a filter with a quote, a `<` or two dashes."""

    def answer(self, ask: Ask) -> Reply:
        if any(sign in value for _, value in filters(ask) for sign in ("'", "<", "--")):
            return Reply(406, [("Content-Type", "text/html")], b"<h1>Not Acceptable!</h1>")
        return super().answer(ask)


@stranger("forbidden")
class LocaleStarFails(Base):
    """Takes Accept-Language for a list of locales: `*`, which some clients send by themselves, is a 500."""

    def listing(self, ask: Ask) -> Reply:
        star = "*" in ask.headers.get("accept-language", "")
        return self.error(500, "incorrect_locale") if star else super().listing(ask)


@stranger("forbidden")
class WeightsNotRead(Base):
    """Compares the parts of Accept as they stand: `*/*;q=0.8`, as browsers send it, is no `*/*`, and so a 406."""

    def listing(self, ask: Ask) -> Reply:
        parts = {part.strip() for part in ask.headers.get("accept", "*/*").split(",")}
        fits = parts & {"*/*", "application/*", "application/json", ""}
        return super().listing(ask) if fits else self.error(406, "not_acceptable")


@stranger("forbidden")
class HeadWithBody(Base):
    """Sends the body of a GET to HEAD as well: the next answer on the connection begins with it."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method == "HEAD":
            reply.raw = reply.on_wire("GET")
        return reply
