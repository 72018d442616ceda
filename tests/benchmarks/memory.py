"""Memory over a million requests: ``python -m tests.benchmarks.memory --help``.

Pages that were never asked for, over 50 tenants and 64 connections, on loopback; some minutes. Caches and journals fill
at first: flat means that what comes after the first tenth adds nothing.
"""

from __future__ import annotations

import argparse
import sys

from tests.benchmarks import servers
from tests.benchmarks.load import press
from tests.benchmarks.serving import never_repeated
from tests.support.tables import table

_STEPS = 10


def measure(requests: int) -> list[tuple[int, float]]:
    """Requests answered so far and megabytes, after each tenth."""
    with servers.mock("--logs", "faker:count=1000000000") as mock:
        steps, done = [(0, mock.megabytes())], 0
        while done < requests:
            load = press(mock, never_repeated(), 64, 5)
            if load.failed:
                raise SystemExit(f"{load.failed} answers of a status other than 2xx")
            done += load.requests
            if done >= len(steps) * requests // _STEPS:
                steps.append((done, mock.megabytes()))
    return steps


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    rows = [(f"{requests:,}", f"{megabytes:.1f}") for requests, megabytes in measure(parser.parse_args().requests)]
    sys.stdout.write(table(("requests", "memory, MB"), rows) + "\n")


if __name__ == "__main__":
    main()
