"""Strangers that break the document: each does in one way what it rules out."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import time
from typing import Any
from urllib.parse import unquote

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("forbidden")
class SilentCap(Base):
    """Gives at most 250 logs a page, whatever page_size says, and walks on by the page_size asked for."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size)[:250]


@stranger("forbidden")
class LargeBodyBroken(Base):
    """Ends a body of more than 60 kB in the middle of its JSON, with a length that fits."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows)[:60_000]


@stranger("forbidden")
class LargeBodyCut(Base):
    """Closes the connection after 64 kB of any body."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        return dataclasses.replace(reply, cut=65_536) if len(reply.body) > 65_536 else reply


class Unasked(Base):
    def open(self, ask: Ask) -> bool:
        raise NotImplementedError

    def refusal(self, ask: Ask) -> Reply | None:
        return None if self.open(ask) else super().refusal(ask)


@stranger("forbidden")
class OpenByFilter(Unasked):
    """Asks for no token where applicationId is given."""

    def open(self, ask: Ask) -> bool:
        return ask.first("applicationId") is not None


@stranger("forbidden")
class OpenByPage(Unasked):
    """Asks for no token from page 2 on."""

    def open(self, ask: Ask) -> bool:
        return ask.first("page") not in (None, "1")


@stranger("forbidden")
class OpenBySmallSize(Unasked):
    """Asks for no token for a page_size below 10."""

    def open(self, ask: Ask) -> bool:
        return len(ask.first("page_size") or "20") == 1


@stranger("forbidden")
class OpenToProxy(Unasked):
    """Trusts X-Forwarded-For: a caller from 127.0.0.1 needs no token."""

    def open(self, ask: Ask) -> bool:
        return ask.headers.get("x-forwarded-for", "").startswith("127.")


@stranger("forbidden")
class OpenToRealIp(Unasked):
    """Trusts X-Real-IP and Forwarded in the same way."""

    def open(self, ask: Ask) -> bool:
        return "127.0.0.1" in ask.headers.get("x-real-ip", "") + ask.headers.get("forwarded", "")


@stranger("forbidden")
class OpenToHead(Unasked):
    """Answers HEAD without a token as if one were given."""

    def open(self, ask: Ask) -> bool:
        return ask.method == "HEAD"


@stranger("forbidden")
class OpenBehindSemicolon(Base):
    """Serves `/api/logs;x=1` without a token: the guard compares paths, the router does not."""

    def answer(self, ask: Ask) -> Reply:
        return self.listing(ask) if ask.path.startswith("/api/logs;") else super().answer(ask)


@stranger("forbidden")
class ScopeOnlyOnLists(Base):
    """Does not look at the scope of a token where userId is given."""

    def may_read(self, ask: Ask, token: str) -> bool:
        return super().may_read(ask, token) or ask.first("userId") is not None


@stranger("forbidden")
class ScopeOnlyOnFirst(Base):
    """Looks at the scope of a token on page 1 alone."""

    def may_read(self, ask: Ask, token: str) -> bool:
        return super().may_read(ask, token) or ask.first("page") not in (None, "1")


def parts(token: str) -> tuple[dict[str, Any], str]:
    """The header of a JWT, and its signature; an empty header where it cannot be read."""
    head, _, rest = token.partition(".")
    try:
        return dict(json.loads(base64.urlsafe_b64decode(head + "=="))), rest.rpartition(".")[2]
    except (ValueError, TypeError, binascii.Error):
        return {}, "?"


@stranger("forbidden")
class AlgorithmNone(Base):
    """Takes a token whose header says `alg: none`."""

    def valid(self, token: str) -> bool:
        return super().valid(token) or parts(token)[0].get("alg") == "none"


@stranger("forbidden")
class EmptySignature(Base):
    """Takes a token with an empty signature under the usual header."""

    def valid(self, token: str) -> bool:
        head, signature = parts(token)
        return super().valid(token) or (head.get("alg") == "HS256" and signature == "")


@stranger("forbidden")
class AnySignature(Base):
    """Reads the claims of a token and does not verify its signature."""

    def valid(self, token: str) -> bool:
        return super().valid(token) or (token.count(".") == 2 and parts(token)[0].get("alg") == "HS256")


@stranger("forbidden")
class RefusalWithLogs(Base):
    """Answers a token without scope 403, with the logs in the body."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None and reply.status == 403:
            reply.body = self.listing(ask).body
        return reply


@stranger("forbidden")
class OptionsWithLogs(Base):
    """Answers OPTIONS as GET, without a token."""

    def other_method(self, ask: Ask) -> Reply:
        return self.listing(ask) if ask.method == "OPTIONS" else super().other_method(ask)


@stranger("forbidden")
class AnyMethodWithLogs(Base):
    """Answers methods that it does not know as GET, and the guard knows GET alone."""

    unsafe = True

    def other_method(self, ask: Ask) -> Reply:
        return super().other_method(ask) if ask.method == "OPTIONS" else self.listing(ask)


@stranger("forbidden")
class LongTokenFails(Base):
    """Answers 500 to a token of more than 2,000 characters."""

    def refusal(self, ask: Ask) -> Reply | None:
        long = len(ask.headers.get("authorization", "")) > 2_000
        return self.error(500, "internal") if long else super().refusal(ask)


@stranger("forbidden")
class ForeignTokenFails(Base):
    """Answers 500 to a token that is not ASCII."""

    def refusal(self, ask: Ask) -> Reply | None:
        ascii_only = ask.headers.get("authorization", "").isascii()
        return super().refusal(ask) if ascii_only else self.error(500, "internal")


@stranger("forbidden")
class LongFilterFails(Base):
    """Answers 500 to a filter of more than 255 characters."""

    def listing(self, ask: Ask) -> Reply:
        long = any(len(value) > 255 for _, value in ask.pairs)
        return self.error(500, "too long for the column") if long else super().listing(ask)


@stranger("forbidden")
class UserIsAlsoSession(Base):
    """userId matches the session and the application as well."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        more = name == "userId" and value in (log["payload"]["sessionId"], log["payload"].get("applicationId"))
        return super().matches(log, name, value) or more


@stranger("forbidden")
class DeepPagesLoseOne(Base):
    """From the hundredth log on, the last log of each page is lost, where pages are small."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return shown[:-1] if size < 50 and (page - 1) * size >= 100 else shown


@stranger("forbidden")
class PartialPageDropped(Base):
    """Shows full pages alone: the last, partial one is empty."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return [] if page > 1 and len(shown) < size else shown


@stranger("forbidden")
class LastPageRepeats(Base):
    """Answers a page past the end with the last one."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)


@stranger("forbidden")
class NegativePages(Base):
    """Counts a negative page from the end where page_size is given."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name) or ""
        if name == "page" and text[:1] == "-" and text[1:].isdigit() and ask.first("page_size"):
            return 1
        return super().number(ask, name, default)


@stranger("forbidden")
class ZeroSize(Base):
    """Takes page_size 0 for the default under a filter."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        zero = name == "page_size" and ask.first(name) == "0" and ask.first("logKey") is not None
        return default if zero else super().number(ask, name, default)


@stranger("forbidden")
class BodyByAccept(Base):
    """Answers a client that prefers HTML with a page of HTML."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if ask.headers.get("accept", "").startswith("text/html"):
            return Reply(200, [("Content-Type", "text/html")], b"<h1>Logs</h1>")
        return super().shown(ask, rows)


@stranger("forbidden")
class ConditionFails(Base):
    """Answers a GET with an unknown If-None-Match 412."""

    def listing(self, ask: Ask) -> Reply:
        return self.error(412, "precondition") if "if-none-match" in ask.headers else super().listing(ask)


@stranger("forbidden")
class ScriptByCallback(Base):
    """Wraps the list into a script where callback is given."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if name := ask.first("callback"):
            return Reply(200, [("Content-Type", "application/javascript")], name.encode() + b"(" + reply.body + b")")
        return reply


@stranger("forbidden")
class SecondFilterAfterPage(Base):
    """Where two filters are given, the second one sifts the page and not the set."""

    def wanted(self, ask: Ask) -> list[tuple[str, str]]:
        return [(name, value) for name, value in ask.pairs if name in ("userId", "applicationId", "logKey")]

    def select(self, ask: Ask) -> Rows:
        return [log for log in self.logs if all(self.matches(log, *pair) for pair in self.wanted(ask)[:1])]

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return [log for log in shown if all(self.matches(log, *pair) for pair in self.wanted(ask)[1:])]


@stranger("forbidden")
class DecodedTwice(Base):
    """Decodes percent signs twice, so that a value with one is never found, and `%2575` finds `u`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == unquote(value)


@stranger("forbidden")
class DefaultUnderFilter(Base):
    """Ten logs a page where logKey is given and page_size is not."""

    def default_size(self, ask: Ask) -> int:
        return 10 if ask.first("logKey") else 20


@stranger("forbidden")
class Injected(Base):
    """Pastes userId into a query: a value that closes the quote and adds an OR finds everything."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return super().matches(log, name, value) or (name == "userId" and "'" in value and " or " in value.lower())


@stranger("senseless")
class Trimmed(Base):
    """Ignores blanks around a filter."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == value.strip()


@stranger("senseless")
class Listed(Base):
    """Takes commas in applicationId for a list of values."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) in (value.split(",") if name == "applicationId" else [value])


@stranger("senseless")
class Pattern(Base):
    """Takes a star at the end of logKey for any end."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        star = name == "logKey" and value[-1:] == "*" and log["key"].startswith(value[:-1])
        return star or super().matches(log, name, value)


@stranger("senseless")
class LikePattern(Base):
    """Compares userId with LIKE: an underscore stands for any character, a percent sign for any text."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        like = name == "userId" and value in ("%", "u-%", "_" * len(str(self.field(log, name))))
        return super().matches(log, name, value) or (like and self.field(log, name) is not None)


@stranger("forbidden")
class NullUser(Base):
    """userId=null finds the logs without a user."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == (None if value in ("null", "undefined") else value)


@stranger("senseless")
class NumbersCompare(Base):
    """Compares values that look like numbers as numbers: 04711 and 4711.0 find 4711."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        try:
            return float(str(self.field(log, name))) == float(value)
        except ValueError:
            return super().matches(log, name, value)


@stranger("forbidden")
class PlusIsNoBlank(Base):
    """Loses a plus: `%2B` in a filter is read as a blank, so that one user is never found."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == value.replace("+", " ")


@stranger("forbidden")
class ThirdResult(Base):
    """One log of 300 has the result `Pending`."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["result"] = "Pending" if number == 77 else log["payload"]["result"]
        return log


@stranger("forbidden")
class OldLogWithoutTenant(Base):
    """The oldest log has no tenantId."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number == 0:
            del log["tenantId"]
        return log


@stranger("forbidden")
class BrotliInName(Base):
    """Says `Content-Encoding: br` to clients that take it, and sends plain JSON."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200 and "br" in ask.headers.get("accept-encoding", ""):
            reply.headers.append(("Content-Encoding", "br"))
        return reply


class RawHead(Base):
    lines = b""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head, end, body = reply.on_wire(ask.method).partition(b"\r\n\r\n")
        reply.raw = head + b"\r\n" + self.lines + end + body
        return reply


@stranger("forbidden")
class LineWithoutColon(RawHead):
    """Sends a head with a line that is no header."""

    lines = b"this is no header"


@stranger("forbidden")
class TwoLengths(RawHead):
    """Sends a second Content-Length that differs."""

    lines = b"Content-Length: 7"


@stranger("forbidden")
class NulInHead(RawHead):
    """Sends a NUL in a header's value."""

    lines = b"X-Served-By: a\0b"


@stranger("forbidden")
class BothFramings(RawHead):
    """Sends Content-Length and Transfer-Encoding, over a body that is not chunked."""

    lines = b"Transfer-Encoding: chunked"


@stranger("forbidden")
class BareLineFeeds(Base):
    """Ends the lines of a head with a bare LF."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head, _, body = reply.on_wire(ask.method).partition(b"\r\n\r\n")
        reply.raw = head.replace(b"\r\n", b"\n") + b"\n\n" + body
        return reply


@stranger("forbidden")
class OneInThirty(Base):
    """Every thirtieth request is a 500."""

    def listing(self, ask: Ask) -> Reply:
        return self.error(500, "internal") if self.asked % 30 == 0 else super().listing(ask)


@stranger("forbidden")
class CrossedAnswers(Base):
    """Keeps the rows of a request in a variable that all requests share, and waits for the database in between."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        self.rows = rows
        time.sleep(0.003)
        return super().shown(ask, self.rows)
