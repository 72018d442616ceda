"""Answers: what came back, read leniently so that it can be judged strictly; and what was asked beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.contract.jsontext import decode
from mockserver.judge.probe import Probe

UNREADABLE = object()
# No deployment holds more logs than that; Python itself refuses to read longer numbers.
_COUNT = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Answer:
    """One answer: ``headers`` in order, ``seconds`` until its end; status 0: none came, and ``lost`` says how."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    lost: str = ""

    def header(self, name: str) -> str | None:
        """The values of a header (any case), joined as HTTP allows; None where it was not sent."""
        values = [value for found, value in self.headers if found.lower() == name.lower()]
        return ", ".join(values) if values else None

    @cached_property
    def media_type(self) -> str:
        """The media type, lower case, without parameters; empty where none was sent."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def value(self) -> Any:
        """The parsed body, or UNREADABLE."""
        try:
            return decode(self.body)
        except ValueError:
            return UNREADABLE

    @cached_property
    def logs(self) -> list[Any]:
        """The elements of a 200's array; empty for any other answer."""
        return self.value if self.status == 200 and isinstance(self.value, list) else []

    @property
    def total(self) -> int | None:
        """What Total-Number says; None where it is absent or no number of logs."""
        text = self.header("total-number") or ""
        return int(text) if _COUNT.fullmatch(text) else None

    @property
    def is_page(self) -> bool:
        """Whether this is a 200 with an array, which alone can be compared with others."""
        return self.status == 200 and isinstance(self.value, list)

    @property
    def code(self) -> str:
        """The ``code`` of an error body; empty where there is none."""
        found = self.value.get("code") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""

    def said(self) -> str:
        """What came, in a few words that tell no value of a log."""
        if not self.status:
            return self.lost
        kind = self.media_type or "no content type"
        code = f", code {self.code}" if self.code else ""
        count = f", {len(self.value)} logs" if self.is_page else f", {len(self.body)} bytes"
        return f"{self.status} ({kind}{code}{count})"


@dataclass(frozen=True, slots=True)
class ProbeExchange:
    """One probe and its answer."""

    probe: Probe
    answer: Answer


@dataclass(frozen=True, slots=True)
class Break:
    """One break of a rule by one exchange.

    ``subject`` tells breaks of one rule apart (a place in the schema, a parameter); ``evidence`` are further facts that
    a known deviation may ask for.
    """

    expected: str
    came: str
    subject: str = ""
    evidence: tuple[tuple[str, Any], ...] = ()
