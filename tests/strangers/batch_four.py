"""The fourth batch: servers that break the document, and a few that it permits and no client can live with.

They follow public bug reports about pages, guards, caches and encoders. `batch_four_rest` has the others of the batch.
All of them were written before any was judged.
"""

from __future__ import annotations

import threading
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, decoded, made_log, stranger

Rows = list[dict[str, Any]]


def filters(ask: Ask) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in ask.pairs if name in FILTERS and value))


@stranger("forbidden")
class SizeLostUnderTwoFilters(Base):
    """A second form of the query has no page_size: with two filters a page has 20 logs, whatever was asked."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, 20 if len(filters(ask)) > 1 else size)


@stranger("senseless")
class PaddedLastPage(Base):
    """The last page is filled up with logs of the page before it, so that it is never partial."""

    count = 293

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * size
        return rows[-size:] if 0 < start < len(rows) < start + size else rows[start : start + size]


@stranger("forbidden")
class EmptyObjectIsArray(Base):
    """The encoder cannot tell an empty map from an empty list: `params` without members is `[]`, in one log of 60."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"]["params"] = {"client_id": "c"} if number % 60 else []
        return log


@stranger("forbidden")
class TextTimesByFilter(Base):
    """A driver gives large integers as text: createdAt is one where applicationId is given, through another query."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if ask.first("applicationId"):
            rows = [log | {"createdAt": str(log["createdAt"])} for log in rows]
        return super().shown(ask, rows)


@stranger("forbidden")
class EncodedPathOpen(Base):
    """The guard reads the path as it was sent, the router decodes it: `/%61pi/logs` needs no token."""

    def answer(self, ask: Ask) -> Reply:
        if "%" in ask.path and ask.method == "GET" and decoded(ask.path) == "/api/logs":
            return self.listing(ask)
        return super().answer(ask)


@stranger("forbidden")
class TokenKnownByTail(Base):
    """Results of checks are stored under the last 16 characters of a token: changed claims pass with an old tail."""

    def __init__(self) -> None:
        super().__init__()
        self.tails: set[str] = set()

    def valid(self, token: str) -> bool:
        if super().valid(token):
            self.tails.add(token[-16:])
        return token[-16:] in self.tails


@stranger("forbidden")
class DecisionStored(Base):
    """Whether an address may be read is stored by the address alone: afterwards no scope is needed for it."""

    def __init__(self) -> None:
        super().__init__()
        self.granted: set[str] = set()

    def may_read(self, ask: Ask, token: str) -> bool:
        if super().may_read(ask, token):
            self.granted.add(ask.target)
        return ask.target in self.granted


@stranger("forbidden")
class RefusalStored(Base):
    """A refusal is stored by its address: whoever asks there next is refused too, with a good token as well."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()

    def refusal(self, ask: Ask) -> Reply | None:
        refusal = super().refusal(ask)
        if refusal is not None:
            self.refused.add(ask.target)
        elif ask.target in self.refused:
            self.refused.remove(ask.target)
            return self.error(401, "auth.unauthorized")
        return refusal


@stranger("forbidden")
class ColdIndex(Base):
    """The first question for a filter finds nothing, since its index is only then loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.warm: set[tuple[tuple[str, str], ...]] = {()}

    def select(self, ask: Ask) -> Rows:
        cold = filters(ask) not in self.warm
        self.warm.add(filters(ask))
        return [] if cold else super().select(ask)


@stranger("forbidden")
class SizeOneShowsTwo(Base):
    """A page has two logs at least: page_size 1 shows the log of the next page too."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : (page - 1) * size + max(size, 2)]


@stranger("forbidden")
class FullLastPageShort(Base):
    """Compares with the end by `<`: a last page that is full loses its last log. 287 logs are seven times 41."""

    count = 287

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : min(page * size, len(rows) - (page * size == len(rows)))]


@stranger("forbidden")
class TenPagesAtMost(Base):
    """A later page than the tenth shows the tenth, without a word."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, 10), size)


@stranger("forbidden")
class OldNotIndexed(Base):
    """Only the newest 250 logs are in the index, so filters do not find the others, which the plain list shows."""

    def select(self, ask: Ask) -> Rows:
        indexed = {log["id"] for log in self.logs[:250]}
        return [log for log in super().select(ask) if not filters(ask) or log["id"] in indexed]


@stranger("forbidden")
class MajorIsNumber(Base):
    """A parser of user agents gives the major version of some browsers as a number."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        major: object = "17" if number % 75 else 17
        log["payload"]["userAgentParsed"] = {"ua": "x", "browser": {"name": "Reader", "major": major}, "os": {}}
        return log


@stranger("forbidden")
class WordIsFirstPage(Base):
    """A page that is a word means page 1, where a filter and a size are given as well."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        if name == "page" and filters(ask) and ask.first("page_size") and (ask.first("page") or "").isalpha():
            return 1
        return super().number(ask, name, default)


@stranger("forbidden")
class EmptyListIsHtml(Base):
    """The type of the content is set with the first row: an empty list is `text/html`."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        return reply if rows else Reply(200, [("Content-Type", "text/html; charset=utf-8")], b"[]")


@stranger("forbidden")
class OverrideOpens(Base):
    """The guard lets OPTIONS pass, and reads the method from `X-HTTP-Method-Override`; the router does not."""

    def refusal(self, ask: Ask) -> Reply | None:
        return None if ask.headers.get("x-http-method-override") == "OPTIONS" else super().refusal(ask)


@stranger("forbidden")
class ConnectionRemembersToken(Base):
    """A connection that has shown a good token once needs none afterwards; each connection has a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = threading.local()

    def refusal(self, ask: Ask) -> Reply | None:
        refusal = super().refusal(ask)
        if refusal is None:
            self.connection.known = True
        return None if getattr(self.connection, "known", False) and "authorization" not in ask.headers else refusal


@stranger("forbidden")
class SpareAmpersandFails(Base):
    """The reader of queries expects a parameter behind each `&`: one at the end is a 500."""

    def listing(self, ask: Ask) -> Reply:
        return self.error(500, "internal") if ask.target.endswith("&") else super().listing(ask)


@stranger("forbidden")
class SessionPage(Base):
    """The page that a caller asked for is kept, and shown again to a request that names none."""

    kept = 1

    def number(self, ask: Ask, name: str, default: int) -> int:
        value = super().number(ask, name, self.kept if name == "page" else default)
        if name == "page":
            self.kept = value
        return value


@stranger("senseless")
class IdOfJoin(Base):
    """With applicationId the id is that of a joined table: the same log has another id than in the plain list."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if ask.first("applicationId"):
            rows = [log | {"id": "j" + log["id"][:20]} for log in rows]
        return super().shown(ask, rows)


@stranger("senseless")
class MaskedUsers(Base):
    """Users are masked in what is shown, but not in what is searched: no client can use a user that it sees."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        masked = [log | {"payload": dict(log["payload"])} for log in rows]
        for log in masked:
            if "userId" in log["payload"]:
                log["payload"]["userId"] = log["payload"]["userId"][:2] + "***"
        return super().shown(ask, masked)


@stranger("senseless")
class PublicCache(Base):
    """Lists are `Cache-Control: public`: any cache on the way may give them to callers without a token."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Cache-Control", "public, max-age=600"))
        return reply


@stranger("senseless")
class EachPageReversed(Base):
    """Pages come newest first, and each page lists its logs oldest first."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size)[::-1]
