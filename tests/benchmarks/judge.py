"""Compares the judge with plain Schemathesis on the same servers: requests, seconds, and offences that are found.

Started by hand; takes some three hours: ``python -m tests.benchmarks.judge --help``. Prints the table of docs/judge.md
and writes its figures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mockserver.cli.self_test import deployed
from mockserver.contract.document import beside
from mockserver.contract.jsontext import encode_pretty
from mockserver.faults.offences import catalogue, find_offence
from tests.benchmarks.figures import this_machine
from tests.support.tables import table

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Row:
    """The results of one tool on all servers.

    ``missed`` are the offences that it did not notice, ``false_alarms`` counts findings against the honest server;
    ``requests`` and ``seconds`` are means for one server.
    """

    tool: str
    missed: Sequence[str]
    false_alarms: int
    requests: float
    seconds: float


# Returns the command of a tool for a URL and a token.
Command = Callable[[str, str], list[str]]


def check(depth: str) -> Command:
    """Returns the command of the judge."""
    options = ["--depth", depth, "--unsafe"]
    return lambda url, token: [sys.executable, "-m", "mockserver", "check", url, *options]


def st() -> Command:
    """Returns the command of Schemathesis."""
    options = ["--include-path", "/api/logs", "--generation-database", "none", "--seed", "1"]
    document = str(beside("openapi.yaml"))
    return lambda url, token: [
        str(BIN / "st"), "run", document, "--url", url, "-H", f"Authorization: Bearer {token}", *options
    ]  # fmt: skip


TOOLS = {
    "mockserver check, quick": check("quick"),
    "mockserver check, full": check("full"),
    "st run": st(),
    "st run, with mockserver.hooks": st(),
}


def measure(tool: str, offences: Sequence[str]) -> Row:
    """Runs one tool against the honest server, then against each offence."""
    missed: list[str] = []
    false_alarms, seconds = 0, 0.0
    requests, servers = 0, len(offences) + 1
    for name in ("", *offences):
        with deployed(find_offence(name) if name else None) as (server, token, powerless):
            environment = {"MOCKSERVER_TOKEN": token, "MOCKSERVER_FORBIDDEN_TOKEN": powerless}
            if "hooks" in tool:
                environment["SCHEMATHESIS_HOOKS"] = "mockserver.hooks"
            begin = time.perf_counter()
            failed = _fails(TOOLS[tool](server.url, token), environment)
            seconds += time.perf_counter() - begin
            requests += server.mock.tenants.get("default").journal.last
        if name and not failed:
            missed.append(name)
        false_alarms += failed and not name
    return Row(tool, missed, false_alarms, requests / servers, seconds / servers)


def _fails(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Runs a tool in a temporary folder; returns whether its exit code reports a failure."""
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent), **environment}
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.run(command, env=environ, cwd=folder, capture_output=True, timeout=300, check=False)
    return process.returncode != 0


def report(figures: Mapping[str, Any]) -> str:
    """Returns the figures as Markdown."""
    severities = figures["offences"]
    tried = Counter(severities.values())
    head = ("tool", *(f"{name}, of {number}" for name, number in tried.items()), "false alarms", "requests", "seconds")
    rows = []
    for row in (Row(**row) for row in figures["rows"]):
        missed = Counter(severities[name] for name in row.missed)
        caught = (f"{number - missed[name]}" for name, number in tried.items())
        rows.append((row.tool, *caught, f"{row.false_alarms}", f"{row.requests:.0f}", f"{row.seconds:.1f}"))
    return f"{table(head, rows)}\n\nMeasured on {figures['machine']}."


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--sample", type=int, default=0, help="the number of offences, evenly spaced; 0: all")
    parser.add_argument("--tool", action="append", choices=list(TOOLS), help="may be repeated")
    arguments = parser.parse_args()
    # Advice fails no run.
    names = [name for name, offence in catalogue().items() if offence.severity != "advice"]
    if arguments.sample:
        names = names[:: max(1, len(names) // arguments.sample)]
    rows = [asdict(measure(tool, names)) for tool in arguments.tool or TOOLS]
    severities = {name: catalogue()[name].severity for name in names}
    figures = {"machine": this_machine(), "offences": severities, "rows": rows}
    sys.stdout.write(f"{report(figures)}\n")
    arguments.file.write_bytes(encode_pretty(figures))


if __name__ == "__main__":
    main()
