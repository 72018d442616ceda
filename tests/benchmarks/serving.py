"""Requests a second: ``python -m tests.benchmarks.serving --help``.

This mock beside a bare WSGI function on the same server, nginx with the same bytes and, when asked, peers; on loopback
only, some minutes. Every round presses each of them once in turn; a ratio is taken within its round, and of the rounds
the median is told, since other programs on the machine slow all of them. ``cpu`` is the least time a request that the
server itself was at work: it suffers less from a busy machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mockserver.jsontext import encode_pretty
from tests.benchmarks import peers, servers, startup
from tests.benchmarks.load import Load, press
from tests.benchmarks.servers import Process
from tests.support.tables import table

REPEATED = ("/api/logs",)
KEYS = ("Interaction.Create", "Interaction.End", "ExchangeTokenBy.AuthorizationCode")
# What a goal of the project compares, and the least that it asks for.
GOALS = {
    "gevent, never repeated, 10^3 logs": ("bare, 16 connections", 0.5),
    "gevent, never repeated, 10^9 logs": ("bare, 16 connections", 0.5),
    "gevent, repeated, 16 connections": ("bare, 16 connections", 0.95),
    "granian, repeated, 16 connections": ("nginx, 16 connections", 0.25),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of the table: a server, what it is asked for, over how many connections."""

    name: str
    server: Process
    paths: Sequence[str]
    connections: int = 16


def never_repeated(tenants: int = 50) -> list[str]:
    """Full pages: tenant, page and filter change every time; a number that each request adds does the rest."""
    paths = [f"/t/t{number % tenants}/api/logs?page={number % 40 + 1}" for number in range(200)]
    filtered = [f"/t/t{number % tenants}/api/logs?page=1&logKey={KEYS[number % len(KEYS)]}" for number in range(200)]
    return [path for pair in zip(paths, filtered, strict=True) for path in pair]


def far_apart(count: int) -> list[str]:
    """Pages from all over a set of any size, none of them near another."""
    step = count // 20 // 1000
    return [f"/t/t{number % 50}/api/logs?page={number * step + 1}" for number in range(1000)]


def subjects(stack: ExitStack, engines: Sequence[str]) -> Iterator[Subject]:
    """Every line but the peers'."""
    large = 10**9
    for engine in engines:
        how = ("--engine", engine)
        mock = stack.enter_context(servers.mock(*how))
        for connections in (16, 1, 64, 500):
            yield Subject(f"{engine}, repeated, {connections} connections", mock, REPEATED, connections)
        yield Subject(f"{engine}, never repeated, 10^3 logs", mock, never_repeated())
        many = stack.enter_context(servers.mock(*how, "--logs", f"faker:count={large}"))
        yield Subject(f"{engine}, never repeated, 10^9 logs", many, never_repeated())
        yield Subject(f"{engine}, far apart, 10^9 logs", many, far_apart(large))
        faulty = stack.enter_context(servers.mock(*how, "--fault", "status:code=503,rate=0.1"))
        yield Subject(f"{engine}, repeated, a fault in ten", faulty, REPEATED)
        hung = stack.enter_context(servers.mock(*how))
        _hang(stack, hung, 200)
        yield Subject(f"{engine}, repeated, 200 more hang", hung, REPEATED)
    yield from _yardsticks(stack, mock)


def _hang(stack: ExitStack, server: Process, connections: int) -> None:
    """Have so many clients wait for an answer that does not come while this runs."""
    asked = b'GET /api/logs HTTP/1.1\r\nHost: a\r\nPrefer: fault="hang:seconds=3600"\r\n\r\n'
    for _ in range(connections):
        client = stack.enter_context(socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))))
        client.sendall(asked)


def _yardsticks(stack: ExitStack, mock: Process) -> Iterator[Subject]:
    headers, body = mock.page()
    kept = [(name, value) for name, value in headers if name.lower() not in ("date", "connection", "server")]
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    bare = stack.enter_context(servers.bare(kept, body, folder))
    for connections in (16, 1, 64, 500):
        yield Subject(f"bare, {connections} connections", bare, REPEATED, connections)
    static = servers.nginx(body, folder)
    if static is not None:
        yield Subject("nginx, 16 connections", stack.enter_context(static), REPEATED)


def measure(lines: Sequence[Subject], rounds: int, seconds: int) -> dict[str, list[Load]]:
    """The loads of every line, a round after another."""
    for line in lines:
        press(line.server, line.paths, line.connections, 1)
    found: dict[str, list[Load]] = {line.name: [] for line in lines}
    for _ in range(rounds):
        for line in lines:
            found[line.name].append(press(line.server, line.paths, line.connections, seconds))
    return found


def ratio(found: Mapping[str, Sequence[Load]], name: str, yardstick: str) -> tuple[float, float]:
    """How a line compares with another: by requests a second, the median of the rounds; and by the server's own time,
    the least of each, which comes nearest to a machine of its own."""
    rates = [mine.per_second / other.per_second for mine, other in zip(found[name], found[yardstick], strict=True)]
    mine, other = (min(load.cpu for load in found[each]) for each in (name, yardstick))
    return statistics.median(rates), other / mine


def report(found: Mapping[str, Sequence[Load]], megabytes: Mapping[str, float]) -> str:
    """The figures as markdown."""
    rows = []
    for name, loads in found.items():
        middle = {
            field: statistics.median(getattr(load, field) for load in loads) for field in Load.__dataclass_fields__
        }
        compared = ratio(found, name, "bare, 16 connections") if "bare, 16 connections" in found else (0, 0)
        cells = (
            f"{middle['per_second']:,.0f}",
            f"{middle['p50']:.1f}",
            f"{middle['p99']:.1f}",
            f"{min(load.cpu for load in loads):.0f}",
        )
        rows.append((name, *cells, f"{compared[0]:.2f}", f"{compared[1]:.2f}", f"{megabytes[name]:.0f}"))
    head = ("", "requests/s", "p50, ms", "p99, ms", "cpu, us", "x bare", "x bare, by cpu", "memory, MB")
    return table(head, rows)


def goals(found: Mapping[str, Sequence[Load]]) -> str:
    """Which goals are reached, by either way to compare."""
    rows = []
    for name, (yardstick, least) in GOALS.items():
        if name in found and yardstick in found:
            rate, time = ratio(found, name, yardstick)
            rows.append((name, yardstick, f"{least:.2f}", f"{rate:.2f}", f"{time:.2f}"))
    return table(("", "compared with", "goal", "by requests/s", "by cpu"), rows)


def main() -> None:
    """Measure, print the tables, write the figures."""
    wanted = _arguments()
    with ExitStack() as stack:
        lines = [
            *subjects(stack, wanted.engine or ("gevent",)),
            *(peers.subjects(stack, Subject) if wanted.peers else ()),
        ]
        lines = [line for line in lines if wanted.only in line.name or line.name.startswith(("bare, 16", "nginx"))]
        found = measure(lines, wanted.rounds, wanted.seconds)
        megabytes = {line.name: line.server.megabytes() for line in lines}
        ready = startup.measure(wanted.rounds)
    figures: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}",
        "loads": {name: [asdict(load) for load in loads] for name, loads in found.items()},
        "megabytes": megabytes,
        "startup": ready,
    }
    wanted.file.write_bytes(encode_pretty(figures))
    sys.stdout.write(f"{report(found, megabytes)}\n\n{goals(found)}\n\n{startup.report(ready)}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--engine", action="append", choices=("gevent", "granian"), help="may be given twice")
    parser.add_argument("--peers", action="store_true", help="install and measure what npm has, too")
    parser.add_argument("--seconds", type=int, default=2, help="how long each is pressed in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="lines that hold this text, beside the yardsticks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
