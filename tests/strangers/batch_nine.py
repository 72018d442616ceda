"""The ninth batch, blind: strangers that break what the document says in writing."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import threading
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, decoded, stranger

Rows = list[dict[str, Any]]


def filtered(ask: Ask) -> bool:
    return any(name in FILTERS and value != "" for name, value in ask.pairs)


@stranger("forbidden")
class NullForNothing(Base):
    """A list that holds nothing is written as null, as Go writes a slice that nobody made."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if rows else b"null"


@stranger("forbidden")
class ArrayForNoParams(Base):
    """Parameters of a log that hold nothing are written as [] and not as {}, as PHP writes its empty arrays."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"resource": "https://api.example"} if number % 4 else []
        return log


@stranger("forbidden")
class NullsWritten(Base):
    """A user, an application or an error that a log does not have is written as null."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        for name in ("userId", "applicationId", "error"):
            log["payload"].setdefault(name, None)
        return log


@stranger("forbidden")
class CharacterLength(Base):
    """Content-Length counts characters, so that the last bytes are lost where a log has letters beyond ASCII."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if log["payload"].get("userId", "").isascii() is False:
            log["payload"]["userId"] = "u-cleo"
        if number % 50 == 0:
            log["payload"]["userAgent"] = "Café/2.1 (Zürich)"
        return log

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.body = reply.body[: len(reply.body.decode())]
        return reply


@stranger("forbidden")
class UnverifiedJwt(Base):
    """Decodes the token and reads its claims, but never checks the signature."""

    def claims(self, token: str) -> dict[str, Any] | None:
        parts = token.split(".")
        if len(parts) != 3:
            return None
        try:
            head, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
        except ValueError:
            return None
        return claims if isinstance(head, dict) and isinstance(claims, dict) and claims.get("sub") else None

    def valid(self, token: str) -> bool:
        claims = self.claims(token)
        return claims is not None and claims.get("aud") == "api"

    def may_read(self, ask: Ask, token: str) -> bool:
        return "all" in str((self.claims(token) or {}).get("scope")).split()


@stranger("forbidden")
class PrefixInteger(Base):
    """Reads numbers as parseInt does: the digits at the beginning count, and whatever follows them is skipped."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        digits = re.match(r"\s*\+?([0-9]{1,18})", text)
        if digits is None or int(digits[1]) == 0:
            raise ValueError(name)
        return int(digits[1])


@stranger("forbidden")
class MinusOneIsAll(Base):
    """A page_size of -1 means all logs at once; any other number below 1 is refused."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        if name == "page_size" and ask.first(name) == "-1":
            return len(self.logs)
        return super().number(ask, name, default)


@stranger("forbidden")
class TenThousandHits(Base):
    """The search engine behind it refuses a page that ends beyond its 10,000th hit, and that becomes a 500."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200 and int(ask.first("page") or "1") * int(ask.first("page_size") or "20") > 10_000:
            return self.error(500, "search_phase_execution_exception")
        return reply


@stranger("forbidden")
class OneTooMany(Base):
    """Reads one log more than asked for to know whether a page follows, and forgets to take it off."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : page * size + 1]


@stranger("forbidden")
class NoMatchNotFound(Base):
    """Filters that no log matches are answered 404; a page past the end of all logs is an empty list."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if filtered(ask) and not self.select(ask):
            return self.error(404, "logs.not_found")
        return super().shown(ask, rows)


@stranger("forbidden")
class PastedQuery(Base):
    """Filters are pasted between the quotes of an SQL statement, so that a lone quote in one of them is a 500."""

    def listing(self, ask: Ask) -> Reply:
        if any(name in FILTERS and value.count("'") % 2 for name, value in ask.pairs):
            return self.error(500, "unterminated quoted string")
        return super().listing(ask)


@stranger("forbidden")
class DecodedByBoth(Base):
    """A gateway decodes the values of the query and the server decodes them again: a user with a plus is not found."""

    def answer(self, ask: Ask) -> Reply:
        pairs = [(name, decoded(value)) for name, value in ask.pairs]
        return super().answer(dataclasses.replace(ask, pairs=pairs))


@stranger("forbidden")
class SparseKeys(Base):
    """What a filter leaves keeps its places in the table, so that it is written as an object with numbers as names."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if filtered(ask):
            places = {log["id"]: place for place, log in enumerate(self.logs)}
            kept = {places[row["id"]]: row for row in rows}
            if list(kept) != list(range(len(kept))):
                reply.body = json.dumps(kept, ensure_ascii=False).encode()
        return reply


@stranger("forbidden")
class CacheBeforeGate(Base):
    """A cache in front keeps every list by its URL and hands it out before anybody looks at the token."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, bytes] = {}

    def answer(self, ask: Ask) -> Reply:
        if ask.method == "GET" and ask.target in self.kept:
            headers = [("Content-Type", "application/json"), ("X-Cache", "HIT")]
            return Reply(200, headers, self.kept[ask.target])
        reply = super().answer(ask)
        if ask.method == "GET" and reply.status == 200:
            self.kept[ask.target] = reply.body
        return reply


@stranger("forbidden")
class ConnectionLogin(Base):
    """Whoever has shown a good token on a connection may leave it out of later requests on that connection."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = threading.local()

    def refusal(self, ask: Ask) -> Reply | None:
        if "authorization" not in ask.headers and getattr(self.connection, "known", False):
            return None
        reply = super().refusal(ask)
        if reply is None:
            self.connection.known = True
        return reply


@stranger("forbidden")
class EitherFilter(Base):
    """Joins several filters with OR: a log that matches one of them is listed."""

    def select(self, ask: Ask) -> Rows:
        wanted = [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]
        return [log for log in self.logs if not wanted or any(self.matches(log, *pair) for pair in wanted)]


# The document does not bind HEAD: the label was "forbidden" first.
@stranger("senseless")
class HeadSaysEmpty(Base):
    """Answers HEAD with Content-Length: 0, though GET has a body of some kilobytes."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method == "HEAD" and reply.status == 200:
            reply.length = False
            reply.headers.append(("Content-Length", "0"))
        return reply


@stranger("forbidden")
class StillPending(Base):
    """About one log in a hundred is of an attempt that never ended, and its result is Pending."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number % 97 == 50:
            log["payload"]["result"] = "Pending"
        return log
