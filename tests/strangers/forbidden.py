"""Strangers that break the document: each does in one way what it rules out."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("forbidden")
class SilentCap(Base):
    """Gives at most 250 logs a page, whatever page_size says, and walks on by the page_size asked for."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, page, size)[:250]


@stranger("forbidden")
class LongFilterFails(Base):
    """Answers 500 to a filter of more than 255 characters."""

    def listing(self, ask: Ask) -> Reply:
        long = any(len(value) > 255 for _, value in ask.pairs)
        return self.error(500, "too long for the column") if long else super().listing(ask)


@stranger("forbidden")
class UserIsAlsoSession(Base):
    """userId matches the session and the application as well."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        more = name == "userId" and value in (log["payload"]["sessionId"], log["payload"].get("applicationId"))
        return super().matches(log, name, value) or more


@stranger("forbidden")
class DeepPagesLoseOne(Base):
    """From the hundredth log on, the last log of each page is lost, where pages are small."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return shown[:-1] if size < 50 and (page - 1) * size >= 100 else shown


@stranger("forbidden")
class PartialPageDropped(Base):
    """Shows full pages alone: the last, partial one is empty."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return [] if page > 1 and len(shown) < size else shown


@stranger("forbidden")
class LastPageRepeats(Base):
    """Answers a page past the end with the last one."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return super().cut(ask, rows, min(page, max(1, -(-len(rows) // size))), size)


@stranger("forbidden")
class NegativePages(Base):
    """Counts a negative page from the end where page_size is given."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name) or ""
        if name == "page" and text[:1] == "-" and text[1:].isdigit() and ask.first("page_size"):
            return 1
        return super().number(ask, name, default)


@stranger("forbidden")
class ZeroSize(Base):
    """Takes page_size 0 for the default under a filter."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        zero = name == "page_size" and ask.first(name) == "0" and ask.first("logKey") is not None
        return default if zero else super().number(ask, name, default)


@stranger("forbidden")
class BodyByAccept(Base):
    """Answers a client that prefers HTML with a page of HTML."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if ask.headers.get("accept", "").startswith("text/html"):
            return Reply(200, [("Content-Type", "text/html")], b"<h1>Logs</h1>")
        return super().shown(ask, rows)


@stranger("forbidden")
class ConditionFails(Base):
    """Answers a GET with an unknown If-None-Match 412."""

    def listing(self, ask: Ask) -> Reply:
        return self.error(412, "precondition") if "if-none-match" in ask.headers else super().listing(ask)


@stranger("forbidden")
class ScriptByCallback(Base):
    """Wraps the list into a script where callback is given."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if name := ask.first("callback"):
            return Reply(200, [("Content-Type", "application/javascript")], name.encode() + b"(" + reply.body + b")")
        return reply


@stranger("forbidden")
class SecondFilterAfterPage(Base):
    """Where two filters are given, the second one sifts the page and not the set."""

    def wanted(self, ask: Ask) -> list[tuple[str, str]]:
        return [(name, value) for name, value in ask.pairs if name in ("userId", "applicationId", "logKey")]

    def select(self, ask: Ask) -> Rows:
        return [log for log in self.logs if all(self.matches(log, *pair) for pair in self.wanted(ask)[:1])]

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shown = super().cut(ask, rows, page, size)
        return [log for log in shown if all(self.matches(log, *pair) for pair in self.wanted(ask)[1:])]


@stranger("forbidden")
class DecodedTwice(Base):
    """Decodes percent signs twice, so that a value with one is never found, and `%2575` finds `u`."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == unquote(value)


@stranger("forbidden")
class DefaultUnderFilter(Base):
    """Ten logs a page where logKey is given and page_size is not."""

    def default_size(self, ask: Ask) -> int:
        return 10 if ask.first("logKey") else 20


@stranger("forbidden")
class Injected(Base):
    """Pastes userId into a query: a value that closes the quote and adds an OR finds everything."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return super().matches(log, name, value) or (name == "userId" and "'" in value and " or " in value.lower())


@stranger("senseless")
class Trimmed(Base):
    """Ignores blanks around a filter."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == value.strip()


@stranger("senseless")
class Listed(Base):
    """Takes commas in applicationId for a list of values."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) in (value.split(",") if name == "applicationId" else [value])


@stranger("senseless")
class Pattern(Base):
    """Takes a star at the end of logKey for any end."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        star = name == "logKey" and value[-1:] == "*" and log["key"].startswith(value[:-1])
        return star or super().matches(log, name, value)


@stranger("senseless")
class LikePattern(Base):
    """Compares userId with LIKE: an underscore stands for any character, a percent sign for any text."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        like = name == "userId" and value in ("%", "u-%", "_" * len(str(self.field(log, name))))
        return super().matches(log, name, value) or (like and self.field(log, name) is not None)


@stranger("forbidden")
class NullUser(Base):
    """userId=null finds the logs without a user."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == (None if value in ("null", "undefined") else value)


@stranger("senseless")
class NumbersCompare(Base):
    """Compares values that look like numbers as numbers: 04711 and 4711.0 find 4711."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        try:
            return float(str(self.field(log, name))) == float(value)
        except ValueError:
            return super().matches(log, name, value)


@stranger("forbidden")
class PlusIsNoBlank(Base):
    """Loses a plus: `%2B` in a filter is read as a blank, so that one user is never found."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == value.replace("+", " ")


@stranger("forbidden")
class ThirdResult(Base):
    """One log of 300 has the result `Pending`."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["result"] = "Pending" if number == 77 else log["payload"]["result"]
        return log


@stranger("forbidden")
class OldLogWithoutTenant(Base):
    """The oldest log has no tenantId."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number == 0:
            del log["tenantId"]
        return log
