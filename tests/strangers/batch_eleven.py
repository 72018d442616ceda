"""The eleventh batch: servers that break what the document says, each as its author would have it."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("forbidden")
class GoHeaders(Base):
    """Keeps the injected headers as Go keeps headers: each name has a list of values."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number % 6 == 0:
            log["payload"]["injectedHeaders"] = {"country": ["FI"], "city": ["Espoo"], "botVerified": ["false"]}
        return log


@stranger("forbidden")
class ResultTranslated(Base):
    """Translates the result of a log into the first language of Accept-Language, where it speaks it."""

    words: ClassVar = {
        "de": ("Erfolg", "Fehler"), "fr": ("Succès", "Erreur"), "es": ("Éxito", "Error"), "it": ("Riuscito", "Errore"),
        "pt": ("Sucesso", "Erro"), "nl": ("Gelukt", "Fout"), "pl": ("Sukces", "Błąd"), "fi": ("Onnistui", "Virhe"),
        "zh": ("成功", "错误"), "ja": ("成功", "エラー"),
    }  # fmt: skip

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        language = re.split(r"[-,; ]", ask.headers.get("accept-language", "").lower())[0]
        if language in self.words:
            said = dict(zip(("Success", "Error"), self.words[language], strict=True))
            rows = [{**row, "payload": {**row["payload"], "result": said[row["payload"]["result"]]}} for row in rows]
        return super().shown(ask, rows)


@stranger("forbidden")
class ObjectObject(Base):
    """The writer of revocations joined its params to a text, so that they were stored as `[object Object]`."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if log["key"] == "RevokeToken":
            log["payload"]["params"] = "[object Object]"
        return log


@stranger("forbidden")
class BeginningsHaveNoResult(Base):
    """A log of something that only begins, such as a registration, is written without a result."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if log["key"].endswith(".Create"):
            del log["payload"]["result"]
        return log


@stranger("forbidden")
class CutInsideCharacter(Base):
    """The column of the user agent holds 20 bytes, and what is longer is cut there, also inside a character."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number % 9 == 4:
            agent = "Leser/2.0 (für Gerät)".encode()[:20]
            log["payload"]["userAgent"] = agent.decode("utf-8", "surrogateescape")
        return log

    def dumps(self, rows: Rows) -> bytes:
        return json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogateescape")


class NegativeOffsetError(Exception):
    """What the database says."""


@stranger("forbidden")
class OffsetMustNotBeNegative(Base):
    """Hands (page - 1) * page_size to the database unchecked, which fails with a 500 for page 0 and below."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name) or ""
        if name == "page" and re.fullmatch(r"0+|-[0-9]+", text):
            raise NegativeOffsetError
        return super().number(ask, name, default)

    def listing(self, ask: Ask) -> Reply:
        try:
            return super().listing(ask)
        except NegativeOffsetError:
            return self.error(500, "OFFSET must not be negative")


@stranger("forbidden")
class RaisedToOne(Base):
    """Raises a page or a page_size below 1 to 1, and answers as if it had been asked so."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name) or ""
        return 1 if re.fullmatch(r"0+|-[0-9]+", text) else super().number(ask, name, default)


@stranger("forbidden")
class PaginatorOfItsFramework(Base):
    """Without page_size a page has 25 logs, as the paginator of its framework has it."""

    def default_size(self, ask: Ask) -> int:
        return 25


@stranger("forbidden")
class NameNotBound(Base):
    """The framework binds `pageSize` and not `page_size`, which therefore is never read: every page has 20 logs."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        return super().number(ask, "pageSize" if name == "page_size" else name, default)


@stranger("forbidden")
class OuterJoin(Base):
    """Filters applications behind an outer join, which also keeps the logs that have no application."""

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return super().matches(log, name, value) or (name == "applicationId" and self.field(log, name) is None)


@stranger("forbidden")
class QueryLanguage(Base):
    """A filter goes into the query language of a search engine: brackets, quotes or slashes left open are a 500."""

    def listing(self, ask: Ask) -> Reply:
        for name, value in ask.pairs:
            odd = any(value.count(mark) % 2 for mark in '"/') or value.endswith("\\")
            if name in FILTERS and (odd or any(value.count(a) != value.count(b) for a, b in ("()", "[]", "{}"))):
                return self.error(500, "search_phase_execution_exception")
        return super().listing(ask)


@stranger("forbidden")
class XmlForBrowsers(Base):
    """Answers in XML to whoever names XML and not JSON in Accept, as browsers do."""

    def xml(self, name: str, value: Any) -> str:
        if isinstance(value, dict):
            inner = "".join(self.xml(key, part) for key, part in value.items())
        elif isinstance(value, list):
            inner = "".join(self.xml("item", part) for part in value)
        else:
            inner = escape(str(value))
        return f"<{name}>{inner}</{name}>"

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        accept = ask.headers.get("accept", "")
        if "json" in accept or "/xml" not in accept:
            return super().shown(ask, rows)
        return Reply(200, [("Content-Type", "application/xml;charset=UTF-8")], self.xml("List", rows).encode())


@stranger("forbidden")
class NoticeInFront(Base):
    """Looks at the first log before it writes the list; where there is none, the notice about that is printed first."""

    def dumps(self, rows: Rows) -> bytes:
        notice = b"<br />\n<b>Notice</b>:  Undefined offset: 0 in <b>/srv/www/logs.php</b> on line <b>41</b><br />\n"
        return super().dumps(rows) if rows else notice + b"[]"


@stranger("forbidden")
class PreflightByHeader(Base):
    """Whatever has Access-Control-Request-Method is taken for a preflight, GET too, and passes without a token."""

    def refusal(self, ask: Ask) -> Reply | None:
        return None if "access-control-request-method" in ask.headers else super().refusal(ask)


@stranger("forbidden")
class NullIsSomebody(Base):
    """`Bearer null` and `Bearer undefined`, which a careless page sends, find the session of the first start."""

    def valid(self, token: str) -> bool:
        return token in ("null", "undefined") or super().valid(token)


@stranger("forbidden")
class VerifiedOnce(Base):
    """Remembers header and claims of each token that it verified, and does not look at their signature again."""

    def __init__(self) -> None:
        super().__init__()
        self.verified: set[str] = set()

    def valid(self, token: str) -> bool:
        claims = token.rpartition(".")[0]
        if super().valid(token):
            self.verified.add(claims)
        return claims in self.verified

    def may_read(self, ask: Ask, token: str) -> bool:
        return token.rpartition(".")[0] != (self.forbidden_token or "").rpartition(".")[0]


@stranger("forbidden")
class CacheColumnTooShort(Base):
    """Caches lists by the query, whose column in the cache holds 40 characters; what follows is not told apart."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[str, Reply] = {}

    def listing(self, ask: Ask) -> Reply:
        key = ask.target.partition("?")[2][:40]
        if key not in self.cache:
            reply = super().listing(ask)
            if reply.status != 200:
                return reply
            self.cache[key] = reply
        kept = self.cache[key]
        return Reply(kept.status, list(kept.headers), kept.body)


@stranger("forbidden")
class LengthBeforeDetails(Base):
    """Sets the Content-Length of a 400 before it adds the details to the body, so that the body is longer."""

    def listing(self, ask: Ask) -> Reply:
        reply = super().listing(ask)
        if reply.status == 400:
            given = dict(parse_qsl(ask.target.partition("?")[2]))
            reply.headers.append(("Content-Length", str(len(reply.body))))
            reply.length = False
            reply.body = json.dumps({**json.loads(reply.body), "message": "Not valid.", "data": given}).encode()
        return reply
