"""An eighth batch, written blind: what teams on unlike stacks get wrong against the letter of the document."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any
from urllib.parse import unquote, urlencode

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Detailed(Base):
    """Answers /api/logs/{id} beside the list."""

    def answer(self, ask: Ask) -> Reply:
        parent, _, name = ask.path.rpartition("/")
        if parent != "/api/logs" or ask.method not in ("GET", "HEAD"):
            return super().answer(ask)
        with self.lock:
            self.asked += 1
        return self.finish(ask, self.detail_refusal(ask) or self.detail(ask, unquote(name)))

    def detail_refusal(self, ask: Ask) -> Reply | None:
        return self.refusal(ask)

    def detail(self, ask: Ask, identity: str) -> Reply:
        log = next((log for log in self.logs if log["id"] == identity), None)
        if log is None:
            return self.error(404, "entity.not_exists_with_id")
        return Reply(200, [("Content-Type", "application/json; charset=utf-8")], self.dumps([log])[1:-1])


class Counted(Base):
    """Sends Total-Number and a Link with first, last, prev and next."""

    def total(self, ask: Ask) -> int:
        return len(self.select(ask))

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        total, page = self.total(ask), self.number(ask, "page", 1)
        last = max(1, -(-total // self.number(ask, "page_size", self.default_size(ask))))
        pages = {"first": 1, "last": last} | ({"prev": page - 1} if page > 1 else {})
        pages |= {"next": page + 1} if page < last else {}
        links = [f'</api/logs?{self.query(ask, number)}>; rel="{rel}"' for rel, number in pages.items()]
        reply.headers += [("Total-Number", str(total)), ("Link", ", ".join(links))]
        return reply

    def query(self, ask: Ask, page: int) -> str:
        return urlencode([*(pair for pair in ask.pairs if pair[0] != "page"), ("page", str(page))])


@stranger("forbidden")
class AbsentIsNull(Base):
    """A serializer of data classes: members that a log does not have come as null."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] = {"userId": None, "applicationId": None, "error": None} | log["payload"]
        return log


@stranger("forbidden")
class MapsBecomeLists(Base):
    """Maps that are empty become `[]`, as in languages with one type for both: some `params` are lists."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"grant_type": "refresh_token"} if number % 6 else []
        return log


@stranger("forbidden")
class NoSuchPage(Counted):
    """A page behind the last one is 404."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if not rows and self.number(ask, "page", 1) > 1:
            return self.error(404, "invalid_page")
        return super().shown(ask, rows)


@stranger("forbidden")
class OneIsNoList(Base):
    """A gateway makes JSON of XML: a list of a single log is that log, without the list around it."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows)[1:-1] if len(rows) == 1 else super().dumps(rows)


@stranger("forbidden")
class ZeroMeansAbsent(Base):
    """Numbers that were not sent are 0 in its structures, so page=0 and page_size=0 are taken for absent ones."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        return default if text is not None and set(text) == {"0"} else super().number(ask, name, default)


@stranger("forbidden")
class OffsetOverflows(Base):
    """The database takes offsets and limits of 32 bits: beyond them a page is 500."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if max(size, (page - 1) * size) >= 2**31:
            raise OverflowError
        return super().cut(ask, rows, page, size)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except OverflowError:
            return self.error(500, "internal_error")


@stranger("forbidden")
class CappedWithGaps(Base):
    """Never more than 100 logs on a page, but it skips as many as the page_size that was sent."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size)[:100]


@stranger("forbidden")
class UnguardedDetail(Detailed):
    """The list wants a token; a log by its id is shown to whoever asks."""

    def detail_refusal(self, ask: Ask) -> Reply | None:
        return None


@stranger("forbidden")
class ClaimsOnTrust(Base):
    """Reads the claims of a token and never verifies the signature."""

    def claims(self, token: str) -> dict[str, Any]:
        try:
            _, middle, _ = token.split(".")
            claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        except ValueError:
            return {}
        return claims if isinstance(claims, dict) else {}

    def valid(self, token: str) -> bool:
        claims = self.claims(token)
        return claims.get("iss") == "https://id.example" and claims.get("aud") == "api"

    def may_read(self, ask: Ask, token: str) -> bool:
        return "all" in str(self.claims(token).get("scope")).split()


@stranger("forbidden")
class SharedCopies(Base):
    """A cache before it keeps each 200 by its target, and asks only whether a request has some Authorization."""

    def __init__(self) -> None:
        super().__init__()
        self.copies: dict[tuple[str, str], Reply] = {}

    def answer(self, ask: Ask) -> Reply:
        place = (ask.method, ask.target)
        if "authorization" in ask.headers and place in self.copies:
            copy = self.copies[place]
            return dataclasses.replace(copy, headers=[*copy.headers, ("Age", "1"), ("X-Cache", "HIT")])
        reply = super().answer(ask)
        if reply.status == 200:
            self.copies[place] = reply
        return reply


@stranger("forbidden")
class LostUserLosesFilter(Base):
    """Looks the user up first; where there is none, the condition is undefined and falls away: all logs come."""

    def select(self, ask: Ask) -> Rows:
        known = {log["payload"].get("userId") for log in self.logs}
        pairs = [(name, value) for name, value in ask.pairs if name != "userId" or value in known]
        return super().select(dataclasses.replace(ask, pairs=pairs))


@stranger("forbidden")
class LogKeyBehindElse(Base):
    """Has a query for a user of an application, and in it forgot the log key."""

    def select(self, ask: Ask) -> Rows:
        both = bool(ask.first("userId") and ask.first("applicationId"))
        pairs = [(name, value) for name, value in ask.pairs if name != "logKey" or not both]
        return super().select(dataclasses.replace(ask, pairs=pairs))


@stranger("forbidden")
class CountsCharacters(Base):
    """Content-Length counts the characters of the text, not its bytes; only older logs have letters beyond ASCII."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number >= 200 and not log["payload"].get("userId", "").isascii():
            log["payload"]["userId"] = "u-jun"
        return log

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.length = False
        reply.headers.append(("Content-Length", str(len(reply.body.decode()))))
        return reply


# The document does not bind Link and Total-Number: the label was "forbidden" first.
@stranger("senseless")
class UnescapedLinks(Counted):
    """Link repeats the filters as they were decoded, so that a plus sign or an ampersand in one changes its meaning."""

    def query(self, ask: Ask, page: int) -> str:
        kept = [f"{name}={value}" for name, value in ask.pairs if name != "page"]
        text = "".join(letter for letter in "&".join([*kept, f"page={page}"]) if letter >= " ")
        return text.encode("utf-8", "replace").decode("latin-1")


# The document does not bind Link and Total-Number: the label was "forbidden" first.
@stranger("senseless")
class UncountedTail(Counted):
    """A search engine counts no further than 10,000 and says so to nobody: behind the last page are more logs."""

    count = 10_400

    def total(self, ask: Ask) -> int:
        return min(10_000, super().total(ask))


@stranger("forbidden")
class PlaneZeroOnly(Base):
    """The collation of its tables has three bytes a letter: a filter with an emoji is 500."""

    def listing(self, ask: Ask) -> Reply:
        if any(name in FILTERS and max(value, default="") > "\uffff" for name, value in ask.pairs):
            return self.error(500, "illegal_mix_of_collations")
        return super().listing(ask)
