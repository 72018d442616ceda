"""Time until ready: from the command to the first page, against the imports that any server of this kind needs."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.benchmarks import servers

IMPORTS = [sys.executable, "-c", "import flask"]
HELP = [sys.executable, "-m", "mockserver", "--help"]


def measure(rounds: int) -> dict[str, Any]:
    """Each in turn, so many rounds: seconds, and megabytes once ready."""
    what: dict[str, Callable[[], dict[str, float]]] = {
        "imports": lambda: _run(IMPORTS),
        "--help": lambda: _run(HELP),
        "serve, seeded": lambda: _served("seeded"),
        "serve, faker": lambda: _served("faker"),
        "serve, faker, 10^12 logs": lambda: _served("faker:count=1000000000000"),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in what}
    for _ in range(rounds + 2):
        for name, once in what.items():
            found[name].append(once())
    return found


def ratio(found: Mapping[str, Sequence[Mapping[str, float]]], name: str) -> float:
    """How many times the imports a start takes, the median of the rounds."""
    pairs = zip(found[name], found["imports"], strict=True)
    return statistics.median(mine["wall"] / other["wall"] for mine, other in pairs)


def _run(command: list[str]) -> dict[str, float]:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=servers.ROOT)
    return {"wall": time.perf_counter() - began}


def _served(logs: str) -> dict[str, float]:
    with servers.mock("--logs", logs) as mock:
        return {"wall": mock.ready, "megabytes": mock.megabytes()}
