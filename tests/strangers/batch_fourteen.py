"""Strangers that break the document as teams do who build it with a framework, a database and a cache they trust."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import re
import uuid
from typing import Any
from urllib.parse import unquote

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Counting(Base):
    """Sends Total-Number with every list."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(self.select(ask))

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(self.total(ask, rows))))
        return reply


class Single(Base):
    """Answers `/api/logs/{id}` too."""

    def answer(self, ask: Ask) -> Reply:
        if not ask.path.startswith("/api/logs/"):
            return super().answer(ask)
        with self.lock:
            self.asked += 1
        if ask.method not in ("GET", "HEAD"):
            return self.other_method(ask)
        return self.finish(ask, self.single_refusal(ask) or self.single(unquote(ask.path[len("/api/logs/") :])))

    def single_refusal(self, ask: Ask) -> Reply | None:
        return self.refusal(ask)

    def single(self, identity: str) -> Reply:
        for log in self.logs:
            if log["id"] == identity:
                return Reply(200, [("Content-Type", "application/json")], json.dumps(self.detail(log)).encode())
        body = {"code": "entity.not_exists_with_id", "message": "There is no such log."}
        return Reply(404, [("Content-Type", "application/json")], json.dumps(body).encode())

    def detail(self, log: dict[str, Any]) -> dict[str, Any]:
        return log


@stranger("forbidden")
class NullWhereNothing(Base):
    """The serializer writes `null` for a user or an application that a log does not have."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] = {"userId": None, "applicationId": None, **log["payload"]}
        return log


@stranger("forbidden")
class RawQueryTimes(Base):
    """Filtered lists come from a raw query whose driver gives 64-bit integers as text: createdAt is a string there."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if any(name in FILTERS and value for name, value in ask.pairs):
            rows = [{**log, "createdAt": str(log["createdAt"])} for log in rows]
        return super().shown(ask, rows)


@stranger("forbidden")
class PydanticStatus(Base):
    """A page or page_size that fails the validation of the framework is answered 422."""

    def error(self, status: int, code: str) -> Reply:
        if status != 400:
            return super().error(status, code)
        detail = [{"type": "int_parsing", "loc": ["query", "page"], "msg": "Input should be a valid integer"}]
        return Reply(422, [("Content-Type", "application/json")], json.dumps({"detail": detail}).encode())


@stranger("forbidden")
class ClampedToOne(Base):
    """A page or page_size of zero or less is lifted to one without a word."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name) or ""
        return 1 if re.fullmatch("-[0-9]{1,18}|0{1,18}", text) else super().number(ask, name, default)


@stranger("forbidden")
class SpringPage(Base):
    """Pages are counted from zero: page=0 and no page are the first page, page=1 is the second."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if name != "page" or text is None:
            return super().number(ask, name, default)
        return 1 if re.fullmatch("0{1,18}", text) else super().number(ask, name, default) + 1


@stranger("forbidden")
class PerPageFifteen(Counting):
    """Without a page_size a page has the fifteen entries that the framework gives by default."""

    def default_size(self, ask: Ask) -> int:
        return 15


@stranger("forbidden")
class EmptyParamsArray(Base):
    """The language has one type for lists and maps, so params without a member are written as `[]`."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"client_id": "app-1"} if number % 3 else []
        return log


@stranger("forbidden")
class NotFoundPastEnd(Counting):
    """A page behind the last one is 404, as the paginator of the framework has it; an empty first page is 200."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 200 and reply.body == b"[]" and int(ask.first("page") or "1") > 1:
            return self.error(404, "invalid_page")
        return reply


@stranger("forbidden")
class SignatureSkipped(Base):
    """Reads the claims of the token, looks at its issuer, audience, expiry and scope, and never at its signature."""

    def claims(self, token: str) -> dict[str, Any]:
        parts = token.split(".")
        try:
            found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return {}
        return found if len(parts) == 3 and isinstance(found, dict) else {}

    def valid(self, token: str) -> bool:
        claims = self.claims(token)
        expiry = claims.get("exp")
        alive = isinstance(expiry, int) and expiry > 1_800_000_000
        return alive and claims.get("iss") == "https://id.example" and claims.get("aud") == "api"

    def may_read(self, ask: Ask, token: str) -> bool:
        return "all" in str(self.claims(token).get("scope")).split()


@stranger("forbidden")
class EdgeCacheForAll(Base):
    """A cache in front keeps every list by its URL alone, and gives it to the next caller, with or without a token."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Reply] = {}

    def answer(self, ask: Ask) -> Reply:
        kept = self.kept.get(ask.target)
        if kept is not None and ask.method == "GET":
            return dataclasses.replace(kept, headers=[*kept.headers, ("X-Cache", "HIT")])
        reply = super().answer(ask)
        if reply.status == 200 and ask.method == "GET":
            self.kept[ask.target] = reply
        return reply


@stranger("forbidden")
class SingleWithoutToken(Single):
    """The guard stands before the list alone: one log is shown by its id to whoever asks, without a token."""

    def single_refusal(self, ask: Ask) -> Reply | None:
        return None


@stranger("forbidden")
class ElseIfFilters(Counting):
    """Of several filters only one counts: the user, else the application, else the key."""

    def select(self, ask: Ask) -> Rows:
        for name in FILTERS:
            value = ask.first(name)
            if value:
                return [log for log in self.logs if self.matches(log, name, value)]
        return self.logs


@stranger("forbidden")
class MultibyteCutOff(Base):
    """Counts the length of a list in characters and not in bytes, so that text beyond ASCII cuts off its end."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.body = reply.body[: len(reply.body.decode())]
        return reply


@stranger("forbidden")
class OldIdsLonger(Counting):
    """The oldest forty logs were imported from another system and have ids of 36 characters."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number < 40:
            log["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, log["id"]))
        return log


@stranger("forbidden")
class SizeClamped(Counting):
    """A page never has more than 100 entries, whatever page_size asks for, and nobody is told."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        number = super().number(ask, name, default)
        return min(number, 100) if name == "page_size" else number


@stranger("forbidden")
class IntOverflow(Base):
    """500 where the offset of the page does not fit into 32 bits."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if (page - 1) * size >= 2**31:
            raise OverflowError(page)
        return super().cut(ask, rows, page, size)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except OverflowError:
            return self.error(500, "internal")


@stranger("forbidden")
class ParseInt(Base):
    """Reads the number that page and page_size begin with and forgets the rest: `2abc`, `2.9` and `2;3` are 2."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        found = re.match(r"\s*\+?([0-9]{1,18})", text)
        if found is None or int(found[1]) < 1:
            raise ValueError(name)
        return int(found[1])


@stranger("forbidden")
class TenThousandDeep(Counting):
    """The search engine refuses what lies behind its first 10,000 results: 400 to page=501 of the default size."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if page * size > 10_000:
            raise ValueError(page)
        return super().cut(ask, rows, page, size)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except ValueError:
            return self.error(400, "result_window_too_large")
