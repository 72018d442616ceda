"""The fourth batch, continued: totals and links that no client can live with, and what is honest but odd."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

from tests.strangers.base import Ask, Base, Reply, made_log, stranger
from tests.strangers.batch_four import filters
from tests.strangers.batch_two import Counted

Rows = list[dict[str, Any]]


@stranger("senseless")
class TotalZeroPastEnd(Counted):
    """The total is a column of the rows: a page past the end has no row, so it tells 0."""

    def total(self, ask: Ask, rows: Rows) -> int:
        past = (self.number(ask, "page", 1) - 1) * self.number(ask, "page_size", 20) >= len(rows)
        return 0 if past else len(rows)


@stranger("senseless")
class LastLinkTooFar(Counted):
    """The link to the last page leads one page too far, to an empty one."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        further = re.compile(r'page=(\d+)>; rel="last"')
        reply.headers = [
            (name, further.sub(lambda found: f'page={int(found[1]) + 1}>; rel="last"', value))
            for name, value in reply.headers
        ]
        return reply


@stranger("senseless")
class LinkLosesSize(Counted):
    """The links lose page_size: who follows them leaves logs out, or gets some twice."""

    def link(self, ask: Ask, page: int) -> str:
        return re.sub(r"page_size=[^&]*&", "", super().link(ask, page))


@stranger("senseless")
class HeadIgnoresFilter(Counted):
    """HEAD tells the total of all logs, whatever filter is given."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(self.logs if ask.method == "HEAD" else rows)


@stranger("senseless")
class TwoTotals(Counted):
    """A proxy adds a second Total-Number, the length of the page."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(len(rows))))
        return reply


@stranger("senseless")
class TotalWithSeparators(Counted):
    """Total-Number is written for people: `1,200`."""

    count = 1200

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers = [
            (name, f"{int(value):,}" if name == "Total-Number" else value) for name, value in reply.headers
        ]
        return reply


@stranger("honest")
class AsFastApi(Base):
    """HEAD and OPTIONS are 405 with `allow: GET`, names of headers are in lower case, errors have `detail`."""

    def answer(self, ask: Ask) -> Reply:
        reply = self.error(405, "Method Not Allowed") if ask.method == "HEAD" else super().answer(ask)
        extra = [("date", "Thu, 01 Jan 2026 00:00:00 GMT"), ("server", "uvicorn")]
        if reply.status in (401, 405):
            extra.append(("allow", "GET") if reply.status == 405 else ("www-authenticate", "Bearer"))
        reply.headers = [(name.lower(), value) for name, value in reply.headers] + extra
        return reply

    def other_method(self, ask: Ask) -> Reply:
        return self.error(405, "Method Not Allowed")

    def error(self, status: int, code: str) -> Reply:
        body = {"detail": [{"loc": ["query"], "msg": code}] if status == 400 else code}
        return Reply(status, [("content-type", "application/json")], json.dumps(body).encode())


@stranger("honest")
class AsSpring(Base):
    """Everything in chunks, 401 without a body, errors with `timestamp` and `path`, times with `.0`, Vary thrice."""

    def log(self, number: int) -> dict[str, Any]:
        return made_log(number) | {"createdAt": float(made_log(number)["createdAt"])}

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [("Vary", name) for name in ("Origin", "Access-Control-Request-Method", "Accept")]
        reply.headers += [("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"), ("Pragma", "no-cache")]
        reply.headers += [("Expires", "0"), ("X-Content-Type-Options", "nosniff"), ("X-XSS-Protection", "0")]
        reply.chunked = reply.status != 401
        return reply

    def error(self, status: int, code: str) -> Reply:
        if status == 401:
            return Reply(401, [("WWW-Authenticate", 'Bearer error="invalid_token", error_description="Malformed"')])
        body = {"timestamp": "2026-01-01T00:00:00.000+00:00", "status": status, "error": code, "path": "/api/logs"}
        return Reply(status, [("Content-Type", "application/json")], json.dumps(body).encode())


@stranger("honest")
class ExpressAtEdge(Counted):
    """Express behind an edge: weak tags and 304, headers that differ each time, 401 as a word of plain text."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [
            ("X-Powered-By", "Express"), ("CF-RAY", f"{self.asked:016x}-FRA"), ("CF-Cache-Status", "DYNAMIC"),
            ("Set-Cookie", f"__cf_bm={self.asked}; path=/; HttpOnly; Secure"), ("alt-svc", 'h3=":443"; ma=86400'),
            ("Server-Timing", f"cfOrigin;dur={self.asked % 9}"), ("NEL", '{"max_age":604800}'),
        ]  # fmt: skip
        tag = f'W/"{len(reply.body):x}-{hashlib.sha1(reply.body, usedforsecurity=False).hexdigest()[:27]}"'
        if reply.status == 200:
            reply.headers.append(("ETag", tag))
            sent = {part.strip().removeprefix("W/") for part in ask.headers.get("if-none-match", "").split(",")}
            if sent & {tag.removeprefix("W/"), "*"} and ask.headers.get("cache-control") != "no-cache":
                reply.status = 304
        return reply

    def error(self, status: int, code: str) -> Reply:
        return Reply(status, [("Content-Type", "text/plain; charset=utf-8")], code.partition(".")[2].encode())


@stranger("honest")
class NginxInFront(Base):
    """A proxy writes all errors as its own HTML, has no OPTIONS (404), and ends each hundredth connection."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [("Server", "nginx"), ("Keep-Alive", "timeout=5")]
        reply.close = self.asked % 100 == 0
        return reply

    def error(self, status: int, code: str) -> Reply:
        page = (
            f"<html>\r\n<head><title>{status}</title></head>\r\n<body><center><h1>{status}</h1></center></body></html>"
        )
        return Reply(status, [("Content-Type", "text/html")], page.encode())

    def other_method(self, ask: Ask) -> Reply:
        reply = self.error(404 if ask.method == "OPTIONS" else 405, "")
        reply.headers.append(("Allow", "GET, HEAD"))
        return reply


@stranger("honest")
class RetentionSweeps(Counted):
    """At every fortieth request the 25 oldest logs are deleted; at every tenth, three arrive."""

    count = 1000

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 40 == 39:
                del self.logs[-25:]
            if self.asked % 10 == 9:
                newest = self.count + self.asked * 3
                self.logs = [*(made_log(newest + more) for more in (2, 1, 0)), *self.logs]
        return super().answer(ask)


@stranger("honest")
class NoLogs(Counted):
    """A new tenant: nothing has happened yet, so nothing can be judged."""

    count, exit_code = 0, 2


@stranger("honest")
class TwentyLogs(Counted):
    """As many logs as a page has."""

    count = 20


@stranger("honest")
class TwentyOneLogs(Base):
    """One log more than a page has."""

    count = 21


@stranger("honest")
class OneUser(Base):
    """One user of one application did one thing, 60 times: each filter finds all logs or none."""

    count = 60

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["key"] = log["payload"]["key"] = "RevokeToken"
        log["payload"] |= {"userId": "u-1", "applicationId": "app-1"}
        return log


@stranger("honest")
class SlowLargePages(Base):
    """A page of 100 logs and more takes 150 ms."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        time.sleep(0.15 if size >= 100 else 0)
        return super().cut(ask, rows, page, size)


@stranger("honest")
class TotalOnFirstPage(Counted):
    """Counting is dear: only page 1 tells Total-Number, and only there is a link to the last page."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if self.number(ask, "page", 1) > 1:
            reply.headers = [header for header in reply.headers if header[0] != "Total-Number"]
            reply.headers = [(name, re.sub(r'<[^>]*>; rel="last", ', "", value)) for name, value in reply.headers]
        return reply


@stranger("honest")
class RateWindow(Base):
    """Takes 250 requests in each second, and answers 429 with `Retry-After: 1` and JSON beyond."""

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            now = int(time.monotonic())
            self.window, self.taken = now, (self.taken if self.window == now else 0) + 1
        if self.taken > 250:
            return Reply(429, [("Retry-After", "1"), ("Content-Type", "application/json")], b'{"code":"rate_limited"}')
        reply = super().answer(ask)
        reply.headers.append(("X-RateLimit-Remaining", str(250 - self.taken)))
        return reply

    window, taken = 0, 0


@stranger("honest")
class AsPhp(Base):
    """Slashes and letters beyond ASCII are escaped, and the order of the members differs from log to log."""

    def log(self, number: int) -> dict[str, Any]:
        items = list(made_log(number).items())
        return dict(items[number % 5 :] + items[: number % 5])

    def dumps(self, rows: Rows) -> bytes:
        return json.dumps(rows, separators=(",", ":")).replace("/", "\\/").encode()


@stranger("honest")
class RefreshedLater(Base):
    """A log arrives at every 25th request; filters find it five requests later, when the index is refreshed."""

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 25 == 24:
                self.logs = [made_log(self.count + self.asked), *self.logs]
        return super().answer(ask)

    def select(self, ask: Ask) -> Rows:
        fresh = self.logs[:1] if filters(ask) and self.asked >= 25 and self.asked % 25 < 5 else []
        return [log for log in super().select(ask) if log not in fresh]
