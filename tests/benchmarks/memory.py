"""Memory over a million requests: ``python -m tests.benchmarks.memory --help``.

No page repeats; 50 tenants, 64 connections, loopback only; some minutes for each engine. Caches and journals fill at
first. Memory is flat if the requests after the first tenth add nothing.
"""

from __future__ import annotations

import argparse
import sys

from tests.benchmarks import servers
from tests.benchmarks.load import press
from tests.benchmarks.serving import never_repeated
from tests.support.tables import table

_STEPS = 10


def measure(engine: str, requests: int) -> list[tuple[int, float]]:
    """Returns the number of answered requests and the megabytes, after each tenth."""
    with servers.mock("--engine", engine, "--logs", "faker:count=1000000000") as mock:
        points, done = [(0, mock.megabytes())], 0
        while done < requests:
            load = press(mock, never_repeated(), 64, 5)
            if load.failed:
                raise SystemExit(f"{engine}: {load.failed} answers of a status other than 2xx")
            done += load.requests
            if done >= len(points) * requests // _STEPS:
                points.append((done, mock.megabytes()))
    return points


def main() -> None:
    """Measures and prints."""
    wanted = _arguments()
    rows = []
    for engine in wanted.engine or ("gevent", "granian"):
        points = measure(engine, wanted.requests)
        rows += [(engine, f"{requests:,}", f"{megabytes:.1f}") for requests, megabytes in points]
    sys.stdout.write(table(("", "requests", "memory, MB"), rows) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="append", choices=("gevent", "granian"), help="may be given twice")
    parser.add_argument("--requests", type=int, default=1_000_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
