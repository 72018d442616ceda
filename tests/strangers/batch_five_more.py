"""The fifth batch, continued: servers that keep the letter of the document, and that no client can live with."""

from __future__ import annotations

import gzip
import json
import re
import secrets
import time
from typing import Any
from urllib.parse import unquote

from tests.strangers.base import FILTERS, Ask, Base, Reply, made_log, stranger
from tests.strangers.batch_two import Counted

Rows = list[dict[str, Any]]


class ById(Base):
    """Honest, with `GET /api/logs/{id}` beside the list."""

    def answer(self, ask: Ask) -> Reply:
        if ask.path.startswith("/api/logs/") and ask.method in ("GET", "HEAD"):
            with self.lock:
                self.asked += 1
            return self.refusal(ask) or self.one(unquote(ask.path.removeprefix("/api/logs/")))
        return super().answer(ask)

    def one(self, identity: str) -> Reply:
        found = next((log for log in self.logs if log["id"] == identity), None)
        if found is None:
            return self.error(404, "entity.not_exists_with_id")
        body = json.dumps(self.alone(found), ensure_ascii=False).encode()
        return Reply(200, [("Content-Type", "application/json; charset=utf-8")], body)

    def alone(self, log: dict[str, Any]) -> dict[str, Any]:
        return log

    def error(self, status: int, code: str) -> Reply:
        body = json.dumps({"code": code, "message": f"Refused: {code}."}).encode()
        return Reply(status, [("Content-Type", "application/json")], body)


@stranger("senseless")
class HeadLengthZero(Base):
    """HEAD says `Content-Length: 0`, whatever GET would send."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method == "HEAD":
            reply.body = b""
        return reply


@stranger("senseless")
class AlwaysGzip(Base):
    """Compresses each list by gzip, also for a client that takes nothing but `identity`."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.body = gzip.compress(reply.body)
        reply.headers.append(("Content-Encoding", "gzip"))
        return reply


@stranger("senseless")
class SinceAnyTime(Base):
    """Answers 304 to each If-Modified-Since, however old its date is, and itself never tells a date."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if "if-modified-since" in ask.headers:
            reply.status = 304
        return reply


@stranger("senseless")
class OperatorInBrackets(Base):
    """The parser of queries makes objects of brackets, and the database obeys: `userId[$ne]=x` finds other users."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        for name, value in ask.pairs:
            found = re.fullmatch(r"(\w+)\[\$?(ne|gt|regex)\]", name)
            if found and found[1] in FILTERS:
                rows = [log for log in rows if self.obeys(self.field(log, found[1]), found[2], value)]
        return rows

    def obeys(self, stored: str | None, operator: str, value: str) -> bool:
        if operator == "regex":
            return stored is not None and value in stored
        return stored != value if operator == "ne" else stored is not None and stored > value


# Nobody can tell these two from copies that are behind, by fifty logs or by all. Their label was "senseless" first.
@stranger("honest")
class StuckReplica(Base):
    """One of three replicas stopped long ago: each third answer does not know the newest fifty logs."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        if self.asked % 3:
            return rows
        unknown = {log["id"] for log in self.logs[:50]}
        return [log for log in rows if log["id"] not in unknown]


@stranger("senseless")
class OrderForgottenLater(Base):
    """Page 1 is newest first, later pages come in the order of ids: a walk repeats some logs and never meets others."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        rows = rows if page == 1 else sorted(rows, key=lambda log: str(log["id"]))
        return super().cut(ask, rows, page, size)


@stranger("senseless")
class InclusiveCursor(Base):
    """A page begins with the last log of the page before it, since the comparison is `<=`."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * max(size - 1, 1)
        return rows[start : start + size]


@stranger("senseless")
class FreshIds(Base):
    """Nobody stores the ids: the serializer makes a new one for each log in each answer."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return super().shown(ask, [log | {"id": secrets.token_hex(10)} for log in rows])


@stranger("senseless")
class NowForMissing(Base):
    """One log of 25 has no time in the database, and is given the present one in each answer."""

    def __init__(self) -> None:
        super().__init__()
        self.undated = {made_log(number)["id"] for number in range(7, self.count, 25)}

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        now = {"createdAt": int(time.time() * 1000)}
        return super().shown(ask, [log | (now if log["id"] in self.undated else {}) for log in rows])


@stranger("senseless")
class LinkDecoded(Counted):
    """The links repeat the filters decoded: a user with a plus has no way to the next page."""

    def link(self, ask: Ask, page: int) -> str:
        rest = [f"{name}={value}" for name, value in ask.pairs if name != "page"]
        query = re.sub(r"[\0-\x20\x7f<>\"]", "", "&".join([*rest, f"page={page}"]))
        return f"http://{ask.headers.get('host', '')}/api/logs?{query}".encode().decode("latin-1")


@stranger("senseless")
class OneLogInSeconds(ById):
    """A list tells createdAt in milliseconds; the same log, asked for by its id, tells seconds."""

    def alone(self, log: dict[str, Any]) -> dict[str, Any]:
        return log | {"createdAt": log["createdAt"] // 1000}


@stranger("honest")
class TimeoutIsEmpty(Base):
    """A query that takes too long is caught and becomes an empty list: one in 37, whatever was asked."""

    def select(self, ask: Ask) -> Rows:
        return [] if self.asked % 37 == 36 else super().select(ask)
