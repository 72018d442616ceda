"""What a balancer costs: ``python -m tests.benchmarks.replicas --help``; a minute or two, on loopback only.

One process directly, then one and two replicas behind nginx with the file of docs/replicas. Every round presses each of
them once in turn; of the rounds the fastest counts, which other programs disturbed least. CPU costs are those of the
processes themselves. Requests a second are those of a machine that all of them share with ``wrk``.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mockserver.contract.jsontext import encode_pretty
from tests.benchmarks.figures import this_machine
from tests.benchmarks.load import press
from tests.benchmarks.servers import Process
from tests.benchmarks.serving import never_repeated
from tests.support.replicas import Balanced, balanced
from tests.support.tables import table
from tests.support.tools import tool

# Enough tenants that two replicas have about half of them each.
REPEATED = [f"/t/t{number}/api/logs" for number in range(50)]
LOADS = {"repeated": (REPEATED, False), "never repeated": (never_repeated(), True)}
CONNECTIONS = 64
# How much of a core is planned for: at more, replies wait for one another.
BUSY = 0.7
PLANNED = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Subject:
    """Replicas, and the process of nginx in front of them or None; ``url`` is where clients ask."""

    name: str
    url: str
    replicas: Sequence[int]
    nginx: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One subject under one load: requests a second, and the CPU of a request in the replicas and in nginx, in µs."""

    subject: str
    load: str
    per_second: float
    replica: float
    nginx: float
    bytes: int


def subjects(stack: ExitStack) -> list[Subject]:
    """Starts nginx with one replica and with two; the one replica is also asked directly."""
    found = []
    for count in (1, 2):
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        cluster: Balanced = stack.enter_context(balanced(tool("nginx"), Path(folder), count))
        pids = [replica.pid for replica in cluster.replicas]
        if count == 1:
            found.append(Subject("directly", f"http://127.0.0.1:{cluster.replicas[0].port}", pids, None))
        name = f"nginx and {count} replica{'s' * (count > 1)}"
        found.append(Subject(name, cluster.url, pids, cluster.nginx.pid))
    return found


def _workers(pid: int | None) -> list[int]:
    """Those that nginx has started to serve."""
    if pid is None:
        return []
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def measure(subject: Subject, load: str, seconds: int) -> Row:
    """One run."""
    paths, fresh = LOADS[load]
    processes = [[Process(subject.url, pid, 0) for pid in pids] for pids in (subject.replicas, _workers(subject.nginx))]
    before = [_worked(some) for some in processes]
    # Who presses reads the time of one process; here there are several.
    pressed = press(Process(subject.url, subject.replicas[0], 0), paths, CONNECTIONS, seconds, fresh)
    if pressed.failed:
        raise SystemExit(f"{subject.name}: {pressed.failed} of {pressed.requests} answers were no 200")
    replica, nginx = (
        (_worked(some) - start) / pressed.requests * 1e6 for some, start in zip(processes, before, strict=True)
    )
    size = len(processes[0][0].page(paths[0])[1])
    return Row(subject.name, load, pressed.per_second, replica, nginx, size)


def _worked(processes: Sequence[Process]) -> float:
    return sum(process.worked() for process in processes)


def report(figures: Mapping[str, Any]) -> str:
    """Returns the figures as Markdown."""
    head = ("pages", "asked", "requests/s", "CPU of the replicas, µs a request", "CPU of nginx, µs a request")
    rows = (
        (row["load"], row["subject"], f"{row['per_second']:,.0f}", f"{row['replica']:.0f}", f"{row['nginx']:.0f}")
        for row in figures["rows"]
    )
    return f"{table(head, rows)}\n\nMeasured on {figures['machine']}. {figures['note']}".rstrip()


def reckoning(figures: Mapping[str, Any]) -> str:
    """Returns how many replicas and cores of nginx some loads take, by the costs with two replicas."""
    head = ("requests/s", "pages", "replicas, a core each", "cores of nginx", "Gbit/s")
    costs = [row for row in figures["rows"] if row["subject"].endswith("2 replicas")]
    rows = []
    for planned in PLANNED:
        for row in costs:
            cores = (math.ceil(planned * row[part] / 1e6 / BUSY) for part in ("replica", "nginx"))
            rows.append(
                (
                    f"{planned:,}",
                    row["load"],
                    *(f"{count:,}" for count in cores),
                    f"{planned * row['bytes'] * 8 / 1e9:.1f}",
                )
            )
    return table(head, rows)


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--seconds", type=int, default=2, help="how long each is pressed in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--note", default="", help="a sentence about the run, such as what else the machine did")
    wanted = parser.parse_args()
    with ExitStack() as stack:
        pairs = [(subject, load) for subject in subjects(stack) for load in LOADS]
        rounds = [[measure(*pair, wanted.seconds) for pair in pairs] for _ in range(wanted.rounds)]
    best = [max(rows, key=lambda row: row.per_second) for rows in zip(*rounds, strict=True)]
    rows = sorted(best, key=lambda row: list(LOADS).index(row.load))
    figures = {"machine": this_machine(), "note": wanted.note, "rows": [asdict(row) for row in rows]}
    sys.stdout.write(f"{report(figures)}\n\n{reckoning(figures)}\n")
    wanted.file.write_bytes(encode_pretty(figures))


if __name__ == "__main__":
    main()
