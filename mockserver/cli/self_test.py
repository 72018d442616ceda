"""``mockserver self-test``: the judge against every offence of the mock, as a table of what catches what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from mockserver.cli import completion
from mockserver.cli.options import command, option
from mockserver.cli.progress import bar
from mockserver.contract.errors import needs_check

if TYPE_CHECKING:
    from mockserver.faults.offences.offence import Offence
    from mockserver.judge.limits import Depth
    from mockserver.judge.verdict import Verdict

# Logs that every offence can show itself by: several users and applications, more than fill a page of any size.
LOGS = "faker:count=400,seed=3"
HONEST = "(none)"


@dataclass(frozen=True, slots=True)
class Kill:
    """What the judge said of a mock with one offence: the checks that failed it, and whether that is enough."""

    offence: str
    severity: str
    checks: tuple[str, ...]
    caught: bool
    requests: int
    seconds: float
    vacuous: str = ""

    def row(self) -> str:
        """The kill as a row of a Markdown table."""
        by = ", ".join(self.checks) or self.vacuous or "nothing"
        caught = "yes" if self.caught else "**no**"
        return f"| {self.offence} | {self.severity} | {caught} | {by} | {self.requests} | {self.seconds:.1f} |"


HEADING = "| offence | severity | caught | by | requests | seconds |\n|---|---|---|---|---|---|"


def kill(offence: Offence | None, verdict: Verdict) -> Kill:
    """The kill of a verdict: what is forbidden must be found forbidden, unless nothing was left to judge.

    Without an offence, the mock must be found honest.
    """
    failing = verdict.failing()
    checks = tuple(sorted({finding.check.name for finding in failing}))
    numbers = (verdict.requests, verdict.seconds, verdict.vacuous)
    if offence is None:
        return Kill(HONEST, "", checks, verdict.exit_code == 0, *numbers)
    weights = {finding.weight for finding in failing}
    grave = "forbidden" in weights or (offence.severity == "senseless" and bool(weights)) or bool(verdict.vacuous)
    return Kill(offence.name, offence.severity, checks, grave, *numbers)


def kills(offences: Sequence[Offence], depth: Depth) -> Iterator[Kill]:
    """Judge one mock after another, each a tenant with one offence; the first has none, and must be found honest."""
    from mockserver.edge.app import create_app
    from mockserver.edge.server import Server
    from mockserver.faults.rule import read_rule
    from mockserver.mock.settings import Settings

    app = create_app(Settings(logs=LOGS))
    tenants = app.extensions["mockserver"].tenants
    with Server(app) as server:
        for number, offence in enumerate((None, *offences)):
            name = f"offence-{number}"
            if offence is not None:
                tenants.get(name).armed.arm(read_rule(f"violate:offence={offence.name}"))
            yield kill(offence, _verdict(f"{server.url}/t/{name}", depth))


def _verdict(url: str, depth: Depth) -> Verdict:
    from mockserver.contract.published import DEV_TOKEN, FORBIDDEN_TOKEN
    from mockserver.judge.limits import limits
    from mockserver.judge.route import logs_address
    from mockserver.judge.run import Judge, RunOptions
    from mockserver.judge.secrets import Secrets

    limit = limits(depth, loopback=True, requests=None, seconds=None, rate=None)
    case = RunOptions(logs_address(url), limit, token=DEV_TOKEN, forbidden_token=FORBIDDEN_TOKEN, strict=True)
    return Judge(case, Secrets()).run()


def alone(found: Sequence[Kill]) -> dict[str, list[str]]:
    """For each check, the offences that it alone catches."""
    from mockserver.judge.checks import CHECKS

    return {name: [kill.offence for kill in found if kill.checks == (name,)] for name in CHECKS}


@command
@option(
    "--only", multiple=True, metavar="OFFENCE", shell_complete=completion.offences, help="Try these offences alone."
)
@option("--depth", type=click.Choice(["quick", "full"]), default="full", help="How much to ask.")
@click.pass_context
def self_test(context: click.Context, only: tuple[str, ...], depth: Depth) -> None:
    """Judge the mock with each of its offences, and print which check catches which. Exits 1 if one is missed.

    Examples:
      mockserver self-test
      mockserver self-test --only page-ignored --only gap
      mockserver self-test --depth quick
    """
    from mockserver.faults.offences import catalogue, find_offence

    offences = [find_offence(name) for name in only] or list(catalogue().values())
    found: list[Kill] = []
    with needs_check():
        for each in bar("self-test", len(offences) + 1, kills(offences, depth), printed=True):
            click.echo(each.row() if found else f"{HEADING}\n{each.row()}")
            found.append(each)
    missed = [each.offence for each in found if not each.caught]
    click.echo(f"\n{len(found) - 1} offences, {len([name for name in missed if name != HONEST])} missed.")
    if not only:
        lonely = [name for name, by in alone(found).items() if not by]
        click.echo(f"Checks without an offence that they alone catch: {', '.join(lonely) or 'none'}.")
    context.exit(1 if missed else 0)
