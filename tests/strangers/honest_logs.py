"""Strangers that keep the document: how logs come, how they are ordered, and what is in them."""

from __future__ import annotations

import time
import zlib
from typing import Any

from tests.strangers.base import Ask, Base, Reply, made_log, stranger
from tests.strangers.senseless import Totals

Rows = list[dict[str, Any]]


@stranger("honest")
class Growing(Totals):
    """A log arrives at every third request."""

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 3 == 0:
                self.logs = [made_log(len(self.logs)), *self.logs]
        return super().answer(ask)


class Replicas(Growing):
    behind, every = 4, 20

    def select(self, ask: Ask) -> Rows:
        late = self.behind if self.asked % self.every == 0 else 0
        kept, self.logs = self.logs, self.logs[late:]
        try:
            return super().select(ask)
        finally:
            self.logs = kept


@stranger("honest")
class ReplicaFew(Replicas):
    """Every twentieth request meets a replica that is four logs behind."""


@stranger("honest")
class ReplicaMany(Replicas):
    """Every twelfth request meets a replica that is twelve logs behind."""

    behind, every = 12, 12


@stranger("honest")
class ReplicaHalf(Replicas):
    """Every second request meets a replica that is one log behind."""

    behind, every = 1, 2


@stranger("honest")
class LateTotals(Growing):
    """The total is counted every two seconds; logs arrive meanwhile."""

    counted: tuple[float, dict[str, int]] = (0.0, {})

    def total(self, ask: Ask) -> int:
        if time.monotonic() - self.counted[0] > 2:
            self.counted = (time.monotonic(), {})
        return self.counted[1].setdefault(str(sorted(ask.pairs)), super().total(ask))


@stranger("honest")
class Many(Base):
    """Four thousand logs."""

    count = 4_000


@stranger("honest")
class Few(Totals):
    """Three logs."""

    count = 3


@stranger("honest")
class OneLog(Base):
    """A single log."""

    count = 1


@stranger("honest")
class StableTies(Base):
    """Five logs share each createdAt, in an order that holds."""

    def log(self, number: int) -> dict[str, Any]:
        return super().log(number) | {"createdAt": 1_760_000_000_000 + number // 5 * 1000}


@stranger("honest")
class LooseTies(Totals):
    """Eight logs share each createdAt, and their order differs by page, size and filter (observed)."""

    profile = "observed"

    def log(self, number: int) -> dict[str, Any]:
        return super().log(number) | {"createdAt": 1_760_000_000_000 + number // 8 * 1000}

    def select(self, ask: Ask) -> Rows:
        salt = zlib.crc32(ask.target.encode())
        return sorted(
            super().select(ask), key=lambda log: (-log["createdAt"], zlib.crc32(f"{salt}{log['id']}".encode()))
        )


@stranger("honest")
class AllTied(LooseTies):
    """All logs share one createdAt (observed)."""

    def log(self, number: int) -> dict[str, Any]:
        return made_log(number) | {"createdAt": 1_760_000_000_000}


@stranger("honest")
class Skewed(Base):
    """Clocks differ: createdAt runs ahead by a year, some logs stand before earlier ones, and some have fractions."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | {"createdAt": log["createdAt"] + 31_536_000_000 + (0.25 if number % 2 else -90_000)}


@stranger("honest")
class OldestFirst(Base):
    """Lists the oldest log first: the document states no order."""

    def select(self, ask: Ask) -> Rows:
        return super().select(ask)[::-1]


@stranger("honest")
class OddJson(Base):
    """Payloads hold 1e400, an escaped lone surrogate, 200 levels of lists, and numbers of 40 digits."""

    def dumps(self, rows: Rows) -> bytes:
        odd = b'"params": {"a": 1e400, "b": "\\ud800", "c": ' + b"[" * 200 + b"]" * 200 + b', "d": ' + b"9" * 40 + b"}"
        return super().dumps(rows).replace(b'"params": {}', odd)


@stranger("honest")
class MoreMembers(Base):
    """Logs and payloads have members that the document does not name, null among them."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] |= {"extra": None, "injectedHeaders": {"a": "b"}, "nested": {"a": [1, None, {"b": {}}]}}
        return log | {"region": "eu", "expires": None}
