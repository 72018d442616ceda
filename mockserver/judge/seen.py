"""SeenLogs: what earlier answers showed, that later ones must not contradict."""

from __future__ import annotations

from typing import Any

from mockserver.contract.jsontext import encode

# Enough for every log that a run meets; past it no new ones are learned.
CAPACITY = 20_000


def identity(log: Any) -> str:
    """What tells a log from another: its id where it has one, else the whole of it."""
    if isinstance(log, dict) and isinstance(log.get("id"), str):
        return str(log["id"])
    return encode(log).decode()


class SeenLogs:
    """The logs seen so far by id, the tenant they belong to, and the bodies seen under each ETag."""

    def __init__(self) -> None:
        self.logs: dict[str, Any] = {}
        self.tenant: Any = None

    def learn(self, logs: list[Any]) -> None:
        """Remember each log as it was first seen."""
        for log in logs:
            if not isinstance(log, dict) or len(self.logs) >= CAPACITY:
                continue
            self.logs.setdefault(identity(log), log)
            if self.tenant is None:
                self.tenant = log.get("tenantId")
