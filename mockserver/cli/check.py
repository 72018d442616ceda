"""``mockserver check``: judge whether a deployment keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import click

from mockserver.cli import completion
from mockserver.cli.options import command, deployment_options, option
from mockserver.contract.errors import needs_check
from mockserver.contract.profile import ProfileName
from mockserver.judge.limits import DEPTHS, FAR_RATE, REQUESTS, SECONDS, Depth

PROFILES = click.Choice(get_args(ProfileName))
_RATE = f"{FAR_RATE:g}, on this machine no limit"
FILE, FOLDER = click.Path(path_type=Path), click.Path(file_okay=False, path_type=Path)


def _by_depth(defaults: Mapping[Depth, float]) -> str:
    return "by depth " + ", ".join(f"{value:g}" for value in defaults.values())


@command
@click.argument("target")
@deployment_options
@option("--forbidden-token", metavar="T", help="A valid token without the scope, to see that it is answered 403.")
@option("--depth", type=click.Choice(DEPTHS), show_default="full on this machine, else quick", help="How much to ask.")
@option("--profile", type=PROFILES, default="documented", help="Whose known deviations are no findings.")
@option("--known", type=FILE, metavar="FILE", help="A YAML file of further known deviations.")
@option("--accept", type=FILE, metavar="FILE", help="Add the findings to FILE, so that the next run fails for news.")
@option("--strict/--no-strict", default=None, show_default="on this machine", help="Let senseless findings fail it.")
@option("--only", multiple=True, metavar="NAME", shell_complete=completion.checks, help="Judge these checks alone.")
@option("--skip", multiple=True, metavar="NAME", shell_complete=completion.checks, help="Leave out these checks.")
@option("--seed", type=int, default=0, help="The seed of generated requests (depth fuzz).")
@option("--max-requests", type=int, metavar="N", show_default=_by_depth(REQUESTS), help="The most requests.")
@option("--max-seconds", type=float, metavar="N", show_default=_by_depth(SECONDS), help="The most seconds.")
@option("--rate", type=float, metavar="N", show_default=_RATE, help="The most requests a second.")
@option("--wait", type=click.IntRange(0), default=0, metavar="SECONDS", help="How long to wait until it answers.")
@option("--report", type=FOLDER, metavar="DIR", help="The folder for junit.xml, report.json and report.html.")
@option("--keep-bodies", is_flag=True, help="Put the bodies of answers that broke a check into the reports.")
@option("--github", is_flag=True, help="Print annotations and write the job summary of GitHub Actions.")
@option("--unsafe", count=True, help="Also send POST, PUT, PATCH, DELETE and others; twice beyond this machine.")
@click.pass_context
def check(context: click.Context, /, target: str, **options: Any) -> None:
    """Judge whether the deployment at TARGET, a base URL, keeps the documented contract of GET /api/logs.

    Examples:
      MOCKSERVER_TOKEN=dev-token mockserver check http://localhost:3001
      mockserver check https://my-tenant.logto.app --client-id ID --profile observed --report reports
      mockserver check http://localhost:3001 --depth full --only page-ignored --only pages-gap

    Exit codes: 1 a finding; 2 nothing could be judged, or not to the end, or bad usage; 0 the contract is kept.
    """
    try:
        with needs_check():
            from mockserver.cli.judging import judged

            verdict = judged(target, options)
    except KeyboardInterrupt:
        # Click would end with 1, which says that a finding was made.
        context.exit(130)
    context.exit(verdict.exit_code)
