"""The sixth batch: servers that break the document. `batch_six_more` and `batch_six_honest` have the others.

They follow public bug reports about sessions, caches, shards, drivers, streams and parsers. Whoever wrote them knew
the document and the other strangers, and nothing of the judge. All of them were written before any was judged.
"""

from __future__ import annotations

import secrets
import threading
import time
import zlib
from dataclasses import replace
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, decoded, made_log, stranger
from tests.strangers.batch_two import Cached

Rows = list[dict[str, Any]]


def filters(ask: Ask) -> list[tuple[str, str]]:
    return [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]


@stranger("forbidden")
class LoginPageForBrowsers(Base):
    """Shows a page to sign in, with status 200, to a caller without a good token who takes `text/html`."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None and reply.status == 401 and "text/html" in ask.headers.get("accept", ""):
            return Reply(200, [("Content-Type", "text/html; charset=utf-8")], b"<form>Please sign in</form>")
        return reply


@stranger("forbidden")
class SessionCookieOpens(Base):
    """Begins a session with each good token: who sends its cookie back needs no token afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: set[str] = set()

    def refusal(self, ask: Ask) -> Reply | None:
        sent = {part.strip() for part in ask.headers.get("cookie", "").split(";")}
        return None if "authorization" not in ask.headers and sent & self.sessions else super().refusal(ask)

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200 and "cookie" not in ask.headers:
            session = f"sid={secrets.token_hex(12)}"
            self.sessions.add(session)
            reply.headers.append(("Set-Cookie", f"{session}; Path=/; HttpOnly"))
        return reply


@stranger("forbidden")
class EmptyTokenOpens(Base):
    """Takes `Authorization: Bearer` with nothing behind it for a call from inside, and lists the logs."""

    def valid(self, token: str) -> bool:
        return token == "" or super().valid(token)


@stranger("forbidden")
class CacheKeyOfValues(Cached):
    """A cache makes its key of the sorted values and forgets their names: `page=2` and `page_size=2` share an answer.

    So do `page=1&page_size=3` and `page=3&page_size=1`.
    """

    def key(self, ask: Ask) -> str | None:
        return ",".join(sorted(value for _, value in ask.pairs)) + "\n" + ask.headers.get("authorization", "")


@stranger("forbidden")
class OffsetAtEachShard(Base):
    """The logs stand in three shards, and each of them skips the whole offset: page 2 leaves two pages of logs out."""

    def cut(self, ask: Ask, rows: Rows, page: int, size: int) -> Rows:
        shards: list[Rows] = [[], [], []]
        for log in rows:
            shards[int(log["id"], 16) % 3].append(log)
        found = [log for shard in shards for log in super(OffsetAtEachShard, self).cut(ask, shard, page, size)]
        return sorted(found, key=lambda log: -float(log["createdAt"]))[:size]


@stranger("forbidden")
class EncodedNamesUnknown(Base):
    """Decodes the values of a query but not the names: `page%5Fsize=5` and `user%49d=x` are not known, and ignored."""

    def listing(self, ask: Ask) -> Reply:
        parts = [part.partition("=")[::2] for part in ask.target.partition("?")[2].split("&") if part]
        return super().listing(replace(ask, pairs=[(name, decoded(value)) for name, value in parts]))


@stranger("forbidden")
class PercentBreaksQuery(Base):
    """Pastes the filters into a query which the driver formats again: a percent sign in a filter is a 500."""

    def listing(self, ask: Ask) -> Reply:
        if any("%" in value for _, value in filters(ask)):
            return self.error(500, "not_all_arguments_converted")
        return super().listing(ask)


@stranger("forbidden")
class TransactionAborted(Base):
    """Does not roll back after a refused page: the next request meets the broken transaction and is a 500."""

    aborted = False

    def listing(self, ask: Ask) -> Reply:
        with self.lock:
            was, self.aborted = self.aborted, False
        if was:
            return self.error(500, "current_transaction_is_aborted")
        reply = super().listing(ask)
        if reply.status == 400:
            self.aborted = True
        return reply


@stranger("forbidden")
class LockedDatabase(Base):
    """The database is one file with one lock: a request that comes while another is answered is a 500."""

    def __init__(self) -> None:
        super().__init__()
        self.file = threading.Lock()

    def listing(self, ask: Ask) -> Reply:
        if not self.file.acquire(blocking=False):
            return self.error(500, "database_is_locked")
        try:
            time.sleep(0.008)
            return super().listing(ask)
        finally:
            self.file.release()


@stranger("forbidden")
class ClientOfParams(Base):
    """Where a log has no applicationId, the filter looks at `params.client_id`, and lists logs of no application."""

    def log(self, number: int) -> dict[str, Any]:
        log = made_log(number)
        log["payload"]["params"] = {"client_id": log["payload"].get("applicationId", f"app-{number // 3 % 6}")}
        return log

    def field(self, log: dict[str, Any], name: str) -> str | None:
        value = super().field(log, name)
        if value is None and name == "applicationId":
            client: str = log["payload"]["params"]["client_id"]
            return client
        return value


@stranger("forbidden")
class LightLargePages(Base):
    """Sends lighter logs where more than fifty are asked for: their payload has no result."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        if self.number(ask, "page_size", 20) > 50:
            rows = [
                log | {"payload": {name: value for name, value in log["payload"].items() if name != "result"}}
                for log in rows
            ]
        return super().shown(ask, rows)


@stranger("forbidden")
class CommaOnPartialPage(Base):
    """Streams the logs and writes a comma behind each but the last of a full page: a shorter page ends with `,]`."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        if 0 < len(rows) < self.number(ask, "page_size", 20):
            reply.body = reply.body[:-1] + b",]"
        return reply


@stranger("forbidden")
class GzipNeverFinished(Base):
    """Flushes its compressor and never ends it: a gzip body over 1 kB lacks its last block and its checksum."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if ask.method == "GET" and "gzip" in ask.headers.get("accept-encoding", "") and len(reply.body) > 1024:
            pack = zlib.compressobj(wbits=31)
            reply.body = pack.compress(reply.body) + pack.flush(zlib.Z_SYNC_FLUSH)
            reply.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        return reply


@stranger("forbidden")
class LineBreakInHead(Base):
    """Repeats the first filter in a header as it was decoded: a line break in it breaks the head."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200 and filters(ask):
            reply.headers.append(("X-Filter", filters(ask)[0][1].encode().decode("latin-1")))
        return reply


@stranger("forbidden")
class TypeWithoutBody(Base):
    """Reads bodies of forms alone: a GET with `Content-Type: application/json` is a 415, though it has no body."""

    def listing(self, ask: Ask) -> Reply:
        kind = ask.headers.get("content-type", "application/x-www-form-urlencoded")
        if not kind.startswith("application/x-www-form-urlencoded"):
            return self.error(415, "unsupported_media_type")
        return super().listing(ask)


@stranger("forbidden")
class PythonIntegers(Base):
    """Reads page and page_size as Python's int does: `1_0` is ten, and so are digits of other scripts."""

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        value = default if text is None else int(text)
        if value < 1:
            raise ValueError(name)
        return value
