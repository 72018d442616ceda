"""What `mockserver proxy` costs a client: ``python -m tests.benchmarks.proxy --help``; half a minute, on loopback only.

One mock stands for the deployment, and the proxy in front of it is a process of its own, as users start it. One client
asks both for the same pages, each on a connection that is kept: directly, through the proxy, directly, and so on. What
else the machine does then disturbs both. The overhead of a round is the difference of its two medians; of the rounds
the one with the least counts, which other programs disturbed least. Beside it, clients that hang hold the proxy as a
test of time-outs does.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mockserver.contract.jsontext import encode_pretty
from tests.benchmarks.figures import this_machine
from tests.benchmarks.servers import ROOT, TOKEN, Process, free_port, mock, started
from tests.support.tables import table

HANGING = 200
LOADS = {"the same page": "/api/logs", "never the same page": "/api/logs?page={number}"}
# The deployment has more pages of 20 logs than a run asks for.
SOURCE = "faker:count=2000000"
HANGS = (
    f'GET /api/logs HTTP/1.1\r\nHost: localhost\r\nPrefer: fault="hang:seconds=600"\r\nAuthorization: {TOKEN}\r\n\r\n'
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One load beside so many hanging clients: the medians of one round, and their difference, in milliseconds."""

    load: str
    hanging: int
    direct: float
    proxied: float
    overhead: float


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, path: str) -> float:
        """The milliseconds until the last byte of an answer, which must be a 200 that breaks nothing."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {TOKEN}\r\n\r\n".encode()
        began = time.perf_counter()
        self._sock.sendall(request)
        data = self._sock.recv(1 << 16)
        head, _, body = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or b"Contract-Breaks:" in head:
            raise SystemExit(f"{path}: {head.decode()}")
        left = int(head.lower().partition(b"content-length:")[2].split(b"\r")[0]) - len(body)
        while left > 0:
            left -= len(self._sock.recv(1 << 16))
        return (time.perf_counter() - began) * 1000

    def close(self) -> None:
        """Leave."""
        self._sock.close()


@contextmanager
def proxied() -> Iterator[tuple[Process, Process]]:
    """A deployment, and the proxy in front of it."""
    with ExitStack() as stack:
        deployment = stack.enter_context(mock("--logs", SOURCE, "--log", "off"))
        port = free_port()
        command = [sys.executable, "-m", "mockserver", "proxy", deployment.url, "--port", str(port), "--log", "off"]
        yield deployment, stack.enter_context(started(command, port, ROOT))


def measure(servers: Sequence[Process], load: str, hanging: int, rounds: int, requests: int) -> Cost:
    """One load."""
    ports = [int(server.url.rpartition(":")[2]) for server in servers]
    waiting = [socket.create_connection(("127.0.0.1", ports[1])) for _ in range(hanging)]
    for each in waiting:
        each.sendall(HANGS.encode())
    direct, through = (Client(port) for port in ports)
    number, rows = 0, []
    for _ in range(rounds):
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(requests):
            number += 1
            path = LOADS[load].format(number=number)
            for client, taken in zip((direct, through), times, strict=True):
                taken.append(client.ask(path))
        here, there = map(statistics.median, times)
        rows.append(Cost(load, hanging, here, there, there - here))
    for client in (direct, through, *waiting):
        client.close()
    return min(rows, key=lambda row: row.overhead)


def report(figures: Mapping[str, Any]) -> str:
    """Returns the figures as Markdown."""
    head = ("a client asks for", "hanging clients", "directly, ms", "through the proxy, ms", "overhead, ms")
    rows = (
        (row["load"], str(row["hanging"]), *(f"{row[name]:.2f}" for name in ("direct", "proxied", "overhead")))
        for row in figures["rows"]
    )
    return f"{table(head, rows)}\n\nMeasured on {figures['machine']}. {figures['note']}".rstrip()


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--requests", type=int, default=150, help="how many a round asks of each")
    parser.add_argument("--note", default="", help="a sentence about the run, such as what else the machine did")
    wanted = parser.parse_args()
    with proxied() as servers:
        rows = [
            measure(servers, load, hanging, wanted.rounds, wanted.requests)
            for load in LOADS
            for hanging in (0, HANGING)
        ]
    figures = {"machine": this_machine(), "note": wanted.note, "rows": [asdict(row) for row in rows]}
    sys.stdout.write(f"{report(figures)}\n")
    wanted.file.write_bytes(encode_pretty(figures))


if __name__ == "__main__":
    main()
