"""Generated logs, opened and parsed once for all test files."""

from __future__ import annotations

from functools import cache
from typing import Any

from mockserver.contract.filters import EVERYTHING
from mockserver.contract.jsontext import decode
from mockserver.logs.source import Opening, TenantLogs, read_source

NOW = 1_795_392_000.0  # 2026-11-23T00:00:00Z
Log = dict[str, Any]


@cache
def opened(source: str, tenant: str = "default", now: float = NOW, growth: float = 0.0) -> TenantLogs:
    """Returns the logs of one tenant of a source; the same source is opened once for all tests."""
    return _source(source, now, growth).logs(tenant)


@cache
def _source(source: str, now: float, growth: float) -> Any:
    return read_source(source).open(Opening(now, growth))


@cache
def parsed(source: str) -> tuple[Log, ...]:
    """Returns all logs of a source, oldest first."""
    logs = opened(source)
    return tuple(map(decode, logs.slice(EVERYTHING, 0, logs.count(EVERYTHING))))[::-1]
