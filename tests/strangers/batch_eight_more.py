"""The eighth batch, continued: what the document lets pass, and no client can live with."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger
from tests.strangers.batch_eight import Detailed, Rows


@stranger("senseless")
class HotFirstPage(Base):
    """The first page is a list of the newest that is kept in memory; all others come from a table, oldest first."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[:size] if page == 1 else super().cut(ask, rows[::-1], page, size)


@stranger("senseless")
class FixedStride(Base):
    """Each page begins 20 logs behind the one before it, however many logs a page was asked to have."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * 20 :][:size]


@stranger("senseless")
class WordIndex(Base):
    """Filters ask a full-text index: every value that has all the words of the filter matches."""

    def words(self, text: str) -> set[str]:
        return set(re.findall(r"[^\W_]+", text.lower()))

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        asked = self.words(value)
        return bool(asked) and asked <= self.words(self.field(log, name) or "")


@stranger("senseless")
class Collation(Base):
    """Compares filters by a collation: case, accents and blanks at the end make no difference."""

    def plain(self, text: str) -> str:
        letters = unicodedata.normalize("NFKD", text.rstrip(" "))
        return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        field = self.field(log, name)
        return field is not None and self.plain(field) == self.plain(value)


@stranger("senseless")
class ZonedReplicas(Base):
    """One of two replicas reads the stored times in another time zone: its logs are an hour younger."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        shift = self.asked % 2 * 3_600_000
        return super().shown(ask, [log | {"createdAt": log["createdAt"] + shift} for log in rows])


@stranger("senseless")
class RoundedIds(Base):
    """Ids are numbers of 19 digits that passed through a double on their way, so that neighbours share one."""

    def log(self, number: int) -> dict[str, Any]:
        return super().log(number) | {"id": str(int(float(1_760_000_000_000_000_000 + number * 90)))}


@stranger("senseless")
class StuckOnLastPage(Base):
    """Behind the last page comes the last page, again and again."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)


@stranger("senseless")
class FailingShards(Base):
    """At every third request one of five shards gives no answer in time, and its logs are left out without a word."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        if self.asked % 3:
            return rows
        return [log for log in rows if int(log["id"], 16) % 5 != self.asked // 3 % 5]


@stranger("senseless")
class TwiceEncoded(Base):
    """Stored texts are shown encoded twice, so that letters beyond ASCII are garbled; filters know the right ones."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows).decode("latin-1").encode()


@stranger("senseless")
class ArchiveInSeconds(Base):
    """Its older logs were moved to an archive, whose times are seconds; the newer ones have milliseconds."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | {"createdAt": log["createdAt"] // 1000} if number < 160 else log


@stranger("senseless")
class RecentDetailOnly(Detailed):
    """By id it finds only the newest 100 logs; the others, which it lists all the same, are 404."""

    def detail(self, ask: Ask, identity: str) -> Reply:
        if identity not in [log["id"] for log in self.logs[:100]]:
            return self.error(404, "entity.not_exists_with_id")
        return super().detail(ask, identity)


@stranger("senseless")
class EndlessNext(Base):
    """Every page links to a next one, empty pages behind the end too."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        kept = [part for part in ask.target.partition("?")[2].split("&") if part and not part.startswith("page=")]
        query = "&".join([*kept, f"page={self.number(ask, 'page', 1) + 1}"])
        reply.headers.append(("Link", f'</api/logs?{query}>; rel="next"'))
        return reply
