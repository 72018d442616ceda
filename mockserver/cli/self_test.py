"""``mockserver self-test``: the judge against every offence of the mock, as a table of what catches what."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from mockserver.cli import completion
from mockserver.cli.options import command, option
from mockserver.cli.progress import bar
from mockserver.contract.errors import needs_check

if TYPE_CHECKING:
    from mockserver.edge.server import Server
    from mockserver.faults.offences.offence import Offence
    from mockserver.judge.limits import Depth
    from mockserver.judge.verdict import Verdict

# Several users and applications; an offence says how many logs show it.
LOGS = "faker:count={},seed=3"
HONEST = "(none)"
# Which of these a wrong filter breaks depends on the request: on its other filters, and on how much a value resembles.
FILTERING = {"filter-ignored", "filters-combined", "filter-inexact"}
# Values that a careless server loses or compares wrongly: three logs have each in all members that filters look at.
ODD = ("4711", "0042", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "a+b", "c&d", "e,f", "end ", "Zoë", "%41b", "l" * 40)


@dataclass(frozen=True, slots=True)
class Kill:
    """What the judge said of a mock with one offence: the checks that failed it, and whether that is enough.

    ``caught``: the check that the offence names is among them, or nothing was left to judge. ``wrong``: another one is
    beside it, so that a reader looks for the defect in other places. A finding that follows from another is no charge.
    """

    offence: str
    severity: str
    checks: tuple[str, ...]
    caught: bool
    requests: int
    seconds: float
    vacuous: str
    wrong: bool = False

    def row(self) -> str:
        """The kill as a row of a Markdown table."""
        by = ", ".join(self.checks) or self.vacuous or "nothing"
        caught = "**wrongly**" if self.wrong else "yes" if self.caught else "**no**"
        return f"| {self.offence} | {self.severity} | {caught} | {by} | {self.requests} | {self.seconds:.1f} |"


HEADING = "| offence | severity | caught | by | requests | seconds |\n|---|---|---|---|---|---|"


def kill(offence: Offence | None, verdict: Verdict) -> Kill:
    """The kill of a verdict: the check that the offence names must have charged it, unless nothing was left to judge.

    Without an offence, the mock must be found honest.
    """
    # Advice fails no run, and charges an offence that is worth no more.
    advice = [f for f in verdict.findings if offence and f.check.name == offence.check and f.check.severity == "advice"]
    charges = [*verdict.failing(), *advice]
    checks = tuple(sorted({finding.check.name for finding in charges}))
    numbers = (verdict.requests, verdict.seconds, verdict.vacuous)
    if offence is None:
        return Kill(HONEST, "", checks, verdict.exit_code == 0, *numbers)
    right = {offence.check} | (FILTERING if offence.family == "filter" or offence.check in FILTERING else set())
    caught, wrong = bool(right & {*checks} or verdict.vacuous), bool({*checks} - right)
    return Kill(offence.name, offence.severity, checks, caught, *numbers, wrong=wrong)


def kills(offences: Sequence[Offence], depth: Depth) -> Iterator[Kill]:
    """Judge one mock after another, each with one offence; the first has none, and must be found honest."""
    from mockserver.judge.limits import limits
    from mockserver.judge.route import logs_address
    from mockserver.judge.run import Judge, RunOptions
    from mockserver.judge.secrets import Secrets

    limit = limits(depth, loopback=True, requests=None, seconds=None, rate=None)
    for offence in (None, *offences):
        with deployed(offence) as (server, token, poor):
            case = RunOptions(logs_address(server.url), limit, token, forbidden_token=poor, strict=True, unsafe=True)
            verdict = Judge(case, Secrets()).run()
        yield kill(offence, verdict)


@contextmanager
def deployed(offence: Offence | None) -> Iterator[tuple[Server, str, str]]:
    """A mock with one offence, a token for it, and one that lacks the scope. Only real tokens can be forged."""
    from mockserver.edge.front import open_front
    from mockserver.edge.server import Server
    from mockserver.mock.settings import Settings
    from mockserver.mock.tokens import audience, claims, mint

    logs, faults = (offence.logs, (f"violate:offence={offence.name}",)) if offence else (400, ())
    front, now = open_front(Settings(logs=LOGS.format(logs), faults=faults)), time.time()
    if logs >= 400:
        payload = [{"key": text, "result": "Success", "userId": text, "applicationId": text} for text in ODD * 3]
        payload += [{"key": "Alone", "result": "Success", name: name} for name in ("userId", "applicationId")]
        front.mock.tenants.get("default").add_logs([{"key": each["key"], "payload": each} for each in payload], now)
    token, powerless = (mint(claims("judge", scope, now, audience("default"))) for scope in ("all", ""))
    with Server(front) as server:
        yield server, token, powerless


@command
@option(
    "--only", multiple=True, metavar="OFFENCE", shell_complete=completion.offences, help="Try these offences alone."
)
@option("--all", "every", is_flag=True, help="Try every offence of each product, not a sample.")
@option("--seed", type=int, default=0, help="Which sample: any two values of a product meet in each.")
@option("--depth", type=click.Choice(["quick", "full"]), default="full", help="How much to ask.")
@click.pass_context
def self_test(context: click.Context, only: tuple[str, ...], every: bool, seed: int, depth: Depth) -> None:
    """Judge the mock with a sample of its offences, and print which check catches which. Exits 1 if one is missed.

    Examples:
      mockserver self-test
      mockserver self-test --all
      mockserver self-test --only page-ignored --only gap
      mockserver self-test --depth quick --seed 7
    """
    from mockserver.faults.offences import catalogue, find_offence
    from mockserver.faults.offences.offence import pairwise

    whole = list(catalogue().values())
    offences = [find_offence(name) for name in only] or (whole if every else pairwise(whole, seed))
    found: list[Kill] = []
    with needs_check():
        for each in bar("self-test", len(offences) + 1, kills(offences, depth), printed=True):
            click.echo(each.row() if found else f"{HEADING}\n{each.row()}")
            found.append(each)
    missed = [each.offence for each in found if not each.caught]
    wrong = [each.offence for each in found if each.wrong and each.caught]
    click.echo(
        f"\n{len(offences)} of {len(whole)} offences, {len({*missed} - {HONEST})} missed, {len(wrong)} charged wrongly."
    )
    for label, names in (("Missed", missed), ("Charged wrongly", wrong)):
        if names:
            click.echo(f"{label}: {', '.join(names)}.")
    context.exit(1 if missed or wrong else 0)
