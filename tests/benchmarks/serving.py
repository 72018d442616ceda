"""Requests a second: ``python -m tests.benchmarks.serving --help``.

This mock beside version 0.1 (gevent), nginx that sends the same bytes from disk and, when asked, peers; on loopback
only, some minutes. Every round presses each of them once in turn, nginx just before; of the rounds the median counts,
since other programs on the machine slow all of them.
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
NGINX = "nginx, 16 connections"
# Every other line writes its log, as users have it.
UNLOGGED = "mockserver, repeated, without a log"
KEYS = ("Interaction.Create", "Interaction.End", "ExchangeTokenBy.AuthorizationCode")


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


def subjects(stack: ExitStack, only: str = "") -> Iterator[Subject]:
    """Yields every line but the peers' whose name holds ``only``; a server that no line needs is not started."""
    body = stack.enter_context(servers.mock()).page()[1]
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    yield Subject(NGINX, stack.enter_context(servers.nginx(body, folder)), REPEATED)
    large = 10**9
    many = ("--logs", f"faker:count={large}")
    plans: list[tuple[tuple[str, ...], list[tuple[str, Sequence[str], int]]]] = [
        ((), [(f"repeated, {count} connections", REPEATED, count) for count in (16, 1, 64, 500)]),
        ((), [("never repeated, 10^3 logs", never_repeated(), 16)]),
        (many, [("never repeated, 10^9 logs", never_repeated(), 16), ("far apart, 10^9 logs", far_apart(large), 16)]),
        (("--fault", "status:code=503,rate=0.1"), [("repeated, a fault in ten", REPEATED, 16)]),
        ((), [("repeated, 200 more hang", REPEATED, 16)]),
    ]
    for options, lines in plans:
        # One just after the other, since machines change their pace.
        for name, serve in (("mockserver", servers.mock), ("version 0.1", servers.first_version)):
            wanted = [(f"{name}, {line}", paths, count) for line, paths, count in lines if only in f"{name}, {line}"]
            if wanted:
                server = stack.enter_context(serve(*options))
                if "hang" in wanted[0][0]:
                    _hang(stack, server, 200)
                yield from (Subject(line, server, paths, count) for line, paths, count in wanted)
    if only in UNLOGGED:
        yield Subject(UNLOGGED, stack.enter_context(servers.mock("--log", "off")), REPEATED)


def _hang(stack: ExitStack, server: Process, connections: int) -> None:
    """Have so many clients wait for an answer that does not come while this runs."""
    request = b'GET /api/logs HTTP/1.1\r\nHost: a\r\nPrefer: fault="hang:seconds=3600"\r\n\r\n'
    for _ in range(connections):
        client = stack.enter_context(socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))))
        client.sendall(request)


def measure(lines: Sequence[Subject], rounds: int, seconds: int) -> dict[str, Line]:
    """Every line, a round after another; nginx just before each of them, since machines change their pace."""
    nginx = next(line for line in lines if line.name == NGINX)
    measured = {line.name: Line(ready=line.server.ready) for line in lines}
    for line in lines:
        _press(line, 1)
    for _ in range(rounds):
        for line in lines:
            measured[line.name].nginx.append(_press(nginx, 1))
            measured[line.name].loads.append(_press(line, seconds))
    return {line.name: replace(measured[line.name], megabytes=line.server.megabytes()) for line in lines}


def _press(line: Subject, seconds: int) -> Load:
    load = press(line.server, line.paths, line.connections, seconds)
    if load.failed and "a fault" not in line.name:
        raise SystemExit(f"{line.name}: {load.failed} of {load.requests} answers were no 200")
    return load


def main() -> None:
    """Measure, print the tables, write the figures."""
    wanted = _arguments()
    with ExitStack() as stack:
        lines = [
            *subjects(stack, wanted.only),
            *(peers.subjects(stack, Subject, wanted.only) if wanted.peers else ()),
        ]
        found = measure(lines, wanted.rounds, wanted.seconds)
    figures = Figures(this_machine(), found, startup.measure(wanted.rounds))
    sys.stdout.write(f"{lines_table(figures.lines)}\n\n{verdict(figures)}\n")
    wanted.file.write_bytes(encode_pretty(asdict(figures)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--peers", action="store_true", help="install and measure what npm has, too")
    parser.add_argument("--seconds", type=int, default=2, help="how long each is pressed in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="lines that hold this text, beside the yardsticks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
