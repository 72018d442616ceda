"""The seventh batch, written blind: what the document forbids, as stacks do it of themselves."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import time
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Detail(Base):
    """Answers `/api/logs/{id}` too, with the log or 404, and errors that have a message."""

    def answer(self, ask: Ask) -> Reply:
        if not ask.path.startswith("/api/logs/") or ask.method not in ("GET", "HEAD"):
            return super().answer(ask)
        with self.lock:
            self.asked += 1
        return self.finish(ask, self.guard(ask) or self.one(ask.path.removeprefix("/api/logs/")))

    def guard(self, ask: Ask) -> Reply | None:
        return self.refusal(ask)

    def one(self, identity: str) -> Reply:
        log = next((log for log in self.logs if log["id"] == identity), None)
        if log is None:
            return self.error(404, "entity.not_exists_with_id")
        return Reply(200, [("Content-Type", "application/json; charset=utf-8")], json.dumps(log).encode())

    def error(self, status: int, code: str) -> Reply:
        body = json.dumps({"code": code, "message": code.replace(".", " ")})
        return Reply(status, [("Content-Type", "application/json; charset=utf-8")], body.encode())


@stranger("forbidden")
class DetailUnguarded(Detail):
    """The middleware that wants a token is mounted on `/api/logs` exactly, so that one log by its id is open to all."""

    def guard(self, ask: Ask) -> Reply | None:
        return None


@stranger("forbidden")
class GoNil(Base):
    """A list that found nothing was never allocated, and is encoded as `null`."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if rows else b"null\n"


@stranger("forbidden")
class PastEndMissing(Base):
    """A page behind the last one is 404, as the framework's paginator has it; the first page always exists."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200 and reply.body == b"[]" and self.number(ask, "page", 1) > 1:
            return Reply(404, [("Content-Type", "application/json")], b'{"detail":"Invalid page."}')
        return reply


@stranger("forbidden")
class NullMembers(Base):
    """The serializer writes every member of the class, also those that a log does not have: they are null."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] = dict.fromkeys(("userId", "applicationId", "error")) | log["payload"]
        return log


@stranger("forbidden")
class ParsedPrefix(Base):
    """Numbers are read as far as they go: `2abc` is 2 and `1.5` is 1; only what begins with no number is refused."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        found = re.match(r"\s*[+-]?[0-9]{1,18}", text)
        if found is None or int(found[0]) < 1:
            raise ValueError(name)
        return int(found[0])


@stranger("forbidden")
class EsWindow(Base):
    """Pages that end beyond the 10,000th log are a 500: the search engine's window is not that large."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200 and self.number(ask, "page", 1) * self.number(ask, "page_size", 20) > 10_000:
            return self.error(500, "search_phase_execution_exception")
        return reply


@stranger("forbidden")
class ElseIfFilter(Base):
    """Of several filters only one is used: the user, else the application, else the key."""

    def select(self, ask: Ask) -> Rows:
        used = next((name for name in FILTERS if ask.first(name)), None)
        pairs = [pair for pair in ask.pairs if pair[0] not in FILTERS or pair[0] == used]
        return super().select(dataclasses.replace(ask, pairs=pairs))


@stranger("forbidden")
class CharacterCount(Base):
    """Content-Length counts characters, so that a body with other letters than ASCII loses its end."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.length = False
        reply.headers.append(("Content-Length", str(len(reply.body.decode()))))
        return reply


@stranger("forbidden")
class UnverifiedToken(Base):
    """The token is decoded but its signature is never verified: whoever writes `all` into the scope may read."""

    def claims(self, token: str) -> dict[str, Any]:
        try:
            _, middle, _ = token.split(".")
            claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        except ValueError:
            return {}
        return claims if isinstance(claims, dict) else {}

    def valid(self, token: str) -> bool:
        claims = self.claims(token)
        expiry = claims.get("exp", 0)
        return "sub" in claims and isinstance(expiry, (int, float)) and expiry > time.time()

    def may_read(self, ask: Ask, token: str) -> bool:
        return "all" in str(self.claims(token).get("scope")).split()


@stranger("forbidden")
class EdgeCache(Base):
    """The edge keeps each list for half a minute under its URL alone, and gives it to callers without a token too."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, tuple[float, Reply]] = {}

    def answer(self, ask: Ask) -> Reply:
        if ask.method != "GET":
            return super().answer(ask)
        until, reply = self.kept.get(ask.target, (0.0, Reply(500, [])))
        if until < time.monotonic():
            reply = super().answer(ask)
            if reply.status == 200:
                self.kept[ask.target] = (time.monotonic() + 30, reply)
            return reply
        return dataclasses.replace(reply, headers=[*reply.headers, ("X-Cache", "HIT")])


@stranger("forbidden")
class CollectionKeys(Base):
    """A collection keeps its keys when it is filtered or cut; if they do not count from 0, it is sent as an object."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status != 200:
            return reply
        chosen = {id(log) for log in self.select(ask)}
        kept = {str(at): log for at, log in enumerate(self.logs) if id(log) in chosen}
        page, size = self.number(ask, "page", 1), self.number(ask, "page_size", 20)
        names = list(kept)[(page - 1) * size : page * size]
        if names != [str(at) for at in range(len(names))]:
            reply.body = json.dumps({name: kept[name] for name in names}).encode()
        return reply


@stranger("forbidden")
class AstralBreaks(Base):
    """The database knows letters of three bytes only; a filter with an emoji is a 500."""

    def listing(self, ask: Ask) -> Reply:
        if any(name in FILTERS and max(value, default="") > "\uffff" for name, value in ask.pairs):
            return self.error(500, "illegal mix of collations")
        return super().listing(ask)


@stranger("forbidden")
class LatinQuery(Base):
    """The container decodes the query as ISO 8859-1, so that a user with an accent is never found."""

    def select(self, ask: Ask) -> Rows:
        pairs = [(name, value.encode().decode("latin-1")) for name, value in ask.pairs]
        return super().select(dataclasses.replace(ask, pairs=pairs))


@stranger("forbidden")
class SharedQuery(Base):
    """The one controller keeps the query in a field while the database works: of two at once, the later counts."""

    current: Ask

    def listing(self, ask: Ask) -> Reply:
        self.current = ask
        time.sleep(0.01)
        return super().listing(self.current)


@stranger("forbidden")
class LoginRoute(Base):
    """Who has no token and does not ask for JSON by name is sent to a login page that the application does not have."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None and reply.status == 401 and "json" not in ask.headers.get("accept", ""):
            return Reply(500, [("Content-Type", "text/html; charset=UTF-8")], b"<h1>Route [login] not defined.</h1>")
        return reply


@stranger("forbidden")
class SilentClamp(Base):
    """A page has at most 100 entries, whatever is asked for, and nobody is told."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, min(size, 100))
