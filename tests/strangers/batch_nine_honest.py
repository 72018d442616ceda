"""The ninth batch, blind: strangers that are unusual and right."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any
from urllib.parse import unquote

from tests.strangers.base import Ask, Base, Reply, jwt, stranger
from tests.strangers.batch_nine_more import Counting

Rows = list[dict[str, Any]]


class Live(Counting):
    """A new log comes in at every `pace`th request."""

    pace = 4

    def answer(self, ask: Ask) -> Reply:
        if self.asked % self.pace == self.pace - 1:
            with self.lock:
                self.logs = [self.log(self.count), *self.logs]
                self.count += 1
        return super().answer(ask)


@stranger("honest")
class LiveTraffic(Live):
    """New logs come in while it is read, one at every fourth request, and Total-Number counts them at once."""


@stranger("honest")
class DocumentStore(Base):
    """Logs come as the document store keeps them, with `_id`, `__v`, tags and a null beside the known members."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        payload = {"tags": [], "retriedAt": None, **dict(reversed(log["payload"].items()))}
        more = {"_id": {"$oid": f"{number:024x}"}, "__v": 0, "expiresAt": None}
        return {**more, **dict(reversed(log.items())), "payload": payload}


@stranger("honest")
class DoubleTimes(Base):
    """Times are doubles and are written with an exponent, as in 1.760000000001E12."""

    def dumps(self, rows: Rows) -> bytes:
        def written(found: re.Match[bytes]) -> bytes:
            return b'"createdAt": ' + f"{int(found[1]):.12E}".replace("E+", "E").encode()

        return re.sub(rb'"createdAt": (\d+)', written, super().dumps(rows))


@stranger("honest")
class EscapingStack(Base):
    """Escapes slashes and everything beyond ASCII in JSON, and takes opaque tokens with every sign they may have."""

    token = "mF_9.B5f-4.1JqM~x/Z+aR5k=="
    forbidden_token = "mF_9.B5f-4.1JqM~x/Z+aR6k=="

    def dumps(self, rows: Rows) -> bytes:
        return json.dumps(rows, separators=(",", ":")).replace("/", "\\/").encode()


@stranger("honest")
class ColdStart(Base):
    """The first answer takes three seconds, as a function that wakes up; each sixtieth takes one."""

    def answer(self, ask: Ask) -> Reply:
        if self.asked == 0:
            time.sleep(3)
        elif self.asked % 60 == 0:
            time.sleep(1)
        return super().answer(ask)


@stranger("honest")
class SlashRedirect(Base):
    """The path with a slash at its end redirects to the path; every answer allows browsers of any origin."""

    def answer(self, ask: Ask) -> Reply:
        if ask.path == "/api/logs/":
            target = "/api/logs" + ask.target[len(ask.path) :]
            return Reply(308, [("Location", target), ("Content-Type", "text/plain")], b"Permanent Redirect")
        reply = super().answer(ask)
        reply.headers += [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*")]
        return reply

    def other_method(self, ask: Ask) -> Reply:
        reply = super().other_method(ask)
        if ask.method == "OPTIONS":
            allowed = [("Methods", "GET, HEAD"), ("Headers", "Authorization, If-None-Match"), ("Max-Age", "600")]
            reply.headers += [
                (f"Access-Control-{'' if name == 'Max-Age' else 'Allow-'}{name}", v) for name, v in allowed
            ]
        return reply


@stranger("honest")
class ThreeAConnection(Base):
    """Announces how long a connection is kept, and says goodbye at every third answer."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if self.asked % 3 == 0:
            reply.close = True
        else:
            reply.headers += [("Connection", "Keep-Alive"), ("Keep-Alive", "timeout=5, max=3")]
        return reply


@stranger("honest")
class WithDetail(Base):
    """Shows a single log by its id to those who may read, with more members than the list gives it."""

    def answer(self, ask: Ask) -> Reply:
        start, _, identity = ask.path.rpartition("/")
        if start != "/api/logs" or ask.method not in ("GET", "HEAD"):
            return super().answer(ask)
        if (refused := self.refusal(ask)) is not None:
            return refused
        found = next((log for log in self.logs if log["id"] == unquote(identity)), None)
        if found is None:
            return self.error(404, "entity.not_exists_with_id")
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        return Reply(200, headers, json.dumps({**found, "links": {"list": "/api/logs"}}).encode())


@stranger("honest")
class GatewayErrors(Base):
    """Refusals are HTML in Latin-1 with two challenges at 401 and a reason at 403; HEAD is 405."""

    def answer(self, ask: Ask) -> Reply:
        if ask.method == "HEAD":
            return Reply(405, [("Allow", "GET, OPTIONS"), ("Content-Type", "text/plain")], b"Method Not Allowed")
        return super().answer(ask)

    def error(self, status: int, code: str) -> Reply:
        headers = [("Content-Type", "text/html; charset=iso-8859-1")]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Basic realm="staff", Bearer realm="logs", error="invalid_token"'))
        if status == 403:
            headers.append(("WWW-Authenticate", 'Bearer error="insufficient_scope", scope="all"'))
        return Reply(status, headers, f"<h1>{status}</h1><p>Accès refusé</p>".encode("latin-1"))


@stranger("honest")
class SharedTags(Live):
    """A strong tag of the bytes, for HEAD too; If-None-Match takes lists, weak forms and the asterisk."""

    pace = 9

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            tag = f'"{hashlib.sha256(reply.body).hexdigest()[:24]}"'
            reply.headers += [("ETag", tag), ("Cache-Control", "private, no-cache")]
            given = [part.strip().removeprefix("W/") for part in ask.headers.get("if-none-match", "").split(",")]
            if tag in given or given == ["*"]:
                reply.status = 304
        return reply


@stranger("honest")
class CountedNowAndThen(Live):
    """Counts the matches of a query every five seconds at most; Total-Number may be that old."""

    pace = 6

    def __init__(self) -> None:
        super().__init__()
        self.totals: dict[tuple[tuple[str, str], ...], tuple[float, int]] = {}

    def total(self, ask: Ask, rows: Rows) -> int:
        query = tuple(pair for pair in ask.pairs if pair[0] not in ("page", "page_size"))
        then, total = self.totals.get(query, (0.0, 0))
        if time.monotonic() - then > 5 or query not in self.totals:
            total = super().total(ask, rows)
            self.totals[query] = time.monotonic(), total
        return total


@stranger("honest")
class ReasonLeftOut(Base):
    """No reason behind the status, tabs and blanks around the values of headers, a media type in capitals."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return Reply(
            200, [("CONTENT-TYPE", 'Application/JSON;Charset="UTF-8"')], b"\r\n\t " + self.dumps(rows) + b"\n\n"
        )

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers = [(name, f"\t{value} \t") for name, value in reply.headers]
        head, _, rest = reply.on_wire(ask.method).partition(b" Reason\r\n")
        reply.raw = head + b" \r\n" + rest
        return reply


@stranger("honest")
class SerialIds(Base):
    """Ids are the numbers of rows, as text of one to three digits; there is one tenant, and it has no name."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "id": str(number + 1), "tenantId": ""}


@stranger("honest")
class OddUsers(Base):
    """Users whose names differ by case, accents or blanks alone, or hold quotes, signs of URLs, emoji or much text."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        users = ("ivo", "Ivo", " ivo", "ivo ", "ïvo", "i\u0308vo", "o'ivo\"", "a&b=c#d?e;f,g", "\U0001f98a", "%20",
                 "null", "0", "-1", "true", "\\", "<b>", "[]", "i" * 300, "i" * 301)  # fmt: skip
        if "userId" in log["payload"]:
            log["payload"]["userId"] = users[number % len(users)]
        if number % 10 == 0:
            log["key"] = log["payload"]["key"] = "Interaction." + "x" * (115 + number % 20 // 10)
        return log


@stranger("honest")
class NobodySignsIn(Base):
    """No person ever signs in here: no log has a user, all have one key, and two programs share them."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        key = "ExchangeTokenBy.ClientCredentials"
        log["payload"].pop("userId", None)
        log["payload"] |= {"key": key, "applicationId": f"m2m-{number % 5 // 4}"}
        return {**log, "key": key}


@stranger("honest")
class LaggingReplica(Counting):
    """Every third request goes to a replica that has not heard of the newest 25 logs yet."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        if self.asked % 3:
            return rows
        missing = {log["id"] for log in self.logs[:25]}
        return [row for row in rows if row["id"] not in missing]


@stranger("honest")
class MicroCache(Live):
    """The same request with the same token within two seconds gets the same answer once more, with its age."""

    pace = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, ...], tuple[float, list[tuple[str, str]], bytes]] = {}

    def answer(self, ask: Ask) -> Reply:
        request = ask.method, ask.target, ask.headers.get("authorization", "")
        then, headers, body = self.kept.get(request, (0.0, [], b""))
        age = time.monotonic() - then
        if request in self.kept and age < 2:
            return Reply(200, [*headers, ("Age", str(int(age))), ("X-Cache", "HIT")], body)
        reply = super().answer(ask)
        if reply.status == 200:
            self.kept[request] = time.monotonic(), list(reply.headers), reply.body
        return reply


@stranger("honest")
class BigPayloads(Base):
    """Logs of some kilobytes, with parameters thirty levels deep, numbers no double can hold, and odd names."""

    count = 130
    token = jwt("openid all profile")
    forbidden_token = jwt("openid profile")

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        deep: dict[str, Any] = {"end": None}
        for level in range(30):
            deep = {f"level {level}": deep, "": [level, 2**70 + number, -0.0, 1e300]}
        log["payload"] |= {"params": deep, "__proto__": {"x": 1}, "body": "Lorem ipsum\u2028\u0007 " * 200}
        return log
