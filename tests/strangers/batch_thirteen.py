"""A thirteenth batch, written blind: servers that break what the document says, each as a usual stack would."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


def crash() -> Reply:
    return Reply(500, [("Content-Type", "text/html")], b"<h1>Internal Server Error</h1>")


@stranger("forbidden")
class TwentyFiveUnasked(Base):
    """Shows 25 entries where no page_size is given, as its paging library has it, although the default is 20."""

    def default_size(self, ask: Ask) -> int:
        return 25


@stranger("forbidden")
class PageZeroForgiven(Base):
    """Takes page 0 and pages below it for the first page."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name) or ""
        if name == "page" and text.removeprefix("-").isdecimal() and text.isascii():
            return max(1, int(text))
        return super().number(ask, name, default)


@stranger("forbidden")
class DigitsUpFront(Base):
    """Reads the digits that a number begins with and drops the rest, so that `2abc` and `2.7` are 2."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        end = next((at for at, letter in enumerate(text) if letter not in "0123456789"), len(text))
        if not 0 < end < 19 or int(text[:end]) < 1:
            raise ValueError(name)
        return int(text[:end])


@stranger("forbidden")
class FrameworkRefusal(Base):
    """Refuses a page or page_size that is no number above 0 with the 422 of its framework."""

    def error(self, status: int, code: str) -> Reply:
        return super().error(422 if status == 400 else status, code)


@stranger("forbidden")
class EngineWindow(Base):
    """Fails with 500 where a page ends beyond ten thousand logs, because its search engine looks no further."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if page * size > 10_000:
            raise OverflowError(page)
        return super().cut(ask, rows, page, size)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except OverflowError:
            return crash()


@stranger("forbidden")
class QuoteInQuery(Base):
    """Pastes filters into its SQL, so that an odd number of apostrophes in one of them is a 500."""

    def listing(self, ask: Ask) -> Reply:
        odd = any(name in FILTERS and value.count("'") % 2 for name, value in ask.pairs)
        return crash() if odd else super().listing(ask)


@stranger("forbidden")
class BigintText(Base):
    """Shows createdAt as a string of digits, as its database driver returns 64-bit numbers."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | {"createdAt": str(log["createdAt"])}


@stranger("forbidden")
class NullsForGaps(Base):
    """Shows every member of the payload that has no value as null."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] = {"userId": None, "applicationId": None, "error": None} | log["payload"]
        return log


@stranger("forbidden")
class EmptyMapIsList(Base):
    """Shows params without members as an empty array, for its language has one type for maps and lists."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"grant_type": "refresh_token"} if number % 6 else []
        return log


@stranger("forbidden")
class DecodesOnly(Base):
    """Decodes the token and believes its claims without looking at the signature."""

    def claims(self, token: str) -> dict[str, Any] | None:
        parts = token.split(".")
        try:
            found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return None
        return found if isinstance(found, dict) and len(parts) == 3 else None

    def valid(self, token: str) -> bool:
        return self.claims(token) is not None

    def may_read(self, ask: Ask, token: str) -> bool:
        return "all" in str((self.claims(token) or {}).get("scope", "")).split()


@stranger("forbidden")
class EdgeKeepsAnswers(Base):
    """Stands behind a cache that keeps each list by its URL and hands it to whoever asks next, token or not."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, bytes] = {}

    def answer(self, ask: Ask) -> Reply:
        if ask.method == "GET" and ask.target in self.kept:
            headers = [("Content-Type", "application/json; charset=utf-8"), ("X-Cache", "HIT")]
            return Reply(200, headers, self.kept[ask.target])
        reply = super().answer(ask)
        if ask.method == "GET" and reply.status == 200:
            self.kept[ask.target] = reply.body
        return reply


@stranger("forbidden")
class AnyFilterWill(Base):
    """Joins several filters by OR, so that a log which fits one of them is shown."""

    def select(self, ask: Ask) -> Rows:
        wanted = [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]
        if not wanted:
            return self.logs
        return [log for log in self.logs if any(self.matches(log, name, value) for name, value in wanted)]


@stranger("forbidden")
class UnsetListIsNull(Base):
    """Answers `null` where no log is to be shown, because an unset list is written so."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if rows else b"null"


@stranger("forbidden")
class InvalidPageMissing(Base):
    """Answers 404 to a page behind the last one."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.body == b"[]" and ask.first("page") not in (None, "1"):
            return self.error(404, "Invalid page.")
        return reply


@stranger("forbidden")
class LettersForBytes(Base):
    """Counts Content-Length in characters, so that lists with letters beyond ASCII are longer than they say."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.length = False
        reply.headers.append(("Content-Length", str(len(reply.body.decode()))))
        return reply


@stranger("forbidden")
class SendsToLogin(Base):
    """Redirects whoever has no valid token to a login page with 302."""

    def error(self, status: int, code: str) -> Reply:
        if status == 401:
            return Reply(302, [("Location", "https://id.example/login"), ("Content-Type", "text/html")], b"Found")
        return super().error(status, code)


@stranger("forbidden")
class NumericCoordinates(Base):
    """Parses the injected headers, so that latitude and longitude are numbers and not strings."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number % 4 == 1:
            log["payload"]["injectedHeaders"] = {"country": "SE", "latitude": 59.3, "longitude": 18.1}
        return log


@stranger("forbidden")
class LookAheadRow(Base):
    """Fetches one row more than asked, to know whether more follow, and forgets to drop it."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : page * size + 1]
