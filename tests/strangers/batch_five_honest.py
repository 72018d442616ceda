"""The fifth batch, the honest part: servers that keep the document, each with a habit that is rare and right."""

from __future__ import annotations

import gzip
import io
import json
import re
import time
import zlib
from email.utils import formatdate, parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from tests.strangers.base import Ask, Base, Reply, made_log, stranger
from tests.strangers.batch_five_more import ById
from tests.strangers.batch_two import Counted

Rows = list[dict[str, Any]]


@stranger("honest")
class SlashRedirects(Base):
    """Redirects (308) other spellings of the path, such as `/api/logs/` and `/api//logs`, with their whole query."""

    def answer(self, ask: Ask) -> Reply:
        plain = re.sub("/+", "/", ask.path).rstrip("/").lower()
        if ask.path != "/api/logs" and plain == "/api/logs":
            query = ask.target.partition("?")[2]
            return Reply(308, [("Location", plain + (f"?{query}" if query else ""))])
        return super().answer(ask)


@stranger("honest")
class BareStatusLine(Base):
    """Has no reason in the status line, tabs or nothing before values, an empty header, and odd but legal names."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head, end, body = reply.on_wire(ask.method).partition(b"\r\n\r\n")
        head = head.replace(b" Reason", b" ", 1).replace(b": ", b":\t ").replace(b"Type:\t ", b"Type:")
        more = b"\r\nX-Empty:\r\nx_a.b~!#$%&'*+-^`|9: \t1\t\r\nX-Word:caf\xe9" + b"\r\nX-Many: 1" * 40
        reply.raw = head + more + end + body
        return reply


@stranger("honest")
class WideChunks(Base):
    """Chunks have sizes in capitals behind zeros, extensions with quoted text, and lengths from one byte on."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method == "HEAD" or reply.status in (204, 304):
            return reply
        head = "".join(f"{name}: {value}\r\n" for name, value in [*reply.headers, ("transfer-encoding", "Chunked")])
        body, size = b"", 1
        while reply.body:
            piece, reply.body = reply.body[:size], reply.body[size:]
            body += b'%06X;a;b="c; \\"d\\" 0";e=f\r\n%s\r\n' % (len(piece), piece)
            size = size * 3 % 1021 + 1
        reply.raw = f"HTTP/1.1 {reply.status} Sent\r\n{head}\r\n".encode() + body + b"0000;z\r\nX-Sum: 1\r\n\r\n"
        return reply


@stranger("honest")
class StrangeIds(ById):
    """Ids have slashes, percent signs, blanks and emoji, and differ only in their case; each is found by its id."""

    signs = (
        "a/b",
        "?",
        "#",
        "%41",
        "%2F",
        "..",
        "a b",
        "\u00fc",
        "\U0001f9ea",
        '"',
        "\\",
        "+",
        "&x=1",
        "-",
        "Id",
        "id",
    )

    def log(self, number: int) -> dict[str, Any]:
        return made_log(number) | {"id": f"{self.signs[number % 16]}.{number // 2}"}


@stranger("honest")
class StrangeUsers(Counted):
    """Users have the signs of queries, quotes, line feeds and blanks, or differ in their case or composition alone."""

    users = ("a&b=c", "100%", "x#y?z", 'say "hi"', "it's", "b\\s", "two\nlines", " blank ", "blank", "U-ANN", "u-ann",
             "e\u0301", "\u00e9", "\u65e5\u672c\u8a9e", "\U0001f9ea", "null", "0", "007", "7", "a,b", "*", "_", "%",
             "[object Object]", "<b>", "../..", "a;b", "a+b", "a b", "%2B")  # fmt: skip

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        if "userId" in log["payload"]:
            log["payload"]["userId"] = self.users[number * 7 % 31 % 30]
        return log

    def link(self, ask: Ask, page: int) -> str:
        rest = [f"{quote(name, '')}={quote(value, '')}" for name, value in ask.pairs if name != "page"]
        return f"http://{ask.headers.get('host', '')}/api/logs?" + "&".join([*rest, f"page={page}"])


@stranger("honest")
class MachinesOnly(Base):
    """Only machines use this tenant: no log has a user, so userId never finds any."""

    count = 140

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"].pop("userId", None)
        log["payload"]["applicationId"] = f"machine-{number % 3}"
        log["key"] = log["payload"]["key"] = ("ExchangeTokenBy.ClientCredentials", "RevokeToken")[number % 9 // 8]
        return log


@stranger("honest")
class LastModified(Base):
    """Tells Last-Modified and answers If-Modified-Since by it, unless If-None-Match stands beside it."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            newest = int(self.logs[0]["createdAt"] / 1000) + 1
            reply.headers += [
                ("Last-Modified", formatdate(newest, usegmt=True)),
                ("Cache-Control", "private, no-cache"),
            ]
            if self.unchanged(ask, newest):
                reply.status = 304
        return reply

    def unchanged(self, ask: Ask, newest: int) -> bool:
        if "if-none-match" in ask.headers:
            return ask.headers["if-none-match"] == "*"
        try:
            return parsedate_to_datetime(ask.headers.get("if-modified-since", "")).timestamp() >= newest
        except (ValueError, OverflowError):
            return False


@stranger("honest")
class RetryByDate(Base):
    """Every 110th request is a 429 whose Retry-After is a date, one second ahead."""

    def answer(self, ask: Ask) -> Reply:
        if self.asked % 110 == 109:
            with self.lock:
                self.asked += 1
            when = formatdate(time.time() + 1, usegmt=True)
            return Reply(429, [("Retry-After", when), ("Content-Type", "application/json")], b'{"code":"slow_down"}')
        return super().answer(ask)


@stranger("honest")
class GzipMembers(Base):
    """Compresses for those who take gzip: the stream has two members, as RFC 1952 allows, and names a file."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("Vary", "Accept-Encoding"))
        taken = [part.replace(" ", "").lower() for part in ask.headers.get("accept-encoding", "").split(",")]
        if reply.body and any(re.fullmatch(r"(x-)?gzip(;q=(1|1\.0*|0\.0*[1-9]\d*))?", part) for part in taken):
            half = len(reply.body) // 2
            reply.body = self.member(reply.body[:half]) + self.member(reply.body[half:])
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply

    def member(self, part: bytes) -> bytes:
        stream = io.BytesIO()
        with gzip.GzipFile("logs.json", "wb", fileobj=stream, mtime=1) as file:
            file.write(part)
        return stream.getvalue()


@stranger("honest")
class LateArrivals(Counted):
    """Every twelfth request a log arrives late: its time is some minutes back, so it stands among others."""

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 12 == 11:
                at = self.asked * 5 % 17 + 1
                late = made_log(self.count + self.asked) | {"createdAt": self.logs[at]["createdAt"] + 1}
                self.logs = [*self.logs[:at], late, *self.logs[at:]]
        return super().answer(ask)


@stranger("honest")
class BoundsInLetters(Base):
    """Ids and tenants have 21 emoji, and keys up to 128: as long as the schema allows, counted in letters."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        key = ("K", "\U0001d50e" * 128, "Interaction." + "\u00e9" * 116, "\U0001f9ea" * 127 + "a")[number % 7 % 4]
        identity = "".join(chr(0x1F600 + int(digit)) for digit in f"{number:021d}")
        log["payload"]["key"] = key
        return log | {"key": key, "id": identity, "tenantId": "\U0001f9ea" * 21}


@stranger("honest")
class TwoNodes(Base):
    """Two nodes answer in turn: each makes strong tags of its own, knows only those, and writes headers its way."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        node = "ab"[self.asked % 2]
        tag = f'"{node}-{zlib.crc32(reply.body):08x}"'
        reply.headers.append(("X-Node", node))
        if reply.status == 200:
            reply.headers += [("ETag", tag), ("Cache-Control", "private, no-cache")]
            sent = {part.strip().removeprefix("W/") for part in ask.headers.get("if-none-match", "").split(",")}
            reply.status = 304 if sent & {tag, "*"} else 200
        if node == "b":
            reply.headers = [(name.upper(), value) for name, value in reversed(reply.headers)]
        return reply


@stranger("honest")
class EscapedNames(Base):
    """Writes each letter of each text and name as `\\uXXXX`, and blanks and line feeds wherever JSON allows them."""

    def dumps(self, rows: Rows) -> bytes:
        return f"\r\n\t {self.spelled(rows)} \n\n".encode()

    def spelled(self, value: Any) -> str:
        if isinstance(value, str):
            units = value.encode("utf-16-be").hex().upper()
            return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'
        if isinstance(value, list):
            return "[ " + "\t,\n".join(map(self.spelled, value)) + "\r\n]"
        if isinstance(value, dict):
            parts = (f"{self.spelled(name)} :\t{self.spelled(item)}" for name, item in value.items())
            return "{\n" + " , ".join(parts) + "\n}"
        return json.dumps(value)


@stranger("honest")
class JoinedRelations(Counted):
    """A link has several relations at once, such as `rel="first prev"`, beside a title with commas and semicolons."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        joined: dict[str, list[str]] = {}
        for address, relation in re.findall(r'<([^>]*)>; rel="(\w+)"', dict(reply.headers)["Link"]):
            joined.setdefault(address, []).append(relation)
        links = [f'<{to}> ; title="a, b; <c> rel=next" ; REL="{" ".join(kinds)}"' for to, kinds in joined.items()]
        reply.headers = [header for header in reply.headers if header[0] != "Link"]
        reply.headers.append(("link", ", ".join(links)))
        return reply
