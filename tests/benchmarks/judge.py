"""Compares the judge with plain Schemathesis on the same servers: requests, seconds, and offences that are found.

Started by hand; takes half an hour: ``python -m tests.benchmarks.judge --help``. Prints the table of docs/judge.md
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mockserver.cli.self_test import LOGS
from mockserver.contract.document import beside
from mockserver.contract.jsontext import encode_pretty
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.offences import catalogue
from mockserver.faults.rule import read_rule
from mockserver.mock.settings import Settings
from tests.benchmarks.figures import this_machine
from tests.support.tables import table

ENVIRONMENT = {"MOCKSERVER_TOKEN": "dev-token", "MOCKSERVER_FORBIDDEN_TOKEN": "forbidden-token"}
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


class Counting:
    """A WSGI application that counts its requests."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.count = 0

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.count += 1
        return self._app(environ, start_response)  # type: ignore[no-any-return]  # an application returns such an iterable


def check(depth: str) -> Callable[[str], tuple[list[str], dict[str, str]]]:
    """Returns the command of the judge for a URL."""
    return lambda url: ([sys.executable, "-m", "mockserver", "check", url, "--depth", depth], ENVIRONMENT)


def st(hooks: str) -> Callable[[str], tuple[list[str], dict[str, str]]]:
    """Returns the command of Schemathesis for a URL, with or without the checks of this package."""
    header = f"Authorization: Bearer {ENVIRONMENT['MOCKSERVER_TOKEN']}"
    options = ["-H", header, "--include-path", "/api/logs", "--generation-database", "none", "--seed", "1"]
    environment = {"SCHEMATHESIS_HOOKS": hooks} if hooks else {}
    return lambda url: ([str(BIN / "st"), "run", str(beside("openapi.yaml")), "--url", url, *options], environment)


TOOLS = {
    "mockserver check, quick": check("quick"),
    "mockserver check, full": check("full"),
    "st run": st(""),
    "st run, with mockserver.hooks": st("mockserver.hooks"),
}


def measure(tool: str, offences: Sequence[str]) -> Row:
    """Runs one tool against the honest server, then against each offence."""
    missed: list[str] = []
    false_alarms, seconds = 0, 0.0
    app = create_app(Settings(logs=LOGS.format(400)))
    counting = Counting(app)
    with Server(counting, "127.0.0.1", 0) as server, tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(("", *offences)):
            tenant = f"offence-{number}"
            if name:
                armed = read_rule(f"violate:offence={name}")
                app.extensions["mockserver"].tenants.get(tenant).armed.arm(armed)
            command, environment = TOOLS[tool](f"{server.url}/t/{tenant}")
            begin = time.perf_counter()
            failed = _fails(command, environment, folder)
            seconds += time.perf_counter() - begin
            if name and not failed:
                missed.append(name)
            false_alarms += failed and not name
    servers = len(offences) + 1
    return Row(tool, missed, false_alarms, counting.count / servers, seconds / servers)


def _fails(command: Sequence[str], environment: Mapping[str, str], folder: str) -> bool:
    """Runs a tool in a temporary folder; returns whether its exit code reports a failure."""
    root = str(Path(__file__).parent.parent.parent)
    environ = {**os.environ, "PYTHONPATH": root, **environment}
    process = subprocess.run(command, env=environ, cwd=folder, capture_output=True, timeout=300, check=False)
    return process.returncode != 0


def report(figures: Mapping[str, Any]) -> str:
    """Returns the figures as Markdown."""
    tried = Counter(catalogue()[name].severity for name in figures["offences"])
    head = ("tool", *(f"{name}, of {number}" for name, number in tried.items()), "false alarms", "requests", "seconds")
    rows = []
    for row in (Row(**row) for row in figures["rows"]):
        missed = Counter(catalogue()[name].severity for name in row.missed)
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
    names = list(catalogue())
    if arguments.sample:
        names = names[:: max(1, len(names) // arguments.sample)]
    rows = [asdict(measure(tool, names)) for tool in arguments.tool or TOOLS]
    figures = {"machine": this_machine(), "offences": names, "rows": rows}
    sys.stdout.write(f"{report(figures)}\n")
    arguments.file.write_bytes(encode_pretty(figures))


if __name__ == "__main__":
    main()
