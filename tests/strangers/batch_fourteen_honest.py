"""Strangers that keep the document in ways that look odd to whoever has seen only one deployment."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import time
from typing import Any

from tests.strangers.base import NEWEST, Ask, Base, Reply, stranger
from tests.strangers.batch_fourteen import Counting, Rows, Single
from tests.strangers.batch_fourteen_more import Linked


class Growing(Base):
    """Writes a log at every `every`-th request."""

    every = 3

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % self.every == 0:
                self.logs = [self.log(len(self.logs)), *self.logs]
        return super().answer(ask)


@stranger("honest")
class IdOrder(Counting):
    """Lists by id, which has nothing to do with the time, and always in this order."""

    def select(self, ask: Ask) -> Rows:
        return sorted(super().select(ask), key=lambda log: str(log["id"]))


@stranger("honest")
class FifteenBehind(Growing):
    """A log is written at every third request, and every fourth request reads a replica that lacks the newest 15."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        if self.asked % 4:
            return rows
        newest = {log["id"] for log in self.logs[:15]}
        return [log for log in rows if log["id"] not in newest]


@stranger("honest")
class TwoSecondCount(Growing, Counting):
    """A log is written at every second request, and each query is counted anew after two seconds only."""

    every = 2

    def __init__(self) -> None:
        super().__init__()
        self.counted: dict[tuple[tuple[str, str], ...], tuple[float, int]] = {}

    def total(self, ask: Ask, rows: Rows) -> int:
        key = tuple(sorted(pair for pair in ask.pairs if pair[0] not in ("page", "page_size")))
        at, total = self.counted.get(key, (0.0, 0))
        if time.monotonic() - at > 2:
            total = super().total(ask, rows)
            self.counted[key] = time.monotonic(), total
        return total


@stranger("honest")
class MarkupErrors(Counting):
    """A gateway refuses tokens with a page of HTML, and the application behind it refuses pages with XML."""

    def error(self, status: int, code: str) -> Reply:
        if status == 400:
            body = f'<?xml version="1.0"?><fault><code>{code}</code></fault>'
            return Reply(400, [("Content-Type", "application/xml; charset=utf-8")], body.encode())
        body = f"<html><head><title>{status}</title></head><body><hr>gateway</body></html>\r\n"
        headers = [("Content-Type", "text/html"), ("Server", "gateway")]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Bearer realm="logs", error="invalid_token"'))
        return Reply(status, headers, body.encode())


@stranger("honest")
class ParametersBeforeToken(Base):
    """Looks at the parameters before the token, so that a wrong page without a token is 400."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = self.listing(ask)
        return reply if reply.status == 400 else super().refusal(ask)


@stranger("honest")
class NoHead(Counting):
    """Knows GET and OPTIONS and answers 405 to HEAD."""

    def answer(self, ask: Ask) -> Reply:
        if ask.method == "HEAD":
            return Reply(405, [("Allow", "GET, OPTIONS")])
        return super().answer(ask)

    def other_method(self, ask: Ask) -> Reply:
        if ask.method == "OPTIONS":
            return Reply(200, [("Allow", "GET, OPTIONS")])
        return Reply(405, [("Allow", "GET, OPTIONS")])


@stranger("honest")
class HypermediaMembers(Base):
    """Logs carry more members than the document names: links, a type, a version, and nulls among them."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] |= {"geo": None, "tags": [], "riskScore": number % 100 / 100}
        links = {"self": {"href": f"/api/logs/{log['id']}"}}
        return {"@type": "Log", **log, "_links": links, "deletedAt": None, "version": number}


@stranger("honest")
class ExpressLike(Linked, Single):
    """Total-Number, Link, one log by its id, a weak tag of each body, and 304 to who brings that tag back."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [("X-Powered-By", "Express"), ("Vary", "Accept-Encoding")]
        if reply.status == 200:
            tag = f'W/"{len(reply.body):x}-{hashlib.sha1(reply.body).hexdigest()[:27]}"'
            reply.headers.append(("ETag", tag))
            sent = [part.strip().removeprefix("W/") for part in ask.headers.get("if-none-match", "").split(",")]
            if "*" in sent or tag.removeprefix("W/") in sent:
                reply.status = 304
                reply.headers = [pair for pair in reply.headers if pair[0] != "Content-Type"]
        return reply


@stranger("honest")
class FiveEach(Base):
    """A connection is closed after the answer to every fifth request, and the answer says so."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.close = self.asked % 5 == 0
        if not reply.close:
            reply.headers.append(("Keep-Alive", "timeout=5, max=5"))
        return reply


@stranger("honest")
class SecondOldPerToken(Growing):
    """A log is written at every third request, and a cache gives each caller its own lists again for one second."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], tuple[float, Reply]] = {}

    def answer(self, ask: Ask) -> Reply:
        key = ask.headers.get("authorization", ""), ask.target
        at, kept = self.kept.get(key, (0.0, None))
        if kept is not None and ask.method == "GET" and time.monotonic() - at < 1:
            return dataclasses.replace(kept, headers=[*kept.headers, ("Age", "0"), ("X-Cache", "HIT")])
        reply = super().answer(ask)
        if reply.status == 200 and ask.method == "GET":
            reply.headers += [("Cache-Control", "private, max-age=1"), ("Vary", "Authorization")]
            self.kept[key] = time.monotonic(), reply
        return reply


@stranger("honest")
class DoubleCreated(Counting):
    """Holds createdAt as a double and writes it with an exponent, as `1.760000060001E12`."""

    def dumps(self, rows: Rows) -> bytes:
        def scientific(found: re.Match[str]) -> str:
            digits = found[2]
            return f"{found[1]}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 1}"

        text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        return re.sub(r'("createdAt":)([0-9]+)', scientific, text).encode()


@stranger("honest")
class BackslashedSlashes(Base):
    """Writes JSON in ASCII with escaped slashes, a line feed before it and blanks behind it."""

    def dumps(self, rows: Rows) -> bytes:
        return b"\n" + json.dumps(rows).replace("/", "\\/").encode() + b" \r\n\t"


@stranger("honest")
class ShoutedType(Base):
    """Header names and the media type are in capitals, the charset is quoted, and the status line has no reason."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers = [
            (name.upper(), 'APPLICATION/JSON ; Charset="UTF-8"' if "json" in value else value)
            for name, value in reply.headers
        ]
        reply.raw = reply.on_wire(ask.method).replace(b" Reason\r\n", b" \r\n", 1)
        return reply


@stranger("honest")
class SameInstant(Counting):
    """All logs came by one import and share their createdAt; their order is always the same."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "createdAt": NEWEST}


@stranger("honest")
class WideIds(Base):
    """Ids are 21 characters beyond the first plane of Unicode, keys have up to 128, and the tenant has no name."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        identity = "".join(chr(0x1F400 + int(digit, 16)) for digit in log["id"])
        key = f"{log['key']}.".ljust(128, "é") if number % 4 == 0 else log["key"]
        log["payload"]["key"] = key
        return {**log, "tenantId": "", "id": identity, "key": key}


@stranger("honest")
class UrlLikeUsers(Counting):
    """User and application ids are full of characters that a query must escape, and each of them can be filtered by."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        users = ("a&b=c#d", "u 1", "%41", "null", "0", "naïve-✓", "x;y", "a+b", 'it\'s "q"', "c:\\d", "[1]", "😀")
        if "userId" in log["payload"]:
            log["payload"]["userId"] = users[number % 12]
        if "applicationId" in log["payload"]:
            log["payload"]["applicationId"] = f"https://app{number % 5}.example/?a=1&b=%20#top"
        return log


@stranger("honest")
class SixtyLevels(Base):
    """Params are 60 levels deep and hold numbers beyond 64 bits; an error may be an empty text or an empty object."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        params: dict[str, Any] = {"big": 2**80 + number, "small": 5e-320, "text": "\u0000\u2028"}
        for level in range(60):
            params = {f"level{level}": params, "list": [[]]}
        log["payload"]["params"] = params
        if number % 11 == 0:
            log["payload"]["error"] = {} if number % 2 else ""
        return log


@stranger("honest")
class OpaqueToken(Base):
    """The token is no JWT but sixty letters with the other signs that a bearer token may have."""

    token = "v2.mgmt~Aa0-_" + "kQ7+/zX" * 6 + "rT9=="
    forbidden_token = "v2.none~Bb1-_" + "mW3+/yP" * 6 + "sU8=="
