"""Tenth batch, written blind: servers that are unusual, and right."""

from __future__ import annotations

import gzip
import io
import json
import re
import time
from typing import Any

from tests.strangers.base import FILTERS, Ask, Base, Reply, stranger
from tests.strangers.batch_ten_more import Counted, Linked

Rows = list[dict[str, Any]]


@stranger("honest")
class TimesWithExponent(Base):
    """Writes times with an exponent, as in 1.760000000001E12, which is the same JSON number."""

    def dumps(self, rows: Rows) -> bytes:
        text = super().dumps(rows).decode()
        return re.sub(r'(?<="createdAt": )([0-9])([0-9]{12})', r"\1.\2E12", text).encode()


@stranger("honest")
class FractionalTimes(Base):
    """Times have microseconds, as fractions of a millisecond."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return {**log, "createdAt": log["createdAt"] + (number % 7 + 1) / 8}


@stranger("honest")
class SlashEscapes(Base):
    """Escapes every slash and every letter beyond ASCII, as PHP does."""

    def dumps(self, rows: Rows) -> bytes:
        return json.dumps(rows, separators=(",", ":")).replace("/", "\\/").encode()


@stranger("honest")
class TinyChunks(Base):
    """Chunks of 1 to 40 bytes, their sizes in upper case with leading zeros."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("Transfer-Encoding", "chunked"))
        head = f"HTTP/1.1 {reply.status} \r\n" + "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
        body, at, size = b"", 0, 1
        while at < len(reply.body):
            piece = reply.body[at : at + size]
            body += b"%04X\r\n%s\r\n" % (len(piece), piece)
            at, size = at + size, size % 40 + 1
        reply.raw = head.encode() + b"\r\n" + (b"" if ask.method == "HEAD" else body + b"000\r\n\r\n")
        return reply


@stranger("honest")
class NamedGzip(Base):
    """Compresses lists by gzip for whoever names it, with a file name in the head of the gzip stream."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        reply.headers.append(("Vary", "Accept-Encoding"))
        offers = [offer.replace(" ", "").lower() for offer in ask.headers.get("accept-encoding", "").split(",")]
        if any(re.fullmatch(r"gzip(;q=(1(\.0*)?|0\.0*[1-9][0-9]*))?", offer) for offer in offers):
            packed = io.BytesIO()
            with gzip.GzipFile("logs.json", "wb", 6, packed, mtime=NOON) as file:
                file.write(reply.body)
            reply.body = packed.getvalue()
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply


NOON = 1_700_000_000


@stranger("honest")
class HeadRefused(Base):
    """405 to HEAD as to every method but GET."""

    def answer(self, ask: Ask) -> Reply:
        if ask.path == "/api/logs" and ask.method != "GET":
            return Reply(405, [("Allow", "GET"), ("Content-Type", "text/plain")], b"only GET")
        return super().answer(ask)


@stranger("honest")
class ReplicaBehind(Base):
    """Every fourth request is answered by a replica that lacks the 37 newest logs."""

    def select(self, ask: Ask) -> Rows:
        rows = super().select(ask)
        late = {log["id"] for log in self.logs[:37]} if self.asked % 4 == 0 else set()
        return [log for log in rows if log["id"] not in late]


@stranger("honest")
class WrittenBetweenRequests(Base):
    """A log is written between any two requests, so the pages move while they are read."""

    def select(self, ask: Ask) -> Rows:
        with self.lock:
            self.logs = [self.log(len(self.logs)), *self.logs]
        return super().select(ask)


@stranger("honest")
class OddIdentities(Base):
    """Ids have slashes, blanks, percent signs and letters beyond ASCII, in no more than 21 characters."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "id": f"{number}/a b%2F?#&+é\U0001f600"}


@stranger("honest")
class DeepParams(Base):
    """Params are nested thirty deep, with an empty name, `__proto__`, and integers that no double holds."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        inner: Any = {"": [], "__proto__": None, "page": 9_007_199_254_740_993 + number, "id": -0.0}
        for _ in range(15):
            inner = {"in": [inner]}
        log["payload"]["params"] = inner
        return log


@stranger("honest")
class OneHugeLog(Base):
    """One log of the third page has params of two hundred thousand letters."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number == 250:
            log["payload"]["params"] = {"saml": "PHNhbWw+" * 25_000}
        return log


@stranger("honest")
class ExactlyOnePage(Linked):
    """There are twenty logs, as many as a page has by default; the second page is empty."""

    count = 20


@stranger("honest")
class TenShareATime(Base):
    """Logs are written ten at a time and share their createdAt; among themselves they always come in one order."""

    def log(self, number: int) -> dict[str, Any]:
        return {**super().log(number), "createdAt": super().log(number // 10 * 10)["createdAt"]}


@stranger("honest")
class ShoutedTypes(Base):
    """The media type is written in upper case, with its charset in quotes; so are the names of all headers."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers = [
            (name.upper(), 'APPLICATION/JSON;CHARSET="UTF-8"' if "json" in value else value)
            for name, value in reply.headers
        ]
        return reply


@stranger("honest")
class ManyChallenges(Base):
    """A 401 challenges by three schemes in two header lines, with commas and escaped quotes in their parameters."""

    def error(self, status: int, code: str) -> Reply:
        reply = super().error(status, code)
        if status == 401:
            reply.headers += [
                ("WWW-Authenticate", r'Basic realm="a, \"b\"", Bearer realm="logs", error="invalid_token"'),
                ("WWW-Authenticate", 'DPoP algs="ES256 ES384"'),
            ]
        return reply


@stranger("honest")
class CanonicalLinks(Linked):
    """Link names the pages under the canonical name of the deployment, whatever host it was asked by."""

    def address(self, ask: Ask, page: int) -> str:
        return "https://logs.example" + super().address(ask, page)


@stranger("honest")
class SharedLinks(Linked):
    """Relations that lead to the same page share one link, as in `rel="first prev"`, and its title has commas."""

    def joined(self, ask: Ask, pages: dict[str, int]) -> str:
        return ", ".join(
            f'<{self.address(ask, page)}>; title="page {page}, of logs"; '
            f'rel="{" ".join(name for name, other in pages.items() if other == page)}"'
            for page in dict.fromkeys(pages.values())
        )


@stranger("honest")
class CachedTotal(Counted):
    """Total-Number is counted once a second at most for each set of filters; at every third request a log comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: dict[tuple[tuple[str, str], ...], tuple[float, int]] = {}

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 3 == 2:
                self.logs = [self.log(len(self.logs)), *self.logs]
        return super().answer(ask)

    def total(self, ask: Ask, reply: Reply) -> int:
        wanted = tuple(sorted(pair for pair in ask.pairs if pair[0] in FILTERS))
        since, total = self.counted.get(wanted, (0.0, 0))
        if time.monotonic() - since > 1 or since == 0.0:
            since, total = time.monotonic(), super().total(ask, reply)
            self.counted[wanted] = since, total
        return total
