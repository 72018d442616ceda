"""The second batch, written from the document and from what is known of deployments: caches, columns and balancers."""

from __future__ import annotations

import copy
import gzip
import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

from tests.strangers.base import FILTERS, KEYS, NAMES, Ask, Base, Reply, decoded, made_log, stranger

Rows = list[dict[str, Any]]


def filters(ask: Ask) -> list[tuple[str, str]]:
    return [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]


class Cached(Base):
    """A cache in front of an honest server; `key` says which requests share an answer, None means not stored."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, Reply] = {}

    def key(self, ask: Ask) -> str | None:
        raise NotImplementedError

    def answer(self, ask: Ask) -> Reply:
        key = self.key(ask) if ask.method == "GET" else None
        if key is not None and key in self.stored:
            return copy.deepcopy(self.stored[key])
        reply = super().answer(ask)
        if key is not None and reply.status == 200:
            self.stored[key] = copy.deepcopy(reply)
        return reply


@stranger("forbidden")
class CacheLowersAddress(Cached):
    """The cache's key is the address in lower case, with the token: `U-EVE` gets what was stored for `u-eve`."""

    def key(self, ask: Ask) -> str | None:
        return ask.target.lower() + ask.headers.get("authorization", "")


@stranger("forbidden")
class CacheForgetsCaller(Cached):
    """The cache stores every address that has a query, without the token: nobody needs one once it is stored."""

    def key(self, ask: Ask) -> str | None:
        return ask.target if "?" in ask.target else None


@stranger("forbidden")
class Offset32(Base):
    """The offset is a signed number of 32 bits; one that turns negative counts as 0, so far pages show the first."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        offset = ((page - 1) * size + 2**31) % 2**32 - 2**31
        return rows[max(offset, 0) :][:size]


@stranger("forbidden")
class PagesRoundedDown(Base):
    """Counts the pages by a division that rounds down, one at least: what is on a last page not full is never seen."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size) if page <= max(len(rows) // size, 1) else []


@stranger("forbidden")
class IndexBehind(Base):
    """The index of applications is twelve logs behind: a filter by applicationId does not find the newest."""

    def select(self, ask: Ask) -> Rows:
        late = {log["id"] for log in self.logs[:12]} if ask.first("applicationId") else set()
        return [log for log in super().select(ask) if log["id"] not in late]


@stranger("forbidden")
class DeletedLogsByKey(Base):
    """Every seventeenth log is deleted softly: no list shows it but one filtered by logKey, which forgets the mark."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return rows if ask.first("logKey") else [log for log in rows if log["createdAt"] // 60_000 % 17]


@stranger("forbidden")
class OldReplica(Base):
    """One of nine replicas runs an older release, which calls the size `pageSize` and so reads no `page_size`."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        old = name == "page_size" and self.asked % 9 == 0
        return super().number(ask, "pageSize" if old else name, default)


@stranger("senseless")
class LongLiteralCut(Base):
    """The column of applications has 32 characters, and a longer value is cut to that before it is compared."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        if "applicationId" in log["payload"]:
            log["payload"]["applicationId"] = f"{log['payload']['applicationId']}-".ljust(32, "0")
        return log

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == (value[:32] if name == "applicationId" else value)


@stranger("senseless")
class AccentsFolded(Base):
    """A collation that tells cases apart but no accents: `u-Cleo` finds the logs of `u-Cléo`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        one, other = (
            "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
            for text in (self.field(log, name) or "", value)
        )
        return one == other


@stranger("forbidden")
class KeysetLosesTies(Base):
    """Logs come in pairs of one millisecond; a page begins with what is older than the last log of the page before."""

    def log(self, number: int) -> dict[str, Any]:
        return made_log(number) | {"createdAt": made_log((number + 1) // 2)["createdAt"]}

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        for _ in range(min(page - 1, len(rows))):
            last = rows[size - 1]["createdAt"] if len(rows) >= size else -1
            rows = [log for log in rows if log["createdAt"] < last]
        return rows[:size]


@stranger("forbidden")
class GatewayDecodesAgain(Base):
    """A gateway decodes the query and sends it on as it is: `%2B` arrives as a blank, `%2520` as one too."""

    def answer(self, ask: Ask) -> Reply:
        return super().answer(replace(ask, pairs=[(name, decoded(value)) for name, value in ask.pairs]))


@stranger("senseless")
class SummerTimeByKey(Base):
    """A second path of code reads times as local: the same log is one hour older in a list filtered by logKey."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if ask.first("logKey"):
            rows = [log | {"createdAt": log["createdAt"] - 3_600_000} for log in rows]
        return super().shown(ask, rows)


class Counted(Base):
    """Honest, with Total-Number and Link on each list."""

    def total(self, ask: Ask, rows: Rows) -> int:
        return len(rows)

    def link(self, ask: Ask, page: int) -> str:
        rest = [part for part in ask.target.partition("?")[2].split("&") if part and part.partition("=")[0] != "page"]
        return f"http://{ask.headers.get('host', '')}/api/logs?" + "&".join([*rest, f"page={page}"])

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        page, size = self.number(ask, "page", 1), self.number(ask, "page_size", 20)
        total = self.total(ask, self.select(ask))
        last = max(-(-total // size), 1)
        pages = {"first": 1, "last": last} | ({"prev": page - 1} if page > 1 else {})
        pages |= {"next": page + 1} if page < last else {}
        link = ", ".join(f'<{self.link(ask, number)}>; rel="{rel}"' for rel, number in pages.items())
        reply.headers += [("Total-Number", str(total)), ("Link", link)]
        return reply


@stranger("senseless")
class TotalOfAnotherQuery(Counted):
    """Counts are stored by the applicationId alone: a list filtered by user and application tells another's total."""

    def __init__(self) -> None:
        super().__init__()
        self.totals: dict[str, int] = {}

    def total(self, ask: Ask, rows: Rows) -> int:
        application = ask.first("applicationId")
        return self.totals.setdefault(application, len(rows)) if application else len(rows)


@stranger("senseless")
class LinkKeepsOneFilter(Counted):
    """The links keep one filter: with two filters they lead out of the list."""

    def link(self, ask: Ask, page: int) -> str:
        names = [name for name, _ in filters(ask)][1:]
        address, _, query = super().link(ask, page).partition("?")
        return f"{address}?" + "&".join(part for part in query.split("&") if part.partition("=")[0] not in names)


@stranger("senseless")
class HeadWithoutToken(Counted):
    """Authorization hangs on GET alone: HEAD tells anybody the total of each filter."""

    def refusal(self, ask: Ask) -> Reply | None:
        return None if ask.method == "HEAD" else super().refusal(ask)


@stranger("senseless")
class CacheForgetsEncoding(Cached):
    """A cache without Vary: after a client that takes gzip, every client of that address gets gzip."""

    def key(self, ask: Ask) -> str | None:
        return ask.target + ask.headers.get("authorization", "")

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if "gzip" in ask.headers.get("accept-encoding", "") and reply.status == 200:
            reply.body = gzip.compress(reply.body)
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply


@stranger("honest")
class OrderedById(Counted):
    """Lists logs in the order of their ids, which say nothing of time."""

    def select(self, ask: Ask) -> Rows:
        return sorted(super().select(ask), key=lambda log: str(log["id"]))


@stranger("honest")
class OldestFirstAndGrowing(Counted):
    """Oldest first; every fifteenth request a log is added at the end."""

    def select(self, ask: Ask) -> Rows:
        self.logs[:0] = [made_log(number) for number in reversed(range(len(self.logs), 300 + self.asked // 15))]
        return super().select(ask)[::-1]


@stranger("honest")
class RollingWindow(Base):
    """Keeps 300 logs: every twentieth request a new log pushes the oldest out."""

    def select(self, ask: Ask) -> Rows:
        newest = self.asked // 20
        self.logs = [made_log(number) for number in reversed(range(newest, newest + 300))]
        return super().select(ask)


@stranger("honest")
class ExponentTimes(Base):
    """Writes times with an exponent and a fraction, members in another order each time, and an unpaired member more."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"] |= {"nothing": None, "text": "\U0001f9ea\u2028\x7f", KEYS[0]: [NAMES[2], {}, [], 0.5, -1e-7]}
        return log | {"createdAt": log["createdAt"] + 0.25}

    def dumps(self, rows: Rows) -> bytes:
        turned = [dict(sorted(log.items(), key=lambda item: hash((item[0], self.asked)))) for log in rows]
        return re.sub(r"(\d{13})\.25", r"\g<1>25e-2", json.dumps(turned)).encode()
