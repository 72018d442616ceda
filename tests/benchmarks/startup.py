"""Time until ready: from the command to the first page, against the imports that any server of this kind needs."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks import servers
from tests.support.tables import table

IMPORTS = [sys.executable, "-c", "import flask, gevent.pywsgi"]
HELP = [sys.executable, "-m", "mockserver", "--help"]
GOALS = {"serve, seeded": 2.0, "serve, faker": 3.0, "serve, faker, 10^12 logs": 3.0, "--help": 0.7}


def measure(rounds: int) -> dict[str, Any]:
    """Each in turn, so many rounds: wall clock and processor time in seconds, and megabytes once ready."""
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


def report(found: dict[str, Any]) -> str:
    """The figures as markdown; ratios are taken within a round, and of them the median."""
    rows = []
    for name, goal in GOALS.items():
        pairs = list(zip(found[name], found["imports"], strict=True))
        wall = statistics.median(mine["wall"] / other["wall"] for mine, other in pairs)
        cpu = statistics.median(mine["cpu"] / other["cpu"] for mine, other in pairs)
        memory = max(mine.get("megabytes", 0.0) for mine in found[name])
        rows.append((name, f"{goal:g}", f"{wall:.2f}", f"{cpu:.2f}", f"{memory:.0f}" if memory else ""))
    return table(("ready", "goal", "x imports", "x imports, by cpu", "memory, MB"), rows)


def _run(command: list[str]) -> dict[str, float]:
    before, began = _spent(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=servers.ROOT)
    return {"wall": time.perf_counter() - began, "cpu": _spent() - before}


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _served(logs: str) -> dict[str, float]:
    with servers.mock("--logs", logs) as mock:
        return {"wall": mock.ready, "cpu": mock.worked(), "megabytes": mock.megabytes()}
