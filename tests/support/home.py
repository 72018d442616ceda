"""What may not come home: the values of recorded logs, and where a text still holds one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.http.secrets import spellings
from mockserver.logs.traffic.agents import agents
from mockserver.record.pseudonyms import PUBLIC
from tests.support import replays

# A part of a deployment's logs: to look for every value of them in every encoding takes time.
LOGS = [json.loads(line) for line in replays.logs("1.42").splitlines()[::20]]
AGENTS = {agent.text for agent in agents()}
JOINS = ("userId", "applicationId", "sessionId", "interactionId", "ip")
SHORTEST = 5


def values(value: Any) -> Iterator[str]:
    """Yields every text of 5 characters or more that is not public: in members, their names, and JSON in texts."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from values(name)
            yield from values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner)
    elif isinstance(value, str) and value not in AGENTS:
        if value[:1] in ("{", "["):
            yield from values(json.loads(value))
        if len(value) >= SHORTEST and not set(re.findall(r"[\w.-]+", value)) <= PUBLIC:
            yield value


def left(logs: Iterable[Any], text: str) -> list[str]:
    """Returns the values of logs that a text holds, in any encoding."""
    found = sorted({value for log in logs for value in values(log)})
    return [value for value in found if any(spelling in text for spelling in spellings(value))]


def joined(logs: Iterable[Any]) -> list[list[int]]:
    """Returns how many logs each user has, each application, and so on; without their names."""
    logs = list(logs)
    return [sorted(Counter(log["payload"].get(name) for log in logs).values()) for name in JOINS]
