"""The third batch, after public bug reports about filters, ORMs, encoders, middleware and proxies.

Each docstring says what kind of report the server came from.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.strangers.base import Ask, Base, Reply, made_log, stranger
from tests.strangers.batch_two import Counted

Rows = list[dict[str, Any]]


@stranger("senseless")
class NumbersCoerced(Base):
    """Parsers of queries turn text of digits into numbers, and lose zeros: `04711` and `4711.0` find user `4711`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        stored = self.field(log, name) or ""
        if re.fullmatch(r"[0-9.]*[0-9]", value) and stored.isdigit() and value.count(".") < 2:
            return float(value) == float(stored)
        return stored == value


@stranger("forbidden")
class BadFilterDropped(Base):
    """A filter library left out each value that its validation did not like, and so listed everything.

    Here: values that begin with a zero, and values of more than 40 characters.
    """

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return value.startswith("0") or len(value) > 40 or super().matches(log, name, value)


@stranger("senseless")
class CommaMeansOr(Base):
    """Filter libraries split a value at its commas: `u-eve,u-gil` finds both users."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) in value.split(",")


@stranger("forbidden")
class NilSlice(Base):
    """Encoders write a list that was never filled as `null`: here a filter without a match, no page past the end."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if not self.select(ask):
            reply.body = b"null"
        return reply


@stranger("forbidden")
class JoinMultiplies(Base):
    """ORMs return a row for each match of a join: with userId and logKey together each log comes twice."""

    def select(self, ask: Ask) -> Rows:
        copies = 2 if ask.first("userId") and ask.first("logKey") else 1
        return [log for log in super().select(ask) for _ in range(copies)]


@stranger("forbidden")
class LimitBeforeDistinct(Base):
    """ORMs limit the joined rows and make them distinct afterwards: pages of a user's logs are too short."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if ask.first("userId"):
            rows = [log for log in rows for _ in range(2 if "applicationId" in log["payload"] else 1)]
        cut = super().cut(ask, rows, page, size)
        return [log for at, log in enumerate(cut) if at == 0 or cut[at - 1] is not log]


@stranger("forbidden")
class LengthBeforeGzip(Base):
    """Proxies compressed a body and kept the length of the plain one: clients wait for the rest until it closes."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if "gzip" in ask.headers.get("accept-encoding", "") and len(reply.body) > 1024 and ask.method == "GET":
            reply.headers += [("Content-Length", str(len(reply.body))), ("Content-Encoding", "gzip")]
            reply.body, reply.length = gzip.compress(reply.body), False
            reply.cut = len(reply.body)
        return reply


@stranger("forbidden")
class NanInParams(Base):
    """Encoders write numbers that are none as `NaN`: here in one of 300 logs."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        if number == 61:
            log["payload"]["params"] = {"score": float("nan")}
        return log


@stranger("forbidden")
class ResultWindow(Base):
    """Search engines refuse what lies beyond the first 10,000 results, so `page=501` is a 400."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200 and self.number(ask, "page", 1) * self.number(ask, "page_size", 20) > 10_000:
            return self.error(400, "search.window_too_large")
        return reply


@stranger("forbidden")
class NoneInCapitals(Base):
    """Libraries for tokens refused the algorithm `none` but not `None`: who writes a token so needs no signature."""

    def valid(self, token: str) -> bool:
        if super().valid(token):
            return True
        try:
            head, claims, _ = token.split(".")
            alg = json.loads(base64.urlsafe_b64decode(head + "=="))["alg"]
            return alg != "none" and alg.lower() == "none" and bool(base64.urlsafe_b64decode(claims + "=="))
        except (ValueError, KeyError, TypeError, AttributeError):
            return False


@stranger("forbidden")
class LatinBytes(Base):
    """Encoders write bytes of another encoding than UTF-8 for letters with accents: no strict reader takes the page."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows).decode().encode("latin-1")


@stranger("senseless")
class CaseSkipsToken(Base):
    """A guard compared the path by its case and the router did not: `/API/logs` needs no token."""

    def answer(self, ask: Ask) -> Reply:
        return super().answer(replace(ask, path=f"/api{ask.path[4:]}") if ask.path[:4].lower() == "/api" else ask)

    def refusal(self, ask: Ask) -> Reply | None:
        return super().refusal(ask) if ask.target.startswith("/api/") else None


class Tagged(Counted):
    """Honest, with a strong tag for each representation."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        suffix = "-gzip" if "gzip" in ask.headers.get("accept-encoding", "") else ""
        tag = f'"{zlib.crc32(reply.body):08x}{suffix}"'
        reply.headers += [("ETag", tag), ("Vary", "Accept-Encoding")]
        if self.same(ask.headers.get("if-none-match", ""), tag):
            return self.not_modified(reply)
        if suffix:
            reply.body = gzip.compress(reply.body)
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply

    def same(self, sent: str, tag: str) -> bool:
        return tag in sent or sent.strip() == "*"

    def not_modified(self, reply: Reply) -> Reply:
        return replace(reply, status=304)


@stranger("senseless")
class NotModifiedWithBody(Tagged):
    """A middleware compressed the empty body of a 304 and sent it: the next reply on the connection begins in it."""

    def not_modified(self, reply: Reply) -> Reply:
        head = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
        body = b"14\r\n" + gzip.compress(b"", mtime=0) + b"\r\n0\r\n\r\n"
        raw = f"HTTP/1.1 304 Not Modified\r\n{head}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        return Reply(304, [], raw=raw.encode() + body)


@stranger("senseless")
class PortLostInLink(Counted):
    """Behind a proxy links were made of the host without its port: following one reaches another server, or none."""

    def link(self, ask: Ask, page: int) -> str:
        return re.sub(r"(//[^/:]*):\d+", r"\1", super().link(ask, page))


@stranger("senseless")
class TotalCountsJoin(Counted):
    """Counts of a joined query counted rows, not logs: the total of a user's logs is too high."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(rows) + (sum("applicationId" in log["payload"] for log in rows) if ask.first("userId") else 0)


@stranger("senseless")
class AnyGzipTagMatches(Tagged):
    """A server compared a tag with itself by mistake: whatever ends with `-gzip` is answered 304."""

    def same(self, sent: str, tag: str) -> bool:
        return super().same(sent, tag) or (sent.endswith('-gzip"') and "," not in sent)


@stranger("honest")
class PlusIsPlus(Counted):
    """Routers that read a query as a URL, not as a form, were reported as broken: `+` is a plus, `%20` a blank."""

    def answer(self, ask: Ask) -> Reply:
        parts = [part.partition("=")[::2] for part in ask.target.partition("?")[2].split("&") if part]
        pairs = [tuple(unquote_to_bytes(text).decode("utf-8", "replace") for text in part) for part in parts]
        return super().answer(replace(ask, pairs=[(name, value) for name, value in pairs]))


@stranger("honest")
class WeakenedTags(Tagged):
    """Proxies that compress turn a strong tag into a weak one, to the surprise of clients; both are taken back."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply = super().finish(ask, reply)
        headers = [(name, re.sub('"(.*)-gzip"', r'W/"\1"', value)) for name, value in reply.headers]
        return replace(reply, headers=headers)

    def same(self, sent: str, tag: str) -> bool:
        return super().same(sent, tag) or tag.replace("-gzip", "") in sent


@stranger("honest")
class ClosesSilently(Base):
    """Balancers close a kept connection without a word, here after each seventh answer; clients open another."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        return replace(reply, cut=len(reply.body)) if self.asked % 7 == 0 else reply


@stranger("honest")
class PreflightNeedsToken(Base):
    """Guards in front of the CORS middleware answer OPTIONS 401: web pages of other origins get nothing, by design."""

    def other_method(self, ask: Ask) -> Reply:
        return self.refusal(ask) or super().other_method(ask)
