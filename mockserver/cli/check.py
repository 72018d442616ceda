"""``mockserver check``: judge whether a deployment keeps the contract."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from mockserver.cli import completion
from mockserver.cli.options import command, option
from mockserver.cli.progress import steps
from mockserver.contract.errors import MockserverError, needs_check
from mockserver.contract.profile import ProfileName
from mockserver.judge.limits import DEPTHS, FAR_RATE, REQUESTS, SECONDS, Depth

if TYPE_CHECKING:
    from mockserver.judge.connection import Address
    from mockserver.judge.credentials import Client
    from mockserver.judge.run import RunOptions
    from mockserver.judge.secrets import Secrets
    from mockserver.judge.verdict import Verdict


def _by_depth(defaults: Mapping[Depth, float]) -> str:
    return "by depth " + ", ".join(f"{value:g}" for value in defaults.values())


@command
@click.argument("target")
@option("--token", metavar="T", help="The bearer token to send.")
@option("--client-id", metavar="ID", help="The id of a machine-to-machine application, to fetch and renew a token.")
@option("--client-secret", metavar="S", help="The secret of that application.")
@option("--token-url", metavar="URL", show_default="TARGET/oidc/token", help="The URL that issues tokens.")
@option("--resource", metavar="URI", show_default="https://TENANT.logto.app/api", help="The resource of the token.")
@option("--forbidden-token", metavar="T", help="A valid token without the scope, to see that it is answered 403.")
@option("--depth", type=click.Choice(DEPTHS), show_default="full on this machine, else quick", help="How much to ask.")
@option(
    "--profile",
    type=click.Choice(get_args(ProfileName)),
    default="documented",
    help="With an observed one, the known deviations of that version of Logto are no findings.",
)
@option("--known", type=click.Path(path_type=Path), metavar="FILE", help="A YAML file of further known deviations.")
@option(
    "--strict/--no-strict",
    default=None,
    show_default="on this machine",
    help="Whether senseless findings fail the run too.",
)
@option("--only", multiple=True, metavar="NAME", shell_complete=completion.checks, help="Judge these checks alone.")
@option("--skip", multiple=True, metavar="NAME", shell_complete=completion.checks, help="Leave out these checks.")
@option("--seed", type=int, default=0, help="The seed of generated requests (depth fuzz).")
@option("--max-requests", type=int, metavar="N", show_default=_by_depth(REQUESTS), help="The most requests.")
@option("--max-seconds", type=float, metavar="N", show_default=_by_depth(SECONDS), help="The most seconds.")
@option(
    "--rate",
    type=float,
    metavar="N",
    show_default=f"{FAR_RATE:g}, on this machine no limit",
    help="The most requests a second.",
)
@option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder for the reports junit.xml, report.json and report.html.",
)
@option("--keep-bodies", is_flag=True, help="Put the bodies of answers that broke a check into the reports.")
@option("--github", is_flag=True, help="Print annotations and write the job summary of GitHub Actions.")
@option(
    "--unsafe", count=True, help="Also send POST, PUT, PATCH, DELETE and others; give it twice beyond this machine."
)
@option("--insecure-http", is_flag=True, help="Allow sending the token over plain http beyond this machine.")
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
            verdict, report = _judged(target, options)
    except KeyboardInterrupt:
        # Click would end with 1, which says that a finding was made.
        context.exit(130)
    _print(report, options)
    context.exit(verdict.exit_code)


def _judged(target: str, options: dict[str, Any]) -> tuple[Verdict, dict[str, Any]]:
    from mockserver.judge.probe import PLAIN
    from mockserver.judge.report import folder
    from mockserver.judge.report.record import record
    from mockserver.judge.run import Judge
    from mockserver.judge.secrets import Secrets

    case = _case(target, options)
    if options["report"]:
        folder(options["report"])
    secrets = Secrets(public=PLAIN.curl(case.address.url))
    _hide_what_was_typed(secrets, options)
    with steps(case.limits.requests) as step, _home(options["depth"]):
        verdict = Judge(case, secrets, step=step).run()
    return verdict, record(verdict, secrets, bodies=options["keep_bodies"])


def _home(depth: str | None) -> AbstractContextManager[None]:
    """Keeps what Hypothesis writes out of the working directory; other depths do not import it."""
    from mockserver.logs.edges import cache_as_home

    return cache_as_home() if depth == "fuzz" else nullcontext()


def _case(target: str, options: dict[str, Any]) -> RunOptions:
    from mockserver.judge.connection import logs_address
    from mockserver.judge.known import known_deviations
    from mockserver.judge.limits import limits
    from mockserver.judge.run import RunOptions

    address = logs_address(target)
    address.refuse_plain(options["insecure_http"])
    limit = limits(options["depth"], address.loopback, options["max_requests"], options["max_seconds"], options["rate"])
    strict = address.loopback if options["strict"] is None else options["strict"]
    return RunOptions(
        address,
        limit,
        token=options["token"],
        client=_client(address, options),
        forbidden_token=options["forbidden_token"],
        deviations=known_deviations(options["profile"], options["known"]),
        selected=_selected(options["only"], options["skip"]),
        strict=strict,
        unsafe=_unsafe(address, options["unsafe"]),
        seed=options["seed"],
    )


def _client(address: Address, options: dict[str, Any]) -> Client | None:
    from mockserver.contract.document import LIST_PATH
    from mockserver.judge import credentials
    from mockserver.judge.connection import address as address_of

    name, secret = options["client_id"], options["client_secret"]
    if name is None and secret is None:
        return None
    if not name or not secret or options["token"]:
        raise MockserverError(
            "credentials", "another combination", "--token alone, or --client-id and --client-secret",
            "give secrets by environment: MOCKSERVER_CLIENT_SECRET",
        )  # fmt: skip
    where = address_of(options["token_url"] or f"{address.url.removesuffix(LIST_PATH)}/oidc/token")
    where.refuse_plain(options["insecure_http"])
    return credentials.Client(name, secret, where, options["resource"] or credentials.resource_at(address))


def _selected(only: tuple[str, ...], skip: tuple[str, ...]) -> frozenset[str]:
    from mockserver.judge.checks import CHECKS, find_check

    chosen = {find_check(name).name for name in only} or set(CHECKS)
    return frozenset(chosen - {find_check(name).name for name in skip})


def _unsafe(address: Address, given: int) -> bool:
    if given == 1 and not address.loopback:
        raise MockserverError(
            "unsafe", f"--unsafe once, for {address.host}", "it twice", "POST, PUT, PATCH and DELETE will be sent there"
        )
    return given > 0


def _hide_what_was_typed(secrets: Secrets, options: dict[str, Any]) -> None:
    for name in ("token", "forbidden_token", "client_secret"):
        if options[name]:
            secrets.add_credential(options[name], f"MOCKSERVER_{name.upper()}")


def _print(report: dict[str, Any], options: dict[str, Any]) -> None:
    from mockserver.judge.report import commands, summary, text, write

    # Printing comes first, since it cannot fail: an unwritable folder must not cost the verdict of a long run.
    click.echo(text(report), nl=False)
    if options["report"]:
        write(report, options["report"])
    if options["github"]:
        click.echo(commands(report), nl=False)
        if "GITHUB_STEP_SUMMARY" in os.environ:
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
                file.write(summary(report))
