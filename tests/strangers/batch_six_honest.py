"""The sixth batch, the honest part: servers that keep the document, with rare data and the habits of other stacks."""

from __future__ import annotations

import json
import re
import time
import zlib
from typing import Any

from tests.strangers.base import Ask, Base, Reply, made_log, stranger
from tests.strangers.batch_two import Counted

Rows = list[dict[str, Any]]


@stranger("honest")
class ReadsAreLogged(Counted):
    """Each list that is read writes a log of its own, so that no two lists are alike."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200:
            with self.lock:
                self.logs = [made_log(len(self.logs)), *self.logs]
        return reply


@stranger("honest")
class AsDotNet(Base):
    """Types have parameters of their own, 401 has two challenges and no body, errors are problems with a trace."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        kind = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"
        return Reply(200, [("Content-Type", kind), ("api-supported-versions", "1.0, 2.0")], self.dumps(rows))

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [
            ("Server", "Kestrel"),
            ("Request-Context", "appId=cid-v1:0"),
            ("Date", "Fri, 01 May 2026 08:00:00 GMT"),
        ]
        reply.chunked = reply.status == 200 and ask.method == "GET"
        return reply

    def error(self, status: int, code: str) -> Reply:
        if status == 401:
            return Reply(401, [("WWW-Authenticate", 'DPoP algs="ES256", Bearer error="invalid_token"')])
        errors = {"page": [f"The value is not valid: {code}."]}
        body = {"type": "about:blank", "title": code, "status": status, "errors": errors, "traceId": "00-ab-cd-00"}
        return Reply(status, [("Content-Type", "application/problem+json; charset=utf-8")], json.dumps(body).encode())


@stranger("honest")
class AsDjango(Counted):
    """Allow and Vary stand on each answer, OPTIONS is a 200 that describes the list, and errors have a `detail`."""

    def answer(self, ask: Ask) -> Reply:
        reply = super().answer(ask)
        reply.headers = [header for header in reply.headers if header[0] != "Allow"]
        reply.headers += [("Allow", "GET, HEAD, OPTIONS"), ("Vary", "Accept, Cookie"), ("X-Frame-Options", "DENY")]
        return reply

    def other_method(self, ask: Ask) -> Reply:
        if ask.method != "OPTIONS":
            return self.error(405, f'Method "{ask.method}" not allowed.')
        about = {"name": "Log List", "description": "", "renders": ["application/json"], "parses": []}
        return Reply(200, [("Content-Type", "application/json")], json.dumps(about).encode())

    def error(self, status: int, code: str) -> Reply:
        more = [("WWW-Authenticate", 'Bearer realm="api"')] if status == 401 else []
        return Reply(status, [("Content-Type", "application/json"), *more], json.dumps({"detail": code}).encode())


@stranger("honest")
class Twins(Counted):
    """All 45 logs are alike, their times too: they differ in their ids alone, and stand in an order that holds."""

    count = 45

    def log(self, number: int) -> dict[str, Any]:
        return made_log(1) | {"id": made_log(number)["id"]}


@stranger("honest")
class HeavyLogs(Base):
    """There are 24 logs, and each has 40 kB."""

    count = 24

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"]["params"] = {"assertion": f"{number:02x}-" * 13_000, "steps": list(range(number * 10))}
        return log


@stranger("honest")
class ErrorsOnly(Counted):
    """Nothing ever succeeds here: errors are objects, empty objects, texts, empty texts, or not told."""

    count = 120

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"].pop("error", None)
        errors = [{}, "", "invalid_grant: used", {"code": None, "data": [], "message": {"": 1}}, '{"code":"x"}']
        log["payload"] |= {"result": "Error"} | ({"error": errors[number % 6]} if number % 6 < 5 else {})
        return log


@stranger("honest")
class EmptyTexts(Counted):
    """Some logs have an empty userId, applicationId, ip or session. An empty filter does not filter."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        empty = ("userId", "applicationId", "ip", "sessionId", "userAgent")
        log["payload"] |= {name: "" for at, name in enumerate(empty) if (number + at) % 4 == 0}
        log["payload"]["injectedHeaders"] = {"": "", "country": ""}
        return log


@stranger("honest")
class GzipInChunks(Counted):
    """Compresses a list while it is made: each kilobyte is flushed into a chunk of its own, and HEAD stays plain."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("Vary", "Accept-Encoding"))
        taken = [part.replace(" ", "").lower() for part in ask.headers.get("accept-encoding", "").split(",")]
        wanted = any(re.fullmatch(r"gzip(;q=(1(\.0*)?|0\.0*[1-9]\d*))?", part) for part in taken)
        if not wanted or ask.method == "HEAD" or reply.status != 200:
            return reply
        pack = zlib.compressobj(wbits=31)
        parts = [reply.body[at : at + 1024] for at in range(0, len(reply.body), 1024)]
        chunks = [pack.compress(part) + pack.flush(zlib.Z_SYNC_FLUSH) for part in parts] + [pack.flush()]
        headers = [*reply.headers, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
        head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
        body = b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        reply.raw = head.encode() + body + b"0\r\n\r\n"
        return reply


@stranger("honest")
class BadTokensThrottled(Base):
    """Takes 25 bad tokens in each second, and answers further ones 429 with `Retry-After: 1`. Good ones are free."""

    second, bad = 0, 0

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is None or reply.status != 401:
            return reply
        with self.lock:
            now = int(time.monotonic())
            self.second, self.bad = now, (self.bad if self.second == now else 0) + 1
            throttled = self.bad > 25
        if throttled:
            return Reply(429, [("Retry-After", "1"), ("Content-Type", "text/plain")], b"Too many attempts")
        return reply


@stranger("honest")
class BareLogs(Base):
    """Each payload has a key and a result and nothing else: no user, no application, no address."""

    count = 90

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        return log | {"payload": {name: log["payload"][name] for name in ("key", "result")}}


@stranger("honest")
class DeployedMeanwhile(Base):
    """After eighty requests a new release answers: other headers, another JSON, one member more, tags and other errors.

    It takes back its tags, and answers 304 to them.
    """

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if self.asked <= 80:
            return super().shown(ask, rows)
        body = json.dumps([log | {"release": "2.0"} for log in rows], separators=(",", ":"), sort_keys=True).encode()
        tag = f'"{len(body):x}-{zlib.crc32(body):08x}"'
        sent = {part.strip().removeprefix("W/") for part in ask.headers.get("if-none-match", "").split(",")}
        headers = [("content-type", "application/json"), ("etag", tag), ("cache-control", "private, no-cache")]
        return Reply(304 if sent & {tag, "*"} else 200, headers, body)

    def error(self, status: int, code: str) -> Reply:
        if self.asked <= 80:
            return super().error(status, code)
        return Reply(status, [("content-type", "text/plain; charset=utf-8")], f"{code}\n".encode())


@stranger("honest")
class NothingTwice(Counted):
    """No two logs share a user, an application or a key: each filter finds one log or none."""

    count = 75

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"] |= {"userId": f"u{number}", "applicationId": f"a{number}", "key": f"Interaction.Step{number}"}
        return log | {"key": log["payload"]["key"]}
