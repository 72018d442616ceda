"""Figures: what a benchmark measured, as it is kept in a file, and the tables that show it."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.load import Load
from tests.support.tables import table


@dataclass(frozen=True, slots=True)
class Line:
    """One server under one kind of load.

    ``loads`` and ``bare`` have one entry for each round: this server, and the bare function just before it.
    ``megabytes`` is resident memory, ``ready`` the seconds from the command to the first page.
    """

    loads: list[Load] = field(default_factory=list)
    bare: list[Load] = field(default_factory=list)
    megabytes: float = 0.0
    ready: float = 0.0

    def middle(self, name: str) -> float:
        """Returns the median of one field of its loads."""
        return statistics.median(getattr(load, name) for load in self.loads)

    @property
    def rate(self) -> float:
        """Returns requests a second divided by those of the bare function: the median of the rounds."""
        pairs = zip(self.loads, self.bare, strict=True)
        return statistics.median(mine.per_second / other.per_second for mine, other in pairs)

    @property
    def tail(self) -> float:
        """Returns the 99th percentile of latency divided by the median latency: the median of the rounds."""
        return statistics.median(load.p99 / load.p50 for load in self.loads)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run measured: the machine, lines by name, and times until ready."""

    machine: str
    lines: Mapping[str, Line]
    starts: Mapping[str, Any]

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Figures:
        """Returns the figures from the parsed JSON of a file."""
        lines = {name: Line(**{**line, **_loads(line)}) for name, line in value["lines"].items()}
        return cls(value["machine"], lines, value["starts"])


def _loads(line: Mapping[str, Any]) -> dict[str, list[Load]]:
    return {name: [Load(**load) for load in line[name]] for name in ("loads", "bare")}


def this_machine() -> str:
    """Returns the processor, the number of cores and the version of Python."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def lines_table(lines: Mapping[str, Line]) -> str:
    """Returns a table; one row is one line."""
    head = ("", "requests/s", "times bare", "p50, ms", "p99, ms", "memory, MB", "ready, s")
    return table(head, ((name, *_cells(line)) for name, line in lines.items()))


def _cells(line: Line) -> Sequence[str]:
    return (
        f"{line.middle('per_second'):,.0f}", f"{line.rate:.2f}", f"{line.middle('p50'):.1f}",
        f"{line.middle('p99'):.1f}", f"{line.megabytes:.0f}", f"{line.ready:.2f}",
    )  # fmt: skip
