"""The eleventh batch: servers that are unusual and right."""

from __future__ import annotations

import hashlib
import json
import time
from email.utils import formatdate, parsedate_to_datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger
from tests.strangers.batch_eleven_more import ById, Counted

Rows = list[dict[str, Any]]


@stranger("honest")
class LinksToPublicName(Counted):
    """Link begins with the public name of the deployment, whatever Host says."""

    host = "https://logs.example"


@stranger("honest")
class FortyLogs(Counted):
    """Forty logs are two full pages; the third page is empty and knows the second."""

    count = 40


@stranger("honest")
class OddlySpelledType(Base):
    """The media type has capitals, a tab, and a quoted parameter, all of which HTTP allows."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            reply.headers = [("CONTENT-TYPE", '\tApplication/JSON\t; Charset="UTF-8"  ')]
        return reply


@stranger("honest")
class LooselyTyped(Base):
    """JSON with blanks, tabs and line breaks wherever JSON allows them, in front and behind as well."""

    def dumps(self, rows: Rows) -> bytes:
        return b"\r\n\t " + json.dumps(rows, indent="\t", separators=(" ,", "\t: ")).encode() + b" \n\r\n"


class Named(Base):
    """Other users."""

    names: tuple[str, ...]

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if "userId" in log["payload"]:
            log["payload"]["userId"] = self.names[number * 7 % 23 % len(self.names)]
        return log


@stranger("honest")
class LookalikeUsers(Named):
    """Users differ by case, by a blank at an end, or by what a pattern would match; the filter tells all apart."""

    names = ("a_b", "axb", "A_B", "a%b", "a_bc", "a", "a_b ", " a_b", "a+b", "a b", "a-b")


@stranger("honest")
class WordsForUsers(Named):
    """Users have names that programs take for something else, such as `null`, `0` and `01`."""

    names = ("null", "undefined", "true", "0", "01", "1", "1.0", "1e0", "NaN", "[]", "*", "a,b", "$ne")


@stranger("honest")
class TwoSpellings(Named):
    """Users whose names look alike in Unicode, composed or not, are different users."""

    names = ("Zo\u00e9", "Zoe\u0301", "Zoe", "stra\u00dfe", "strasse", "\ufb01nn", "finn", "\u212a", "K", "\u200bK")


@stranger("honest")
class JoinsRepeats(Base):
    """A filter that is given twice is one text with a comma in it; a page that is given twice is no number."""

    def listing(self, ask: Ask) -> Reply:
        joined: dict[str, str] = {}
        for name, value in ask.pairs:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return super().listing(Ask(ask.method, ask.path, list(joined.items()), ask.headers, ask.target))


@stranger("honest")
class RefusesBrokenText(Base):
    """A query whose bytes are no UTF-8 is refused with 400, even in a parameter that nobody knows."""

    def listing(self, ask: Ask) -> Reply:
        try:
            unquote_to_bytes(ask.target).decode()
        except UnicodeDecodeError:
            return self.error(400, "bad_encoding")
        return super().listing(ask)


@stranger("honest")
class EveryCondition(Base):
    """ETag and Last-Modified, with lists of tags, weak tags, `*` and If-Modified-Since as HTTP wants them."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        tag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
        changed = max([log["createdAt"] for log in json.loads(reply.body)], default=self.logs[0]["createdAt"]) // 1000
        reply.headers += [("ETag", tag), ("Last-Modified", formatdate(changed, usegmt=True))]
        reply.headers.append(("Cache-Control", "private, no-cache"))
        tags, since = ask.headers.get("if-none-match"), ask.headers.get("if-modified-since")
        if tags is not None:
            listed = [part.strip().removeprefix("W/") for part in tags.split(",")]
            same = tag in listed or listed == ["*"]
        else:
            same = since is not None and self.moment(since) >= changed
        if same:
            reply.status = 304
        return reply

    def moment(self, text: str) -> float:
        try:
            return parsedate_to_datetime(text).timestamp()
        except ValueError:
            return 0


@stranger("honest")
class ZeroPaddedChunks(Base):
    """Chunks have sizes of eight digits in capitals, and the coding is spelled `Chunked`."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method == "HEAD" or reply.status != 200:
            return reply
        pieces = [reply.body[at : at + 1021] for at in range(0, len(reply.body), 1021)]
        body = b"".join(b"%08X\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"00000000\r\n\r\n"
        head = "".join(f"{name}: {value}\r\n" for name, value in [*reply.headers, ("transfer-encoding", "Chunked")])
        reply.raw = b"HTTP/1.1 200 OK\r\n" + head.encode() + b"\r\n" + body
        return reply


@stranger("honest")
class DescribedByOptions(Base):
    """OPTIONS, with a token, is a description in JSON; refusals have HTML, and a challenge that says what was wrong."""

    def other_method(self, ask: Ask) -> Reply:
        refused = self.refusal(ask)
        if refused is not None or ask.method != "OPTIONS":
            return refused or super().other_method(ask)
        body = json.dumps({"name": "Log List", "renders": ["application/json"], "parses": []}).encode()
        return Reply(200, [("Allow", "GET, HEAD, OPTIONS"), ("Content-Type", "application/json")], body)

    def error(self, status: int, code: str) -> Reply:
        return Reply(status, [("Content-Type", "text/html")], f"<h1>{status}</h1><p>{code}</p>".encode())

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None:
            said = 'Bearer realm="logs", error="insufficient_scope", scope="all"' if reply.status == 403 else "Bearer"
            reply.headers.append(("WWW-Authenticate", said))
        return reply


@stranger("honest")
class PointZero(Base):
    """The times are whole numbers that are written with `.0`, as floating numbers are."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": float(log["createdAt"])}


@stranger("honest")
class ThirdReplicaFarBehind(Base):
    """Every third request meets a replica that lacks the newest 150 logs."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        newest = {log["id"] for log in self.logs[:150]} if self.asked % 3 == 0 else set()
        return [row for row in rows if row["id"] not in newest]


@stranger("honest")
class LosesUsersSlowly(Base):
    """At every fifth request another log loses its user for good, and says since when."""

    def select(self, ask: Ask) -> Rows:
        with self.lock:
            if self.asked % 5 == 0:
                log = self.logs[self.asked // 5 * 7 % len(self.logs)]
                rest = {name: value for name, value in log["payload"].items() if name != "userId"}
                log["payload"] = {**rest, "anonymizedAt": "2026-01-01T00:00:00Z"}
        return super().select(ask)


@stranger("honest")
class TotalEveryTwoSeconds(Base):
    """A log arrives at every tenth request, and each total is counted anew when it is two seconds old."""

    def __init__(self) -> None:
        super().__init__()
        self.totals: dict[tuple[tuple[str, str], ...], tuple[float, int]] = {}

    def select(self, ask: Ask) -> Rows:
        with self.lock:
            if self.asked % 10 == 0:
                self.logs = [self.log(len(self.logs)), *self.logs]
        return super().select(ask)

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            key = tuple(sorted(pair for pair in ask.pairs if pair[0] in FILTERS))
            counted, total = self.totals.get(key, (0.0, 0))
            if time.monotonic() - counted > 2:
                total = len(super().select(ask))
                self.totals[key] = time.monotonic(), total
            reply.headers.append(("Total-Number", str(total)))
        return reply


@stranger("honest")
class TalkativeEdge(Base):
    """A proxy adds a policy of five kilobytes, three cookies, repeated headers, and one with an empty value."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        policy = "; ".join(["default-src 'none'", *(f"img-src-{n} https://img{n}.example" for n in range(140))])
        reply.headers += [("Content-Security-Policy", policy), ("X-Empty", ""), ("Via", "1.1 a, 1.1 b"), ("Via", "2 c")]
        reply.headers += [("Set-Cookie", f"c{n}=v; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT") for n in range(3)]
        reply.headers += [
            ("Server-Timing", "db;dur=1.5"),
            ("Alt-Svc", 'h3=":443"; ma=60'),
            ("Keep-Alive", "timeout=19"),
        ]
        return reply


@stranger("honest")
class CaseOnlyIds(ById, Counted):
    """Two logs at a time have ids that differ by the case of one letter; each is found by its own."""

    def log(self, number: int) -> dict[str, Any]:
        log, older = super().log(number), super().log(number // 2)
        return {**log, "id": older["id"][:20] + "Xx"[number % 2]}
