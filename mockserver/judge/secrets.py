"""Redaction by value: what must not be told is known by what it is, not by what it is called."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from mockserver.contract.jsontext import encode

# A value shorter than this says nothing about anybody, and hiding it would garble every text.
SHORTEST = 4
# The members of a payload that tell of a person, and the name that stands for their values in a report.
PERSONAL = {"ip": "ADDRESS", "userId": "USER", "userAgent": "AGENT"}


class Secrets:
    """Values that no output may hold, and what stands in their place: credentials, and personal values seen in logs.

    What stands in ``public``, such as the target's own address, hides nothing when it is hidden.
    """

    def __init__(self, public: str = "") -> None:
        self._public = public
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None
        self._forms: dict[str, str] = {}

    def add_credential(self, value: str, variable: str) -> None:
        """Hide ``value`` and, where it is a JWT, each of its parts behind ``$variable``."""
        for part in [value, *(part for part in value.split(".") if len(part) > 8)]:
            self._hide(part, f"${variable}")

    def add_personal(self, value: str, kind: str) -> None:
        """Hide a personal value behind a name of its own, such as ``<USER 3>``; the same value keeps its name."""
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._hide(value, f"<{kind} {self._counts[kind]}>")

    def learn(self, answer: Any) -> None:
        """Hide every personal value of the logs in an answer (parsed JSON of any shape), however deep they stand."""
        level = [answer]
        while level := [each for each in level if isinstance(each, (dict, list))]:
            for each in level:
                payload = each.get("payload") if isinstance(each, dict) else None
                for name, value in personal_values(payload):
                    self.add_personal(value, PERSONAL[name])
            level = [inner for each in level for inner in _beneath(each)]

    def holds(self, text: str) -> bool:
        """Whether ``text`` tells any hidden value, in any form."""
        return bool(self._matcher.search(text))

    def clean(self, text: str) -> str:
        """``text`` with every hidden value replaced by what stands for it, whatever its form."""
        return self._matcher.sub(lambda found: self._forms[found[0]], text)

    def _hide(self, value: str, name: str) -> None:
        if len(value) < SHORTEST or value in self._names or value in self._public:
            return
        self._names[value] = name
        for form in forms(value):
            self._forms.setdefault(form, name)
        self._pattern = None

    @property
    def _matcher(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        return self._pattern


def _beneath(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    """What to look through next: within a log, nothing personal stands beside what its payload was asked for."""
    if isinstance(value, list):
        return value
    return () if isinstance(value.get("payload"), dict) else value.values()


def personal_values(payload: Any) -> Iterator[tuple[str, str]]:
    """Each personal text of a payload with the name of its kind, the parsed user agent's own copy included."""
    if not isinstance(payload, dict):
        return
    for name in PERSONAL:
        if isinstance(payload.get(name), str):
            yield name, payload[name]
    parsed = payload.get("userAgentParsed")
    if isinstance(parsed, dict) and isinstance(parsed.get("ua"), str):
        yield "userAgent", parsed["ua"]


def forms(value: str) -> set[str]:
    """The ways a value may stand in a text: plain, as JSON, percent-encoded, as HTML, in base64 at each alignment."""
    raw = value.encode(errors="replace")
    json_text = encode(raw.decode(errors="replace")).decode()[1:-1]
    html_text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    percent = {
        quote(value, errors="replace"),
        quote(value, safe="", errors="replace"),
        quote_plus(value, errors="replace"),
    }
    percent |= {re.sub(r"%..", lambda found: found[0].lower(), text) for text in percent}
    found = {value, json_text, html_text, html_text.replace("'", "&#x27;"), html_text.replace("'", "&#39;")}
    return found | percent | set(_base64_forms(raw))


def _base64_forms(raw: bytes) -> Iterator[str]:
    """What base64 makes of ``raw`` wherever it begins within what is encoded: the characters that it alone decides."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        first = (0, 2, 3)[before]
        sure = text[first : (before + len(raw)) * 8 // 6]
        yield sure
        yield sure.translate(str.maketrans("+/", "-_"))
