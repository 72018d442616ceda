"""Strangers that keep the document, with the habits of other stacks, of real traffic and of real networks."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger
from tests.strangers.senseless import Totals

Rows = list[dict[str, Any]]


@stranger("honest")
class Plain(Base):
    """The base as it stands: no total, no Link, no ETag."""


@stranger("honest")
class Terse(Base):
    """Lower-case header names, compact JSON with sorted keys, every connection closed."""

    def dumps(self, rows: Rows) -> bytes:
        return json.dumps(rows, separators=(",", ":"), sort_keys=True).encode()

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers = [(name.lower(), value) for name, value in reply.headers]
        reply.close = True
        return reply


@stranger("honest")
class OldStyle(Base):
    """HTTP/1.0: no length, the body ends with the connection."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.version, reply.length, reply.close = "HTTP/1.0", False, True
        return reply


@stranger("honest")
class Pretty(Base):
    """Pretty JSON in ASCII, a weak ETag of the body, cookies of a load balancer and a dozen more headers."""

    def dumps(self, rows: Rows) -> bytes:
        return json.dumps(rows, indent=2).encode() + b"\n"

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        tag = f'W/"{zlib.crc32(reply.body):x}"'
        more = {"X-Powered-By": "Stack", "Vary": "Origin", "Set-Cookie": f"lb={self.asked}; Path=/; HttpOnly",
                "Age": "0", "Cache-Control": "private, no-cache", "Date": "Mon, 01 Jan 2024 00:00:00 GMT",
                "X-Request-Id": f"{self.asked:032x}", "Strict-Transport-Security": "max-age=600"}  # fmt: skip
        reply.headers += more.items()
        if reply.status == 200:
            reply.headers.append(("ETag", tag))
            if tag in ask.headers.get("if-none-match", ""):
                reply.status = 304
        return reply


@stranger("honest")
class Chunked(Base):
    """Chunks of 777 bytes with extensions, and a trailer."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.chunked = reply.status != 204
        return reply


@stranger("honest")
class Compressed(Totals):
    """Compresses by gzip or deflate whenever the client takes it; the tag of each encoding is its own."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        accepted = ask.headers.get("accept-encoding", "")
        for name, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            if name in accepted and f"{name};q=0" not in accepted.replace(" ", "") and reply.body:
                reply.body = pack(reply.body)
                reply.headers += [("Content-Encoding", name), ("Vary", "Accept-Encoding")]
                break
        if reply.status == 200:
            reply.headers.append(("ETag", f'"{zlib.crc32(reply.body):x}"'))
        return reply


@stranger("honest")
class OptionsNotImplemented(Base):
    """501 to every method but GET and HEAD (RFC 9110, 15.6.2)."""

    def other_method(self, ask: Ask) -> Reply:
        return Reply(501, [("Content-Type", "text/plain")], b"Not Implemented")


@stranger("honest")
class OptionsRefused(Base):
    """405 to OPTIONS, with Allow; errors are an empty body."""

    def other_method(self, ask: Ask) -> Reply:
        return Reply(405, [("Allow", "GET, HEAD")])

    def error(self, status: int, code: str) -> Reply:
        return Reply(status, [])


@stranger("honest")
class OptionsGuarded(Base):
    """OPTIONS wants a token as every request does; errors are plain text."""

    def other_method(self, ask: Ask) -> Reply:
        return self.refusal(ask) or super().other_method(ask)

    def error(self, status: int, code: str) -> Reply:
        return Reply(status, [("Content-Type", "text/plain"), ("WWW-Authenticate", 'Bearer realm="a"')], code.encode())


@stranger("honest")
class OtherLinks(Base):
    """Link names a style sheet, a description and a licence, and no page."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers += [
            (
                "Link",
                '</style.css>; rel=preload; as="style", <https://docs.example/logs>; rel="describedby service-doc"',
            ),
            ("Link", "<https://docs.example/>; rel=help; title*=UTF-8''a%20b; anchor=\"#a\""),
        ]
        return reply


@stranger("honest")
class PageLinks(Totals):
    """Link names the next page in full and relative forms, with other relations between them."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            page, size = int(ask.first("page") or "1"), int(ask.first("page_size") or "20")
            kept = [part for part in ask.target.partition("?")[2].split("&") if part and part[:5] != "page="]
            links = ['</docs>; rel="describedby"']
            if page * size < self.total(ask):
                links.append(f"<?{'&'.join([*kept, f'page={page + 1}'])}>; Rel=next")
            reply.headers.append(("link", ", ".join(links)))
        return reply


class WordToken(Base):
    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None:
            reply.body = json.dumps({"error": "invalid_token", "message": "the secret token is not valid"}).encode()
        return reply

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"grant": "secret", "hint": "tok"}
        return log


@stranger("honest")
class ShortToken(WordToken):
    """The token is `tok-all`, and errors say `invalid_token`."""

    token = "tok-all"
    forbidden_token = "tok-none"


@stranger("honest")
class SecretToken(WordToken):
    """The token is the word `secret`, which logs and errors hold too."""

    token = "secret"
    forbidden_token = None


@stranger("honest")
class Edited(Base):
    """While it is judged, logs gain a member, and a user is erased from all logs."""

    def select(self, ask: Ask) -> Rows:
        log = self.logs[self.asked % 40]
        if self.asked > 30:
            log["payload"] = {**log["payload"], "location": "eu"}
        if self.asked == 60:
            for other in self.logs:
                other["payload"] = {name: value for name, value in other["payload"].items() if value != "u-eve"}
        return super().select(ask)


@stranger("honest")
class Expiring(Totals):
    """The oldest log is deleted at every fifth request."""

    def select(self, ask: Ask) -> Rows:
        if self.asked % 5 == 0:
            self.logs = self.logs[:-1]
        return super().select(ask)


@stranger("honest")
class Limits(Base):
    """431 to a head over 8 kB, 414 to a target over 4 kB, as edges have them."""

    def answer(self, ask: Ask) -> Reply:
        if len(ask.target) > 4096:
            return Reply(414, [("Content-Type", "text/html")], b"<h1>414</h1>", close=True)
        if sum(map(len, ask.headers.values())) > 8192:
            return Reply(431, [("Content-Type", "text/html")], b"<h1>431</h1>", close=True)
        return super().answer(ask)


@stranger("honest")
class AnyCaseScheme(Base):
    """Takes `bearer` in any case (RFC 9110, 11.1), and several blanks behind it."""

    def refusal(self, ask: Ask) -> Reply | None:
        scheme, _, token = ask.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            ask.headers["authorization"] = f"Bearer {token.strip()}"
        return super().refusal(ask)


@stranger("honest")
class EmptyIsValue(Base):
    """Takes an empty filter for a value that no log has."""

    def select(self, ask: Ask) -> Rows:
        return [] if any(value == "" for name, value in ask.pairs if name[:4] != "page") else super().select(ask)


@stranger("honest")
class UnknownRefused(Base):
    """400 to parameters that the document does not name, and to empty filters."""

    def listing(self, ask: Ask) -> Reply:
        known = ("userId", "applicationId", "logKey", "page", "page_size")
        odd = any(name not in known or value == "" for name, value in ask.pairs)
        return self.error(400, "unknown_parameter") if odd else super().listing(ask)


@stranger("honest")
class LastWins(Base):
    """Of a parameter that is given twice, the last one counts; the path may end with a slash."""

    def answer(self, ask: Ask) -> Reply:
        path = ask.path.rstrip("/").lower()
        return super().answer(Ask(ask.method, path, list(dict(ask.pairs).items()), ask.headers, ask.target))


@stranger("honest")
class EarlyHints(Base):
    """Sends 103 Early Hints before each answer to GET."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
        reply.raw = hints + reply.on_wire(ask.method)
        return reply


@stranger("honest")
class Impatient(Base):
    """429 with Retry-After 0 at every ninetieth request."""

    def answer(self, ask: Ask) -> Reply:
        if self.asked % 90 == 89:
            self.asked += 1
            return Reply(429, [("Retry-After", "0"), ("Content-Type", "text/plain")], b"slow down")
        return super().answer(ask)


@stranger("honest")
class FlatErrors(Base):
    """Errors are application/problem+json; HEAD has no length."""

    def error(self, status: int, code: str) -> Reply:
        body = json.dumps({"type": "about:blank", "title": code, "status": status})
        return Reply(status, [("Content-Type", "application/problem+json")], body.encode())

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.length = ask.method != "HEAD"
        return reply
