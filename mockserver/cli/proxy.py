"""``mockserver proxy``: a real deployment with faults in front, its answers judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mockserver.cli.options import command, option, route_options
from mockserver.cli.serve import parted, reached, run, secured, serving
from mockserver.contract.errors import needs_check
from mockserver.contract.jsontext import encode


@command
@click.argument("upstream")
@serving
@option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder for the reports junit.xml, report.json and report.html, written at the end.",
)
@route_options
@click.pass_context
def proxy(context: click.Context, /, upstream: str, report: Path | None, **values: Any) -> None:
    """Put faults in front of the real deployment at UPSTREAM, a base URL, and judge its answers about logs.

    Examples:
      mockserver proxy https://my-tenant.logto.app
      mockserver proxy https://my-tenant.logto.app --fault status:code=503,every=4
      mockserver proxy http://localhost:3301 -p 0 --profile observed --report reports

    Exit codes, once it is ended: 1 a finding; 2 no log passed, or bad usage; 0 what passed kept the contract.
    """
    settings, others = parted(values)
    with needs_check():
        from mockserver.judge.report import folder, text, write
        from mockserver.judge.traffic import TrafficJudge
    from mockserver.edge.forwarding import Forwarding
    from mockserver.edge.front import open_front
    from mockserver.logs.file import SeededSource

    deployment, secure = reached(upstream, others), secured(others)
    if report is not None:
        folder(report)
    front = open_front(settings, SeededSource(()))
    judge = TrafficJudge(deployment.logs, settings.profile)
    front.forwarding, front.verdict = Forwarding(front.mock, front.clock, deployment, judge), judge.verdict
    run(front, secure, others)
    verdict = judge.verdict()
    # A reader of JSON lines gets no other line.
    click.echo(f"{encode(verdict).decode()}\n" if others["log"] == "json" else text(verdict), nl=False)
    if report is not None:
        write(verdict, report)
    context.exit(verdict["exit_code"])
