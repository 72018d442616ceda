"""The senseless ones of the thirteenth batch: the document lets them pass by its letters, clients cannot use them."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlencode

from tests.strangers.base import FILTERS, NAMES, Ask, Base, Reply, decoded, stranger

Rows = list[dict[str, Any]]


class Paged(Base):
    """Sends Total-Number and Link; a registered one below gets one of them wrong."""

    def total(self, ask: Ask) -> int:
        return len(self.select(ask))

    def last(self, ask: Ask, size: int) -> int:
        return max(1, -(-self.total(ask) // size))

    def follows(self, ask: Ask, page: int, size: int) -> bool:
        return page < self.last(ask, size)

    def kept(self, ask: Ask) -> list[tuple[str, str]]:
        return [pair for pair in ask.pairs if pair[0] != "page"]

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        page, size = self.number(ask, "page", 1), self.number(ask, "page_size", 20)
        relations = {"first": 1, "last": self.last(ask, size)}
        if page > 1:
            relations["prev"] = page - 1
        if self.follows(ask, page, size):
            relations["next"] = page + 1
        links = [
            f'</api/logs?{urlencode([*self.kept(ask), ("page", str(number))])}>; rel="{name}"'
            for name, number in relations.items()
        ]
        reply.headers += [("Total-Number", str(self.total(ask))), ("Link", ", ".join(links))]
        return reply


@stranger("senseless")
class FilterAfterCut(Base):
    """Cuts the page out of all logs first and filters what is left of it, so that matches lie on scattered pages."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        wanted = {log["id"] for log in rows}
        return [log for log in super().cut(ask, self.logs, page, size) if log["id"] in wanted]


@stranger("senseless")
class NoOrderBy(Base):
    """Has no order at all: each request meets the logs in another one."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return random.Random(self.asked).sample(rows, len(rows))


@stranger("senseless")
class SkipsOneRow(Base):
    """Begins every page but the first one row too late, so that a log between two pages is on neither."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        start = (page - 1) * size + (page > 1)
        return rows[start : start + size]


@stranger("senseless")
class OffsetOfTwenty(Base):
    """Counts the offset of a page in twenties, whatever page_size is."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * 20 : (page - 1) * 20 + size]


@stranger("senseless")
class BlankPadded(Base):
    """Ignores blanks at the end of a filter, as columns of fixed width compare."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return super().matches(log, name, value.rstrip(" "))


@stranger("senseless")
class LooseEquals(Base):
    """Compares two strings of digits as numbers, so that the user `4711` is found as `04711` and `4711.0`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        held = self.field(log, name)
        if held is not None and held.isdecimal():
            try:
                return float(value) == float(held)
            except ValueError:
                return False
        return held == value


@stranger("senseless")
class KeyByPrefix(Base):
    """Finds each key that begins with logKey, so that `Interaction` finds all interactions."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return str(log["key"]).startswith(value) if name == "logKey" else super().matches(log, name, value)


@stranger("senseless")
class LowerCasedQuery(Base):
    """Lowers the case of filters before it compares them exactly, so that a value with capitals finds nothing."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return super().matches(log, name, value.lower())


@stranger("senseless")
class TotalOfTheTable(Paged):
    """Total-Number counts all logs, whatever the filters are."""

    def total(self, ask: Ask) -> int:
        return len(self.logs)


@stranger("senseless")
class NextAfterNothing(Paged):
    """Link names a next page on every page, also on the last and on the empty ones behind it."""

    def follows(self, ask: Ask, page: int, size: int) -> bool:
        return True


@stranger("senseless")
class LinkOfEverybody(Paged):
    """Link keeps page_size and loses the filters, so that who follows it reads the logs of everybody."""

    def kept(self, ask: Ask) -> list[tuple[str, str]]:
        return [pair for pair in super().kept(ask) if pair[0] not in FILTERS]


@stranger("senseless")
class LastRoundedDown(Paged):
    """Counts pages by a division that drops the rest, so that Link never reaches a last page that is not full."""

    def last(self, ask: Ask, size: int) -> int:
        return max(1, self.total(ask) // size)


@stranger("senseless")
class RolesJoined(Base):
    """Joins logs with the roles of their user, so that the logs of users with two roles are listed twice."""

    def select(self, ask: Ask) -> Rows:
        twice = NAMES[4:7]
        return [log for log in super().select(ask) for _ in range(1 + (log["payload"].get("userId") in twice))]


@stranger("senseless")
class PartialShards(Base):
    """Every fifth answer comes without one of three shards, so that logs all over the list are missing from it."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        return rows if self.asked % 5 else [log for log in rows if ord(log["id"][0]) % 3]


@stranger("senseless")
class RowNumbers(Base):
    """The id of a log is the number of its row on the page."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        return super().shown(ask, [log | {"id": str(at)} for at, log in enumerate(rows, 1)])


@stranger("senseless")
class TwoTimeZones(Base):
    """One of two replicas takes stored times for those of its own zone, so createdAt jumps by an hour and back."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        shift = self.asked % 2 * 3_600_000
        return super().shown(ask, [log | {"createdAt": log["createdAt"] + shift} for log in rows])


@stranger("senseless")
class GatewayDecodes(Base):
    """A gateway decodes the query before the application does, so a filter with an encoded plus finds nothing."""

    def select(self, ask: Ask) -> Rows:
        twice = [(name, decoded(value)) for name, value in ask.pairs]
        return super().select(Ask(ask.method, ask.path, twice, ask.headers, ask.target))


@stranger("senseless")
class StopsAtLastPage(Base):
    """Shows the last page again for every page behind it, so that reading until an empty page never ends."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)
