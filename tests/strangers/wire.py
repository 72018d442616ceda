"""Strangers whose messages break, or whose answers are not always theirs."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("forbidden")
class LargeBodyBroken(Base):
    """Ends a body of more than 60 kB in the middle of its JSON, with a length that fits."""

    def dumps(self, rows: Rows) -> bytes:
        return super().dumps(rows)[:60_000]


@stranger("forbidden")
class LargeBodyCut(Base):
    """Closes the connection after 64 kB of any body."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        return dataclasses.replace(reply, cut=65_536) if len(reply.body) > 65_536 else reply


@stranger("forbidden")
class BrotliInName(Base):
    """Says `Content-Encoding: br` to clients that take it, and sends plain JSON."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        if reply.status == 200 and "br" in ask.headers.get("accept-encoding", ""):
            reply.headers.append(("Content-Encoding", "br"))
        return reply


class RawHead(Base):
    lines = b""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head, end, body = reply.on_wire(ask.method).partition(b"\r\n\r\n")
        reply.raw = head + b"\r\n" + self.lines + end + body
        return reply


@stranger("forbidden")
class LineWithoutColon(RawHead):
    """Sends a head with a line that is no header."""

    lines = b"this is no header"


@stranger("forbidden")
class TwoLengths(RawHead):
    """Sends a second Content-Length that differs."""

    lines = b"Content-Length: 7"


@stranger("forbidden")
class NulInHead(RawHead):
    """Sends a NUL in a header's value."""

    lines = b"X-Served-By: a\0b"


@stranger("forbidden")
class BothFramings(RawHead):
    """Sends Content-Length and Transfer-Encoding, over a body that is not chunked."""

    lines = b"Transfer-Encoding: chunked"


@stranger("forbidden")
class BareLineFeeds(Base):
    """Ends the lines of a head with a bare LF."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head, _, body = reply.on_wire(ask.method).partition(b"\r\n\r\n")
        reply.raw = head.replace(b"\r\n", b"\n") + b"\n\n" + body
        return reply


@stranger("forbidden")
class OneInThirty(Base):
    """Every thirtieth request is a 500."""

    def listing(self, ask: Ask) -> Reply:
        return self.error(500, "internal") if self.asked % 30 == 0 else super().listing(ask)


@stranger("forbidden")
class CrossedAnswers(Base):
    """Keeps the rows of a request in a variable that all requests share, and waits for the database in between."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        self.rows = rows
        time.sleep(0.003)
        return super().shown(ask, self.rows)
