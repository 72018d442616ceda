"""The sixth batch, continued: servers that keep the letter of the document, and that no client can live with."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import Any

from tests.strangers.base import Ask, Base, Reply, made_log, stranger
from tests.strangers.batch_five_more import ById
from tests.strangers.batch_six import filters
from tests.strangers.batch_two import Counted

Rows = list[dict[str, Any]]
WORDS = {"Interaction": "Vorgang", "Submit": "Absenden", "Create": "Anlegen", "RevokeToken": "Widerruf"}


@stranger("senseless")
class BlocksDecodedApart(Base):
    """Decodes each block of 4 kB by itself: a letter that lies across two blocks is shown as replacement signs.

    So the same log has one text on one page and another text on the next.
    """

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"]["params"] = {"note": "\u76e3\u67fb\u8a18\u9332" * 40}
        return log

    def dumps(self, rows: Rows) -> bytes:
        body = super().dumps(rows)
        return "".join(body[at : at + 4096].decode(errors="replace") for at in range(0, len(body), 4096)).encode()


@stranger("senseless")
class FirstLogForOddId(ById):
    """Drops an id that does not look like one, and finds the first log without it: `/api/logs/unknown` is a 200."""

    def one(self, identity: str) -> Reply:
        return super().one(identity if re.fullmatch("[0-9a-z]{21}", identity) else str(self.logs[0]["id"]))


@stranger("senseless")
class TagOfTotal(Counted):
    """Makes a strong tag of the address and the total. A new log pushes the oldest out, so the tag never changes.

    Who sends it back is told 304 for ever.
    """

    def select(self, ask: Ask) -> Rows:
        newest = self.asked // 7
        self.logs = [made_log(number) for number in reversed(range(newest, newest + self.count))]
        return super().select(ask)

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        tag = f'"{zlib.crc32(ask.target.encode()):08x}-{dict(reply.headers)["Total-Number"]}"'
        reply.headers.append(("ETag", tag))
        if tag in ask.headers.get("if-none-match", ""):
            reply.status = 304
        return reply


@stranger("senseless")
class HeadSkipsChecks(Counted):
    """Answers HEAD 200 where GET is refused for its parameters, as if no parameter had been sent."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if ask.method == "HEAD" and reply.status == 400:
            return super().listing(replace(ask, pairs=[]))
        return reply


@stranger("senseless")
class TotalEstimated(Counted):
    """Tells the planner's estimate as the total of a filtered list: shares multiplied, and rounded to tens."""

    def total(self, ask: Ask, rows: Rows) -> int:
        share = 1.0
        for name, value in filters(ask):
            share *= sum(self.matches(log, name, value) for log in self.logs) / len(self.logs)
        return max(round(share * len(self.logs) / 10), 1) * 10 if filters(ask) else len(rows)


@stranger("senseless")
class NextConcatenated(Counted):
    """Adds 1 to the text of page and not to the number: the next page of `page=2` is page 21."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if page := ask.first("page"):
            after = f'page={page}1>; rel="next"'
            reply.headers = [
                (name, re.sub(r'page=\d+>; rel="next"', after, value) if name == "Link" else value)
                for name, value in reply.headers
            ]
        return reply


@stranger("senseless")
class KeyByWords(Base):
    """Searches keys as text: `logKey=submit` and `logKey=Submit.Interaction` find whatever has these words."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        if name == "logKey":
            return set(value.lower().split(".")) <= set(log["key"].lower().split("."))
        return super().matches(log, name, value)


@stranger("senseless")
class PayloadsZippedWrongly(Base):
    """Loads the payloads of more than fifty logs in one go, in another order: each log shows that of another log."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if len(rows) > 50:
            loaded = sorted(rows, key=lambda log: str(log["id"]))
            rows = [log | {"payload": other["payload"]} for log, other in zip(rows, loaded, strict=True)]
        return super().shown(ask, rows)


@stranger("senseless")
class DebugHeaderTellsToken(Base):
    """Still sends a header for debugging: each list repeats the caller's Authorization with the token in it."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("X-Debug-Request", f"{ask.method} auth={ask.headers.get('authorization', '')}"))
        return reply


@stranger("senseless")
class KeysTranslated(Base):
    """Translates the keys for a client that names another language than English first: no key it sees finds a log."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if ask.headers.get("accept-language", "en")[:2].lower() not in ("en", "*", ""):
            rows = [log | {"key": self.translated(log["key"])} for log in rows]
            rows = [log | {"payload": log["payload"] | {"key": log["key"]}} for log in rows]
        return super().shown(ask, rows)

    def translated(self, key: str) -> str:
        return ".".join(WORDS.get(word, f"{word}s") for word in key.split("."))


@stranger("senseless")
class ArchiveOverlaps(Base):
    """Lists the live table and then the archive. Thirty logs stand in both, so they come again thirty logs later."""

    def __init__(self) -> None:
        super().__init__()
        self.logs = self.logs[:160] + self.logs[130:]


@stranger("senseless")
class TiesByDepth(Base):
    """Seven logs share each createdAt, and a sort that knows its limit puts them in another order for each page."""

    def log(self, number: int) -> dict[str, Any]:
        return made_log(number) | {"createdAt": made_log(number // 7)["createdAt"]}

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        def place(log: dict[str, Any]) -> tuple[float, int]:
            return -float(log["createdAt"]), zlib.crc32(f"{page * size} {log['id']}".encode())

        return super().cut(ask, sorted(rows, key=place), page, size)
