"""Figures: what was measured, as it stands in a file, and the tables that tell it."""

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
    """One server under one load: its load and that of nginx just before, a pair each round.

    Memory is in MB, ``ready`` in seconds from the command to the first page.
    """

    loads: list[Load] = field(default_factory=list)
    nginx: list[Load] = field(default_factory=list)
    megabytes: float = 0.0
    ready: float = 0.0

    def middle(self, name: str) -> float:
        """The median of one field of its loads."""
        return statistics.median(getattr(load, name) for load in self.loads)

    @property
    def rate(self) -> float:
        """How many times the requests a second of nginx, the median of the rounds."""
        pairs = zip(self.loads, self.nginx, strict=True)
        return statistics.median(mine.per_second / other.per_second for mine, other in pairs)

    @property
    def tail(self) -> float:
        """How many times the median latency the 99th percentile is, the median of the rounds."""
        return statistics.median(load.p99 / load.p50 for load in self.loads)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run measured: the machine, the lines by name, the starts."""

    machine: str
    lines: Mapping[str, Line]
    starts: Mapping[str, Any]

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Figures:
        """The figures of a file's parsed JSON."""
        lines = {name: Line(**{**line, **_loads(line)}) for name, line in value["lines"].items()}
        return cls(value["machine"], lines, value["starts"])


def _loads(line: Mapping[str, Any]) -> dict[str, list[Load]]:
    return {name: [Load(**load) for load in line[name]] for name in ("loads", "nginx")}


def this_machine() -> str:
    """Its processor, cores and Python."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def lines_table(lines: Mapping[str, Line]) -> str:
    """A row a line."""
    head = ("", "requests/s", "times nginx", "CPU a request, µs", "p50, ms", "p99, ms", "memory, MB", "ready, s")
    return table(head, ((name, *_cells(line)) for name, line in lines.items()))


def _cells(line: Line) -> Sequence[str]:
    return (
        f"{line.middle('per_second'):,.0f}", f"{line.rate:.2f}", f"{line.middle('cpu'):.0f}",
        f"{line.middle('p50'):.1f}", f"{line.middle('p99'):.1f}", f"{line.megabytes:.0f}", f"{line.ready:.2f}",
    )  # fmt: skip
