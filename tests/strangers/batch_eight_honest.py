"""The eighth batch, the rest: servers that are odd, and right."""

from __future__ import annotations

import dataclasses
import zlib
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from tests.strangers.base import FILTERS, NEWEST, Ask, Base, Reply, stranger
from tests.strangers.batch_eight import Detailed, Rows

ODD = ("a&b=c", "x#y", 'say "hi"', "back\\slash", "two  words", "null", "%2B", "𝒜da 🦉", "true", "日本", "a,b;c", "[1]")


@stranger("honest")
class ChecksBeforeAuth(Base):
    """A gateway checks the parameters before anybody looks at the token: a wrong page is 400 without one."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = self.listing(ask)
        return reply if reply.status == 400 else super().refusal(ask)


@stranger("honest")
class SortedById(Base):
    """Lists by id, which has nothing to do with time."""

    def __init__(self) -> None:
        super().__init__()
        self.logs.sort(key=lambda log: str(log["id"]))


@stranger("honest")
class SummaryList(Detailed):
    """The list shows what filters look at and the result; the whole payload comes by id."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        names = ("key", "result", "error", "userId", "applicationId")
        short = [{name: log["payload"][name] for name in names if name in log["payload"]} for log in rows]
        return super().shown(ask, [log | {"payload": payload} for log, payload in zip(rows, short, strict=True)])


@stranger("honest")
class RicherLogs(Base):
    """Times have microseconds behind the point; logs and payloads have members beyond the schema, some of them null."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] |= {"alteration": None, "": [], "userAgentParsed": {"os": {}, "bot": None}}
        log["payload"]["params"] = {"__proto__": {"length": 2**70}, "ratio": 1e-300}
        more = {"_links": {"self": {"href": f"/logs/{number}"}}, "deletedAt": None, "updatedAt": log["createdAt"]}
        return {"sequence": number, **log, "createdAt": log["createdAt"] + number % 1000 / 1024, **more}


@stranger("honest")
class AnyOfValues(Base):
    """A filter that is sent several times takes logs of any of its values; of a number, the last one counts."""

    def listing(self, ask: Ask) -> Reply:
        last = dataclasses.replace(ask, pairs=list(dict(ask.pairs).items()))
        try:
            page, size = self.number(last, "page", 1), self.number(last, "page_size", 20)
        except ValueError:
            return self.error(400, "guard.invalid_pagination")
        return self.shown(ask, self.cut(ask, self.select(ask), page, size))

    def select(self, ask: Ask) -> Rows:
        asked = {name: {value for key, value in ask.pairs if key == name and value} for name in FILTERS}
        wanted = {name: values for name, values in asked.items() if values}
        return [log for log in self.logs if all(self.field(log, name) in wanted[name] for name in wanted)]


@stranger("honest")
class BusyDeployment(Base):
    """Two logs are written at each request; Total-Number is kept for a moment, and told again before it is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, tuple[int, int]] = {}

    def refusal(self, ask: Ask) -> Reply | None:
        with self.lock:
            grown = [self.log(len(self.logs) + more) for more in (1, 0)]
            self.logs = grown + self.logs
        return super().refusal(ask)

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        wanted = repr(sorted(pair for pair in ask.pairs if pair[0] in FILTERS))
        when, total = self.counts.get(wanted, (-100, 0))
        if self.asked - when >= 12:
            when, total = self.counts[wanted] = self.asked, len(self.select(ask))
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(total)))
        return reply


@stranger("honest")
class ReplicaRing(Base):
    """Three replicas in turn: one is up to date, one lacks the newest 3 logs, and one the newest 11."""

    def select(self, ask: Ask) -> Rows:
        behind = {log["id"] for log in self.logs[: (0, 3, 11)[self.asked % 3]]}
        return [log for log in super().select(ask) if log["id"] not in behind]


@stranger("honest")
class BareWire(Base):
    """No reason phrase, no blank behind colons or several, and chunks whose sizes have capitals and zeros in front."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head = f"HTTP/1.1 {reply.status} \r\n"
        head += "".join(f"{name.upper()}:{value} \t\r\n" for name, value in reply.headers)
        head += "tRANSFER-eNCODING:  chunked\r\nX-Empty:\r\n\r\n"
        pieces = [reply.body[:1], *(reply.body[at : at + 2748] for at in range(1, len(reply.body), 2748)), b""]
        body = b"".join(b"%06X\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        reply.raw = head.encode("latin-1") + (b"" if ask.method == "HEAD" else body)
        return reply


@stranger("honest")
class OneVersionTag(Base):
    """One weak tag and one date for all lists, the version of the table; either of them gives a 304."""

    def fresh(self, ask: Ask, tag: str, seconds: int) -> bool:
        tags = ask.headers.get("if-none-match")
        if tags is not None:
            return tags.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in tags.split(",")]
        try:
            return parsedate_to_datetime(ask.headers["if-modified-since"]).timestamp() >= seconds
        except (KeyError, ValueError, TypeError):
            return False

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            tag, seconds = f'"table-{len(self.logs)}"', NEWEST // 1000 + len(self.logs) * 60
            reply.headers += [("ETag", f"W/{tag}"), ("Last-Modified", formatdate(seconds, usegmt=True))]
            reply.headers += [("Cache-Control", "private, no-cache"), ("Vary", "Authorization")]
            reply.status = 304 if self.fresh(ask, tag, seconds) else 200
        return reply


@stranger("honest")
class OddNames(Base):
    """Users whose ids have every sign that needs escaping, keys of 128 letters, and log ids of 21 emoji."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if "userId" in log["payload"]:
            log["payload"]["userId"] = ODD[number * 7 % 23 % 12]
        key = log["payload"]["key"].ljust(128, ".") if number % 3 == 0 else log["key"]
        log["payload"]["key"] = key
        identity = "".join(chr(0x1F600 + int(digit, 16)) for digit in log["id"])
        return log | {"tenantId": "租" * 21, "id": identity, "key": key}


@stranger("honest")
class TornTies(Base):
    """Four logs at a time have one createdAt, and come in another order at each request."""

    profile = "observed"

    def log(self, number: int) -> dict[str, Any]:
        return super().log(number) | {"createdAt": NEWEST + number // 4 * 60_000}

    def select(self, ask: Ask) -> Rows:
        salt = self.asked
        rows = super().select(ask)
        return sorted(rows, key=lambda log: (-log["createdAt"], zlib.crc32(f"{salt} {log['id']}".encode())))


@stranger("honest")
class HugeLog(Base):
    """One log of the first page has 300 kB of text, another is 60 objects deep, a third has 3,000 parameters."""

    def log(self, number: int) -> dict[str, Any]:
        log, params = super().log(number), log_params(number)
        log["payload"]["params"] = params
        return log


def log_params(number: int) -> dict[str, Any]:
    if number == 296:
        return {"assertion": "<xml> é " * 36_000}
    if number == 292:
        return {f"custom:{name}": [name, None, 0.5] for name in range(3000)}
    deep: dict[str, Any] = {}
    for _ in range(60 if number == 294 else 0):
        deep = {"inner": deep, "more": []}
    return deep
