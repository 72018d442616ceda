"""Faults of the body: cut short, slow, in broken chunks, not JSON, under another Content-Type, or without a log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import MOST_SECONDS, Case, Fault
from mockserver.faults.status import error_reply
from mockserver.http.link import without_logs
from mockserver.http.message import Reply, Sending, Stream


@dataclass(frozen=True, slots=True)
class Truncate(Fault):
    """A body shorter than Content-Length, then a close."""

    fraction: float | None = parameter(None, help="the part of the body that is sent", at_least=0, at_most=1)
    bytes: int | None = parameter(None, help="or how many bytes of it are sent", unit="bytes", at_least=0)

    def __post_init__(self) -> None:
        if self.fraction is not None and self.bytes is not None:
            raise MockserverError("truncate", "fraction and bytes", "one of them")

    def disturb(self, case: Case) -> Reply:
        """Half the body is sent when neither is given; at least one byte is missing.

        A stream, whose length is not known yet, is cut after a fraction of its first piece.
        """
        body = case.reply.body
        whole = next(iter(body), b"") if isinstance(body, Stream) else body
        fraction = 0.5 if self.fraction is None else self.fraction
        kept = int(len(whole) * fraction) if self.bytes is None else self.bytes
        if body is whole:
            kept = max(0, min(kept, len(whole) - 1))
        return case.reply.sent(cut=kept, end="close")


# A chunk begins with its size in hexadecimal digits (RFC 9112, 7.1).
_BROKEN = b"not-a-size\r\n[\r\n"


@dataclass(frozen=True, slots=True)
class MalformedChunk(Fault):
    """A 200 head, then a broken chunk."""

    def disturb(self, case: Case) -> Reply:
        """The honest headers with status 200, without a length: the edge sends such a body in chunks."""
        headers = case.reply.with_header("Content-Length", None).headers
        return Reply(200, headers, Stream(tuple), Sending(raw=_BROKEN, end="close"))


@dataclass(frozen=True, slots=True)
class Dribble(Fault):
    """The body in pieces, spread over a time."""

    slot: ClassVar[str] = "dribble"

    seconds: float = parameter(help="from the head to the last piece", unit="s", at_least=0, at_most=MOST_SECONDS)
    chunks: int = parameter(10, help="how many pieces", at_least=1, at_most=10_000)

    def disturb(self, case: Case) -> Reply:
        """The whole body arrives in the end, unless another fault cuts it."""
        return case.reply.sent(over=self.seconds, chunks=self.chunks)


@dataclass(frozen=True, slots=True)
class MalformedJson(Fault):
    """200 with JSON that does not parse."""

    def disturb(self, case: Case) -> Reply:
        """The honest body after a bracket that is never closed; a stream stays a stream."""
        plain = case.plain
        body = plain.body
        broken = b"[" + body if isinstance(body, bytes) else Stream(lambda: chain((b"[",), body))
        return plain.with_header("ETag", None)._replace(status=200, body=broken)


@dataclass(frozen=True, slots=True)
class WrongType(Fault):
    """200 with another Content-Type."""

    type: str = parameter("text/html; charset=utf-8", help="the Content-Type that is sent")

    def __post_init__(self) -> None:
        if not self.type.isascii() or not self.type.isprintable():
            raise MockserverError("wrong_type: type", repr(self.type), "printable ASCII, as a header holds")

    def disturb(self, case: Case) -> Reply:
        """The honest body, with status 200 and this type."""
        return case.reply.with_header("Content-Type", self.type)._replace(status=200)


# What speaks of the logs that are not there.
_OF_LOGS = ("etag", "total-number-is-capped")


@dataclass(frozen=True, slots=True)
class EmptyList(Fault):
    """200 with `[]` and Total-Number 0, as a deployment without logs answers."""

    def disturb(self, case: Case) -> Reply:
        """The honest answer without the logs: a refusal stands, a log asked for by its id is missing (404)."""
        plain = case.plain
        if plain.status != 200:
            return plain
        if plain.header("total-number") is None:
            return error_reply(404)
        changed: dict[str, Callable[[str], str]] = {"total-number": lambda _: "0", "link": without_logs}
        pairs = ((name, changed.get(name.lower(), str)(value)) for name, value in plain.headers)
        headers = tuple((name, value) for name, value in pairs if value and name.lower() not in _OF_LOGS)
        return Reply(200, headers, b"[]")
