"""Requests a second: ``python -m tests.benchmarks.serving --help``.

Compares this mock with a bare WSGI function on the same server, with nginx that sends the same bytes and, with --peers,
with other mocks. Loopback only; takes some minutes. In each round every server gets load once, each time just after the
bare function. The tables show medians of the rounds, since other programs on the machine slow all servers.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mockserver.contract.jsontext import encode_pretty
from tests.benchmarks import peers, servers, startup
from tests.benchmarks.figures import Figures, Line, lines_table, this_machine
from tests.benchmarks.goals import verdict
from tests.benchmarks.load import Load, press
from tests.benchmarks.servers import Process

REPEATED = ("/api/logs",)
BARE, NGINX = "bare, 16 connections", "nginx, 16 connections"
KEYS = ("Interaction.Create", "Interaction.End", "ExchangeTokenBy.AuthorizationCode")


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of the table: a server, the paths that are requested, and the number of connections."""

    name: str
    server: Process
    paths: Sequence[str]
    connections: int = 16


def never_repeated(tenants: int = 50) -> list[str]:
    """Returns paths of full pages; tenant, page and filter change each time, and each request adds a number."""
    paths = [f"/t/t{number % tenants}/api/logs?page={number % 40 + 1}" for number in range(200)]
    filtered = [f"/t/t{number % tenants}/api/logs?page=1&logKey={KEYS[number % len(KEYS)]}" for number in range(200)]
    return [path for pair in zip(paths, filtered, strict=True) for path in pair]


def far_apart(count: int) -> list[str]:
    """Returns paths of pages that are spread evenly over a set of ``count`` logs."""
    step = count // 20 // 1000
    return [f"/t/t{number % 50}/api/logs?page={number * step + 1}" for number in range(1000)]


def subjects(stack: ExitStack, engines: Sequence[str]) -> Iterator[Subject]:
    """Yields every line but those of the peers."""
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
    """Opens connections that wait for an answer until the end of the run."""
    request = b'GET /api/logs HTTP/1.1\r\nHost: a\r\nPrefer: fault="hang:seconds=3600"\r\n\r\n'
    for _ in range(connections):
        client = stack.enter_context(socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))))
        client.sendall(request)


def _yardsticks(stack: ExitStack, mock: Process) -> Iterator[Subject]:
    headers, body = mock.page()
    kept = [(name, value) for name, value in headers if name.lower() not in ("date", "connection", "server")]
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    bare = stack.enter_context(servers.bare(kept, body, folder))
    for connections in (16, 1, 64, 500):
        yield Subject(f"bare, {connections} connections", bare, REPEATED, connections)
    static = servers.nginx(body, folder)
    if static is not None:
        yield Subject(NGINX, stack.enter_context(static), REPEATED)


def measure(lines: Sequence[Subject], rounds: int, seconds: int) -> dict[str, Line]:
    """Measures every line in each round, just after the bare function, since the pace of a machine changes."""
    bare = next(line for line in lines if line.name == BARE)
    results = {line.name: Line(ready=line.server.ready) for line in lines}
    for line in lines:
        _press(line, 1)
    for _ in range(rounds):
        for line in lines:
            results[line.name].bare.append(_press(bare, 1))
            results[line.name].loads.append(_press(line, seconds))
    return {line.name: replace(results[line.name], megabytes=line.server.megabytes()) for line in lines}


def _press(line: Subject, seconds: int) -> Load:
    load = press(line.server, line.paths, line.connections, seconds)
    if load.failed and "a fault" not in line.name:
        raise SystemExit(f"{line.name}: {load.failed} of {load.requests} answers were no 200")
    return load


def main() -> None:
    """Measures, prints the tables, writes the figures."""
    wanted = _arguments()
    with ExitStack() as stack:
        lines = [
            *subjects(stack, wanted.engine or ("gevent",)),
            *(peers.subjects(stack, Subject, wanted.only) if wanted.peers else ()),
        ]
        lines = [line for line in lines if wanted.only in line.name or line.name in (BARE, NGINX)]
        results = measure(lines, wanted.rounds, wanted.seconds)
    figures = Figures(this_machine(), results, startup.measure(wanted.rounds))
    sys.stdout.write(f"{lines_table(figures.lines)}\n\n{verdict(figures)}\n")
    wanted.file.write_bytes(encode_pretty(asdict(figures)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--engine", action="append", choices=("gevent", "granian"), help="may be given twice")
    parser.add_argument("--peers", action="store_true", help="also install other mocks from npm, and measure them")
    parser.add_argument("--seconds", type=int, default=2, help="the duration of each load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only", default="", help="measure the lines whose name contains this text, and the yardsticks"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
