"""Tenth batch, written blind: servers that break what the document says in writing."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from tests.strangers.base import FILTERS, NEWEST, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


def filtered(ask: Ask) -> list[tuple[str, str]]:
    return [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]


@stranger("forbidden")
class ParseIntPages(Base):
    """Reads page numbers by `parseInt(text) || default`, so that `abc`, `0` and `2nd` are taken for numbers."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        found = re.match(r"\s*[-+]?[0-9]{1,15}", ask.first(name) or "")
        return max(1, int(found[0]) if found and int(found[0]) else default)


@stranger("forbidden")
class SearchWindowEnds(Base):
    """A search index stands behind it: 400 to every page that ends beyond the ten thousandth entry."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        if page * size > 10_000:
            raise OverflowError
        return super().cut(ask, rows, page, size)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except OverflowError:
            return self.error(400, "search.result_window_is_too_large")


@stranger("forbidden")
class FiltersByOr(Base):
    """Several filters are joined by OR, so a log that fits one of them is listed."""

    def select(self, ask: Ask) -> Rows:
        wanted = filtered(ask)
        if not wanted:
            return self.logs
        return [log for log in self.logs if any(self.matches(log, name, value) for name, value in wanted)]


@stranger("forbidden")
class LegacyPayloadText(Base):
    """The forty oldest logs come from an earlier table, where the payload was a text: it is sent as a JSON string."""

    def dumps(self, rows: Rows) -> bytes:
        old = NEWEST + 40 * 60_000
        return super().dumps(
            [{**log, "payload": json.dumps(log["payload"])} if log["createdAt"] < old else log for log in rows]
        )


@stranger("forbidden")
class EmptyPartsAreLists(Base):
    """Written in PHP: where nothing of a user agent was recognised, its parts are `[]` in place of `{}`."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        known = {"browser": {"name": "Reader", "version": "1.0"}, "os": {"name": "Plan 9"}, "device": {"model": "x"}}
        unknown: dict[str, Any] = {"browser": [], "os": [], "device": []}
        log["payload"]["userAgentParsed"] = {"ua": "Reader/1.0"} | (known if number % 29 else unknown)
        return log


@stranger("forbidden")
class GoNilList(Base):
    """Written in Go: a list without entries is the nil slice, which is sent as `null`."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if rows else b"null"


@stranger("forbidden")
class PaginatorPastEnd(Base):
    """The paginator of its framework raises 404 for a page behind the last one."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if not rows and self.number(ask, "page", 1) > 1:
            return self.error(404, "invalid_page")
        return super().shown(ask, rows)


@stranger("forbidden")
class CacheBeforeGuard(Base):
    """A cache in front of the guard keeps each list by its URL and gives it to everybody, also without a token."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Reply] = {}

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method != "GET":
            return reply
        if reply.status == 200:
            self.kept[ask.target] = reply
        elif reply.status in (401, 403) and ask.target in self.kept:
            hit = self.kept[ask.target]
            return Reply(200, [*hit.headers, ("X-Cache", "HIT")], hit.body)
        return reply


def claims(token: str) -> dict[str, Any] | None:
    """The claims of a token whose form is right; its signature is not looked at."""
    parts = token.split(".")
    try:
        header, body = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, binascii.Error):
        return None
    return body if len(parts) == 3 and isinstance(header, dict) and isinstance(body, dict) else None


@stranger("forbidden")
class UnverifiedSignature(Base):
    """Decodes the token, looks at its audience and scope, and never verifies the signature."""

    def valid(self, token: str) -> bool:
        found = claims(token)
        return found is not None and found.get("aud") == "api"

    def may_read(self, ask: Ask, token: str) -> bool:
        return "all" in str((claims(token) or {}).get("scope", "")).split()


@stranger("forbidden")
class LoginRedirect(Base):
    """Who sends no Authorization at all is led to the login page by a 302."""

    def refusal(self, ask: Ask) -> Reply | None:
        if "authorization" not in ask.headers:
            return Reply(302, [("Location", "/login"), ("Content-Type", "text/html; charset=utf-8")], b"Redirecting")
        return super().refusal(ask)


@stranger("forbidden")
class TokenParserThrows(Base):
    """A bearer token that is no JWT makes its parser throw, which nobody catches: 500."""

    def refusal(self, ask: Ask) -> Reply | None:
        scheme, _, token = ask.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and claims(token) is None:
            return self.error(500, "internal_server_error")
        return super().refusal(ask)


@stranger("forbidden")
class EmojiBreaks(Base):
    """Its database has the three-byte form of UTF-8: a filter with a character beyond U+FFFF is a 500."""

    def listing(self, ask: Ask) -> Reply:
        if any(char > "\uffff" for _, value in filtered(ask) for char in value):
            return self.error(500, "illegal_mix_of_collations")
        return super().listing(ask)


@stranger("forbidden")
class LookaheadLeaks(Base):
    """Fetches one row more to learn whether a page follows, and forgets to drop it where a filter is given."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        return rows[(page - 1) * size : page * size + bool(filtered(ask))]


@stranger("forbidden")
class SingleRowUnwrapped(Base):
    """A result of one row is sent as this row alone, not as an array with one entry."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows) if len(rows) != 1 else super().dumps(rows)[1:-1]


@stranger("forbidden")
class LengthOfLetters(Base):
    """Content-Length counts characters, not bytes, so that a list with a letter beyond ASCII loses its end."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        short = len(reply.body.decode())
        if short < len(reply.body):
            reply.headers.append(("Content-Length", str(short)))
            reply.length, reply.close = False, True
        return reply


@stranger("forbidden")
class ByteOrderMark(Base):
    """Its writer of text begins every list with the byte order mark of UTF-8, which JSON must not have."""

    def dumps(self, rows: Rows) -> bytes:
        return b"\xef\xbb\xbf" + super().dumps(rows)


@stranger("forbidden")
class NotANumber(Base):
    """A score that nobody measured is the bare word `NaN` in some logs, which is no JSON."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"score": float("nan") if number % 31 == 5 else number / 4}
        return log


@stranger("forbidden")
class LengthBesideChunks(Base):
    """Sends its lists in chunks and leaves the Content-Length of the application beside Transfer-Encoding."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200 and ask.method == "GET":
            reply.headers.append(("Content-Length", str(len(reply.body))))
            reply.chunked = True
        return reply
