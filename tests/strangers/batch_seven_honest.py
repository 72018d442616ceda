"""The seventh batch, written blind: unusual, and right."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import threading
import time
from typing import Any

from tests.strangers.base import FILTERS, NEWEST, Ask, Base, Reply, stranger
from tests.strangers.batch_seven import Detail

Rows = list[dict[str, Any]]


@stranger("honest")
class FindsById(Detail):
    """Answers `/api/logs/{id}` as well, with the same log as the list, or 404 and a body with a message."""


@stranger("honest")
class ReadsLeaveTraces(Base):
    """Every list that is read leaves a log of its own behind, which stands first in the next one."""

    def select(self, ask: Ask) -> Rows:
        found = super().select(ask)
        with self.lock:
            self.logs = [self.log(len(self.logs)), *self.logs]
        return found


@stranger("honest")
class LuaTimes(Base):
    """Writes createdAt with an exponent, as languages do whose only numbers are floating."""

    def dumps(self, rows: Rows) -> bytes:
        return re.sub(rb'"createdAt": ?(\d)(\d+)', rb'"createdAt":\1.\2e+12', super().dumps(rows))


@stranger("honest")
class EscapedSlashes(Base):
    """JSON with `\\/` for each slash and `\\u00e9` for each letter beyond ASCII, after a line feed and before two."""

    def dumps(self, rows: Rows) -> bytes:
        return b"\n" + json.dumps(rows, ensure_ascii=True).replace("/", "\\/").encode() + b"\r\n\t"


@stranger("honest")
class OneTagForAll(Base):
    """The ETag is the version of the table, so that all pages have the same; a weak match of it, or `*`, is 304."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200:
            reply.headers.append(("ETag", f'W/"table-{len(self.logs)}"'))
            sent = [tag.strip().removeprefix("W/") for tag in ask.headers.get("if-none-match", "").split(",")]
            if f'"table-{len(self.logs)}"' in sent or sent == ["*"]:
                reply.status, reply.headers = 304, [pair for pair in reply.headers if pair[0] == "ETag"]
        return reply


@stranger("honest")
class LaggingReplicas(Base):
    """Of four replicas asked in turn one lacks the newest 5 logs and one the newest 60; each counts its own."""

    def __init__(self) -> None:
        super().__init__()
        self.here = threading.local()

    def select(self, ask: Ask) -> Rows:
        lag = (0, 5, 0, 60)[self.asked % 4]
        held = {id(log) for log in self.logs[lag:]}
        found = [log for log in super().select(ask) if id(log) in held]
        self.here.total = len(found)
        return found

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        reply.headers.append(("Total-Number", str(self.here.total)))
        return reply


@stranger("honest")
class StaleTotals(Base):
    """A log comes at every seventh request; Total-Number is counted anew only after two seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: dict[tuple[tuple[str, str], ...], tuple[float, int]] = {}

    def select(self, ask: Ask) -> Rows:
        with self.lock:
            if self.asked % 7 == 0:
                self.logs = [self.log(len(self.logs)), *self.logs]
        return super().select(ask)

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        query = tuple(sorted(pair for pair in ask.pairs if pair[0] in FILTERS))
        at, total = self.counted.get(query, (-9.0, 0))
        if at + 2 < time.monotonic():
            total = len(super().select(ask))
            self.counted[query] = (time.monotonic(), total)
        reply.headers.append(("Total-Number", str(total)))
        return reply


@stranger("honest")
class TiesShuffled(Base):
    """Five logs each share a createdAt, and come in another order at every request."""

    profile = "observed"

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "createdAt": NEWEST + number // 5 * 300_000}

    def select(self, ask: Ask) -> Rows:
        found = super().select(ask)
        random.shuffle(found)
        return sorted(found, key=lambda log: -int(log["createdAt"]))


def nested(depth: int) -> dict[str, Any]:
    return {"in": nested(depth - 1)} if depth else {"": [None, True, -0.5e-7, {}], "__proto__": {"toString": "x"}}


@stranger("honest")
class BoundaryLogs(Base):
    """Logs at the bounds of the schema: ids of 1 to 21 characters, keys of 1 and of 128 and with `&=+%#`, an empty
    tenantId, times before 1970 and with fractions, deep params, empty objects, other members beside the known ones."""

    keys = ("K", "Custom." + "x" * 121, "A&B=C+D%20#é", "Interaction.SignIn.Submit")

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log |= {"tenantId": "", "key": self.keys[number * 3 % 7 % 4], "createdAt": (number - 20) * 2_592_000_000 + 0.25}
        log["id"] = f"{number:x}" if number % 2 else f"{number:021d}"
        log["shard"] = {"region": "eu", "replica": None}
        log["payload"] |= {"key": "", "userAgentParsed": {"os": {}, "bot": None}, "injectedHeaders": {}}
        log["payload"]["params"] = nested(number % 60)
        if number % 4 == 0:
            log["payload"] |= {"result": "Error", "error": "" if number % 8 else {}}
        return log


@stranger("honest")
class CaselessNames(Base):
    """Names of parameters mean the same in any case, as everywhere in its framework: `PAGE=2`, `userid=x`."""

    def listing(self, ask: Ask) -> Reply:
        known = {name.lower(): name for name in (*FILTERS, "page", "page_size")}
        pairs = [(known.get(name.lower(), name), value) for name, value in ask.pairs]
        return super().listing(dataclasses.replace(ask, pairs=pairs))


@stranger("honest")
class AscendingOrder(Base):
    """Lists the oldest log first, always and with every filter: the document states no order."""

    def select(self, ask: Ask) -> Rows:
        return super().select(ask)[::-1]


@stranger("honest")
class RobotsOnly(Base):
    """A young tenant that only machines use: 45 logs of one application and one key, and no user in any of them."""

    count = 45

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        key = "ExchangeTokenBy.ClientCredentials"
        return {**log, "key": key, "payload": {"key": key, "result": "Success", "applicationId": "app-robot"}}
