"""Secrets of a run: credentials, and personal values of logs, which no output may tell.

They are recognised by their values, in any spelling, and not by the names beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mockserver.http.secrets import spellings

# A shorter value identifies nobody, and to replace it would garble every text.
SHORTEST = 4
# More values, or longer ones, are not replaced one by one: no report then shows bodies.
MOST_NAMES, LONGEST_VALUE = 10_000, 2_000
# The members of a payload that identify a person, and the name that replaces their values in a report.
PERSONAL = {"ip": "ADDRESS", "userId": "USER", "userAgent": "AGENT"}


class Secrets:
    """Values that no output may hold, and the names that replace them.

    Values that are part of ``public``, such as the target's own address, are not replaced. ``overflown``: some values
    were too many or too long to be replaced.
    """

    def __init__(self, public: str = "") -> None:
        self._public = public
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self.overflown = False
        self._spellings: dict[str, str] = {}

    def add_credential(self, value: str, variable: str) -> None:
        """Replace ``value`` by ``$variable``, and each part of it if it is a JWT."""
        for part in [value, *(part for part in value.split(".") if len(part) > 8)]:
            self._hide(part, f"${variable}")

    def add_personal(self, value: str, kind: str) -> None:
        """Replace a personal value by a name of its own, such as ``<USER 3>``; the same value keeps its name."""
        if len(value) > LONGEST_VALUE or len(self._names) >= MOST_NAMES:
            self.overflown = True
        elif value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._hide(value, f"<{kind} {self._counts[kind]}>")

    def learn(self, value: Any) -> None:
        """Replace every personal value of the logs in parsed JSON of any shape, however deep they stand."""
        level = [value]
        while level := [node for node in level if isinstance(node, (dict, list))]:
            for node in level:
                payload = node.get("payload") if isinstance(node, dict) else None
                for name, text in personal_values(payload):
                    self.add_personal(text, PERSONAL[name])
            level = [inner for node in level for inner in _inside(node)]

    def finds(self, text: str) -> Iterator[re.Match[str]]:
        """Each place where ``text`` tells a secret, in any spelling."""
        return self._matcher(text).finditer(text)

    def clean(self, text: str) -> str:
        """``text`` with every secret replaced by its name, in any spelling."""
        return self._matcher(text).sub(lambda match: self._spellings[match[0]], text)

    def _hide(self, value: str, name: str) -> None:
        if len(value) < SHORTEST or value in self._names or value in self._public:
            return
        self._names[value] = name
        for spelling in spellings(value):
            self._spellings.setdefault(spelling, name)

    def _matcher(self, text: str) -> re.Pattern[str]:
        """A pattern of the spellings in a text: one of all spellings would be tried at each of its characters."""
        longest_first = sorted((spelling for spelling in self._spellings if spelling in text), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"\A(?!)")


def _inside(node: dict[str, Any] | list[Any]) -> list[Any]:
    """The values inside a node. A log has none: its payload was searched, and nothing else in it is personal."""
    if isinstance(node, list):
        return node
    return [] if isinstance(node.get("payload"), dict) else list(node.values())


def personal_values(payload: Any) -> Iterator[tuple[str, str]]:
    """Each personal text of a payload with the name of its member, also the copy in the parsed user agent."""
    if not isinstance(payload, dict):
        return
    for name in PERSONAL:
        if isinstance(payload.get(name), str):
            yield name, payload[name]
    parsed = payload.get("userAgentParsed")
    if isinstance(parsed, dict) and isinstance(parsed.get("ua"), str):
        yield "userAgent", parsed["ua"]
