"""The twelfth batch: strangers that are unusual and right."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any
from urllib.parse import unquote, urlencode

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("honest")
class ChallengeOnly(Base):
    """Refusals have no body; 401 has two challenges and 403 names the scope that is missing."""

    def error(self, status: int, code: str) -> Reply:
        more = {
            401: [("WWW-Authenticate", 'Bearer realm="logs", error="invalid_token"'), ("WWW-Authenticate", "DPoP")],
            403: [("WWW-Authenticate", 'Bearer error="insufficient_scope", scope="all"')],
        }
        return Reply(status, more.get(status, []))


@stranger("honest")
class RisingTimes(Base):
    """Lists the oldest log first, always in the same order."""

    def __init__(self) -> None:
        super().__init__()
        self.logs = self.logs[::-1]


@stranger("honest")
class BusyTenant(Base):
    """At every fourth request a new log has been written, in front of the others."""

    def select(self, ask: Ask) -> Rows:
        with self.lock:
            if self.asked % 4 == 0:
                self.logs = [self.log(len(self.logs)), *self.logs]
        return super().select(ask)


@stranger("honest")
class ThirdReplicaLags(Base):
    """Every third request meets a replica that lacks the newest 37 logs."""

    def select(self, ask: Ask) -> Rows:
        late = {log["id"] for log in self.logs[:37]} if self.asked % 3 == 0 else set()
        return [log for log in super().select(ask) if log["id"] not in late]


@stranger("honest")
class FractionsOfMilliseconds(Base):
    """createdAt has microseconds behind the point, as a number may."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": log["createdAt"] + number * 37 % 1000 / 1000}


@stranger("honest")
class ScientificTimes(Base):
    """Writes createdAt with an exponent, as encoders of floating numbers do: 1.760000000000E+12."""

    def dumps(self, rows: Rows) -> bytes:
        return re.sub(rb'(?<="createdAt": )[0-9]+', lambda at: b"%.12E" % int(at[0]), super().dumps(rows))


@stranger("honest")
class CrowdedHead(Base):
    """Quotes the charset, and passes two proxies that each leave headers, some of them twice or empty."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return Reply(200, [("Content-Type", 'application/json;charset="UTF-8"')], self.dumps(rows))

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [
            ("Via", "1.1 inner"), ("Via", "1.1 outer.example"), ("X-Debug", ""), ("RateLimit-Limit", "100, 100;w=60"),
            ("RateLimit-Remaining", "99"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/; SameSite=Lax"),
            ("Server-Timing", 'db;dur=1.5, app;desc="All, of it";dur=3'), ("Vary", "Accept"), ("Vary", "Authorization"),
            ("Cache-Control", "no-store, private"), ("Alt-Svc", 'h3=":443"; ma=60'), ("Content-Language", "en"),
        ]  # fmt: skip
        return reply


@stranger("honest")
class LinksToCanonicalName(Base):
    """Link leads to the canonical name of the deployment, which is not the host that was asked."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        page, size = int(ask.first("page") or 1), int(ask.first("page_size") or 20)
        total = len(self.select(ask))
        last = max(1, -(-total // size))
        pages = {"first": 1, "last": last}
        if page > 1:
            pages["prev"] = page - 1
        if page < last:
            pages["next"] = page + 1
        kept = [(name, value) for name, value in ask.pairs if name != "page"]
        for name, to in pages.items():
            link = f"https://logs.example/api/logs?{urlencode([*kept, ('page', str(to))])}"
            reply.headers.append(("Link", f'<{link}>; rel="{name}"'))
        reply.headers.append(("Total-Number", str(total)))
        return reply


@stranger("honest")
class BulkImport(Base):
    """Logs were imported by twenty-five and share the time of their import; among themselves their order is fixed."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": super().log(number // 25 * 25)["createdAt"]}


@stranger("honest")
class SameTwiceIsOnce(Base):
    """A parameter that comes twice with the same value counts once; with two values it is refused."""

    def listing(self, ask: Ask) -> Reply:
        once = Ask(ask.method, ask.path, list(dict.fromkeys(ask.pairs)), ask.headers, ask.target)
        return super().listing(once)


@stranger("honest")
class EndlessPages(Base):
    """Has no limit for page and page_size, however many digits they have."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()):
            raise ValueError(name)
        digits = text.lstrip("0")
        if digits == "":
            raise ValueError(name)
        return int(digits[:4000])


@stranger("honest")
class OpaqueTokens(Base):
    """Its tokens are no JWTs and use every character that a bearer token may have."""

    token = "Zm9v.b-a_r~9+/Qx=="
    forbidden_token = "Zm9v.n-o_n~7+/wx=="


@stranger("honest")
class OneLogById(Base):
    """Shows single logs with an ETag, and answers 404 with code, message and data to an id that it does not know."""

    def answer(self, ask: Ask) -> Reply:
        if not ask.path.startswith("/api/logs/") or ask.path == "/api/logs/":
            return super().answer(ask)
        if ask.method not in ("GET", "HEAD"):
            return self.other_method(ask)
        return self.refusal(ask) or self.single(ask, unquote(ask.path[10:]))

    def single(self, ask: Ask, identity: str) -> Reply:
        for log in self.logs:
            if log["id"] == identity:
                body = json.dumps(log).encode()
                return Reply(200, [("Content-Type", "application/json"), ("ETag", f'"{zlib.crc32(body):x}"')], body)
        return self.error(404, "entity.not_exists_with_id")

    def error(self, status: int, code: str) -> Reply:
        body = json.dumps({"code": code, "message": code.replace("_", " "), "data": {"status": status}})
        return Reply(status, [("Content-Type", "application/json")], body.encode())


@stranger("honest")
class AtTheBounds(Base):
    """Its tenant has the empty name, its ids are short numbers, and each key is 128 characters long."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        key = (log["key"] + "." + "Step" * 32)[:128]
        return {**log, "tenantId": "", "id": str(number), "key": key, "payload": {**log["payload"], "key": key}}


@stranger("honest")
class TagsOfContent(Base):
    """Tags each list, compares tags weakly in lists of any length, and takes the star for any tag."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        tag = f'"{len(reply.body):x},{zlib.crc32(reply.body):x}"'
        reply.headers += [("ETag", tag), ("Cache-Control", "private, max-age=0, must-revalidate")]
        wanted = ask.headers.get("if-none-match", "")
        if wanted.strip() == "*" or tag in re.findall(r'"[^"]*"', wanted):
            return Reply(304, [pair for pair in reply.headers if pair[0] != "Content-Type"])
        return reply


@stranger("honest")
class PaddedChunks(Base):
    """Chunk sizes are upper-case with zeros in front, the reason is empty, and no blank stands behind a colon."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        headers = [*reply.headers, ("Transfer-Encoding", "chunked")]
        head = f"HTTP/1.1 {reply.status} \r\n" + "".join(f"{name}:{value}\r\n" for name, value in headers) + "\r\n"
        pieces = [reply.body[at : at + 1500] for at in range(0, len(reply.body), 1500)]
        body = b"".join(b"%08X\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0000\r\n\r\n"
        reply.raw = head.encode() + (b"" if ask.method == "HEAD" else body)
        return reply


@stranger("honest")
class ServicesAlone(Base):
    """No log has a user or an application, and payloads hold little beyond key and result."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        kept = ("key", "result", "error")
        return {**log, "payload": {name: value for name, value in log["payload"].items() if name in kept}}


@stranger("honest")
class OnlyGet(Base):
    """405 to every method but GET, HEAD among them, and blank lines around each list."""

    def answer(self, ask: Ask) -> Reply:
        if ask.path == "/api/logs" and ask.method != "GET":
            return Reply(405, [("Allow", "GET"), ("Content-Type", "text/plain")], b"only GET\n")
        return super().answer(ask)

    def dumps(self, rows: Rows) -> bytes:
        return b"\r\n \t" + super().dumps(rows) + b"\r\n\r\n"
