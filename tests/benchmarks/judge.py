"""The judge beside plain Schemathesis, on the same servers: requests, seconds, and offences that are found.

By hand: ``python -m tests.benchmarks.judge [--sample N] [--json FILE]``. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mockserver.cli.self_test import LOGS
from mockserver.contract import beside
from mockserver.offences import catalogue
from mockserver.rules import read
from mockserver.settings import Settings
from mockserver.web.app import create_app
from mockserver.web.server import Server

ENVIRONMENT = {"MOCKSERVER_TOKEN": "dev-token", "MOCKSERVER_FORBIDDEN_TOKEN": "forbidden-token"}
BIN = Path(sys.executable).parent


@dataclass
class Row:
    """What one tool did on every server; ``false_alarms`` on the honest one."""

    tool: str
    found: int
    forbidden: int
    senseless: int
    offences: int
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
        return self._app(environ, start_response)  # type: ignore[no-any-return]


def check(depth: str) -> Callable[[str], tuple[list[str], dict[str, str]]]:
    """The judge's command line."""
    return lambda url: ([sys.executable, "-m", "mockserver", "check", url, "--depth", depth], ENVIRONMENT)


def st(hooks: str) -> Callable[[str], tuple[list[str], dict[str, str]]]:
    """Plain Schemathesis, with or without the checks of this house."""
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


def measure(tool: str, offences: list[str]) -> Row:
    """One tool against the honest server, then against each offence."""
    row = Row(tool, 0, 0, 0, len(offences), 0, 0.0, 0.0)
    app = create_app(Settings(logs=LOGS))
    counting = Counting(app)
    with Server(counting, "127.0.0.1", 0) as server, tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(["", *offences]):
            tenant = f"offence-{number}"
            if name:
                armed = read(f"violate:offence={name}")
                app.extensions["mockserver"].tenants.get(tenant).course.arm(armed)
            command, environment = TOOLS[tool](f"{server.url}/t/{tenant}")
            begun, before = time.perf_counter(), counting.count
            root = str(Path(__file__).parent.parent.parent)
            done = subprocess.run(
                command,
                env={**os.environ, "PYTHONPATH": root, **environment},
                cwd=folder,
                capture_output=True,
                timeout=300,
                check=False,
            )
            row.seconds += time.perf_counter() - begun
            row.requests += counting.count - before
            if name and done.returncode:
                row.found += 1
                setattr(row, catalogue()[name].severity, getattr(row, catalogue()[name].severity) + 1)
            elif done.returncode:
                row.false_alarms += 1
    row.seconds /= len(offences) + 1
    row.requests /= len(offences) + 1
    return row


def table(rows: list[Row], names: list[str]) -> str:
    """The rows in Markdown."""
    severities = [catalogue()[name].severity for name in names]
    forbidden, senseless = severities.count("forbidden"), severities.count("senseless")
    heading = f"| tool | forbidden, of {forbidden} | senseless, of {senseless} | false alarms | requests | seconds |"
    lines = [heading, "|---|---|---|---|---|---|"]
    for row in rows:
        cells = (row.tool, row.forbidden, row.senseless, row.false_alarms, f"{row.requests:.0f}", f"{row.seconds:.1f}")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="so many offences, evenly spaced; 0: all")
    parser.add_argument("--tool", action="append", choices=list(TOOLS))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    names = list(catalogue())
    if arguments.sample:
        names = names[:: max(1, len(names) // arguments.sample)]
    rows = [measure(tool, names) for tool in arguments.tool or TOOLS]
    print(table(rows, names))  # noqa: T201  # what the script is for
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2))


if __name__ == "__main__":
    main()
