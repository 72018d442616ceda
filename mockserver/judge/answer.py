"""Answers: what a target sent back, read leniently so that checks can judge it strictly."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.contract.jsontext import DEEPEST, decode_beside, encode
from mockserver.judge.probe import Probe

Listing = list[Any]
Identities = list[str]
UNREADABLE, BEYOND = object(), object()
# How the reasons begin for which strict clients refuse an answer that came whole.
MALFORMED = ("a head ", "bytes after ")
# Encodings that no probe needs, and that the judge does not read.
UNREAD_ENCODINGS = ("br", "zstd", "deflate", "compress")
# A body that would take more bytes once it is parsed is not parsed.
HEAVIEST = 32 * 1024 * 1024
# A message shows so many characters of a name that the target chose.
LONGEST_NAME = 80
# No deployment holds more logs than that; Python itself refuses to read longer numbers.
_LARGEST = sys.float_info.max
_COUNT = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Answer:
    """One answer: ``headers`` in the order sent, ``seconds`` until its end.

    Status 0 means that no whole answer came; ``lost`` says why.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    lost: str = ""

    def header(self, name: str) -> str | None:
        """The values of a header (any case), joined by commas as HTTP allows; None if it was not sent."""
        return self._fields.get(name.lower())

    @cached_property
    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for sent, value in self.headers:
            name = sent.lower()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return fields

    @cached_property
    def media_type(self) -> str:
        """The media type in lower case, without parameters; empty if none was sent."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def weight(self) -> int:
        """About how many bytes the parsed body takes: Python needs 56 to 232 for each object or array."""
        openings = self.body.count(b"{") + self.body.count(b"[")
        return len(self.body) + 200 * openings + 20 * self.body.count(b",")

    @property
    def value(self) -> Any:
        """The parsed body; UNREADABLE if it is not JSON, BEYOND if it is heavier, deeper or encoded otherwise than
        this reader goes."""
        return self._read[0]

    @property
    def text(self) -> bytes:
        """The parsed body as compact JSON, in which no member stands twice; empty if the body was not parsed."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Any, bytes]:
        # To count takes as long as to parse a common page; a byte weighs 201 at most.
        is_heavy = len(self.body) * 201 > HEAVIEST and self.weight > HEAVIEST
        if is_heavy or (self.header("content-encoding") or "").lower() in UNREAD_ENCODINGS:
            return BEYOND, b""
        try:
            return decode_beside(self.body)
        except ValueError:
            value = _readable(self.body)
            return value, b"" if value in (BEYOND, UNREADABLE) else encode(value)

    @cached_property
    def is_page(self) -> bool:
        """Whether this is a 200 with an array. Only pages can be compared with other pages."""
        return self.status == 200 and isinstance(self.value, list)

    @property
    def lists_logs(self) -> bool:
        """Whether this is a page, and some of its items are objects if it has any: others compare with nothing."""
        return self.is_page and (not self.value or any(isinstance(item, dict) for item in self.value))

    @property
    def malformed(self) -> bool:
        """Whether an answer came that strict clients refuse."""
        return self.status == 0 and self.lost.startswith(MALFORMED)

    @property
    def failed(self) -> bool:
        """Whether no answer came, or a server error."""
        return self.status == 0 or self.status >= 500

    @property
    def logs(self) -> Listing:
        """The elements of a page; empty for any other answer."""
        return self.value if self.is_page else []

    @cached_property
    def with_id(self) -> list[tuple[str, dict[str, Any]]]:
        """The logs of a page that have an id, each behind its id."""
        logs = (log for log in self.logs if isinstance(log, dict))
        return [(log["id"], log) for log in logs if isinstance(log.get("id"), str) and log["id"]]

    @property
    def total(self) -> int | None:
        """The number in Total-Number; None if it is absent or not a number of logs."""
        text = self.header("total-number") or ""
        return int(text) if _COUNT.fullmatch(text) else None

    @property
    def code(self) -> str:
        """The ``code`` of an error body; empty if there is none."""
        code = self.value.get("code") if isinstance(self.value, dict) else None
        return code if isinstance(code, str) else ""

    def said(self) -> str:
        """The answer in a few words, without any value of a log, and without what controls a terminal."""
        if not self.status:
            return self.lost
        kind = self.media_type[:LONGEST_NAME] or "no content type"
        code = f", code {self.code[:LONGEST_NAME]}" if self.code else ""
        count = f", {len(self.value)} logs" if self.is_page else f", {len(self.body)} bytes"
        location = f" to {where[:LONGEST_NAME]}" if (where := self.header("location")) and self.status < 400 else ""
        text = f"{self.status}{location} ({kind}{code}{count})"
        return "".join(c if c.isprintable() else "�" for c in text)


@dataclass(frozen=True, slots=True)
class ProbeExchange:
    """One probe and its answer."""

    probe: Probe
    answer: Answer


@dataclass(frozen=True, slots=True)
class Break:
    """How one exchange breaks a check.

    ``subject`` tells breaks of one check apart: a place in the schema, a parameter. ``evidence`` are further facts that
    a known deviation may ask for.
    """

    expected: str
    came: str
    subject: str = ""
    evidence: tuple[tuple[str, Any], ...] = ()


def _readable(body: bytes) -> Any:
    """JSON that the fast reader does not take: what no other part of the judge could write is replaced."""
    try:
        return _writable(json.loads(body.decode(), parse_constant=_no_constant), DEEPEST)
    except RecursionError:
        return BEYOND
    except ValueError:
        return UNREADABLE


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _writable(value: Any, depth: int) -> Any:
    """A value without lone surrogates, infinities, numbers beyond 64 bits, and levels below ``depth``."""
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case bool() | None:
            return value
        case int() | float():
            return float(max(-_LARGEST, min(value, _LARGEST))) if abs(value) >= 2**63 else value
        case dict() if depth:
            return {_writable(name, 0): _writable(inner, depth - 1) for name, inner in value.items()}
        case list() if depth:
            return [_writable(inner, depth - 1) for inner in value]
    return None


def identity(log: Any) -> str:
    """The text that identifies a log: its id, or the whole log as JSON if it has no id."""
    if isinstance(log, dict) and isinstance(log.get("id"), str):
        return str(log["id"])
    return encode(log).decode()


def identities(logs: Listing) -> Identities:
    """The identity of each log, in order."""
    return [identity(log) for log in logs]


def times(logs: Listing) -> list[Any]:
    """The createdAt of each log, in order. Logs without a tie-breaker keep these when they swap places."""
    return [log.get("createdAt") if isinstance(log, dict) else None for log in logs]


def moments(logs: Listing) -> list[float]:
    """Those times of logs that are numbers, in order."""
    return [time for time in times(logs) if isinstance(time, int | float) and not isinstance(time, bool)]
