"""``mockserver record``: logs of a deployment, or of a HAR, under pseudonyms."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import completion
from mockserver.cli.generate import framed, is_file, opened, output_option
from mockserver.cli.options import command, deployment_options, option, several
from mockserver.cli.progress import steps
from mockserver.contract.document import contract
from mockserver.contract.errors import needs_check
from mockserver.contract.filters import Pairs
from mockserver.judge.limits import FAR_RATE, Limits, WallClock
from mockserver.mock.clock import moment

if TYPE_CHECKING:
    from mockserver.record.walk import Walk

# A walk ends after so many seconds; another run then goes on. A pause that the target asks for is part of them.
LONGEST = 1e6
# A shift of more seconds leaves the times that programs can write.
FARTHEST = 10**10


def _filter(name: str) -> Callable[..., Any]:
    """Return the option of a filter of the document: ``--user-id`` for userId."""
    long = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
    return option(f"--{long}", name, metavar="TEXT", help=f"Only logs whose {name} is this.")


@command
@click.argument("origin", metavar="TARGET|FILE.har", shell_complete=completion.files)
@output_option
@option("--count", metavar="N", type=click.IntRange(1), show_default="all", help="The most logs: the newest ones.")
@option("--since", metavar="MOMENT", help="No logs from before a date and time as in ISO 8601.")
@several(*map(_filter, contract().filters))
@option("--shift", metavar="SECONDS", type=click.IntRange(-FARTHEST, FARTHEST), default=0, help="Added to all times.")
@option("--key", metavar="SECRET", show_default="a new one, which is shown", help="What chooses the pseudonyms.")
@deployment_options
@option("--rate", metavar="N", type=float, default=FAR_RATE, help="The most requests a second.")
@click.pass_context
def record(context: click.Context, /, origin: str, output: str, key: str | None, **options: Any) -> None:
    """Write logs of the deployment at TARGET, a base URL, or of a file that a browser's developer tools saved.

    Whatever is not known to be public gets a pseudonym, the same one in every place and in every file with the same
    --key. The newest log comes first, and `mockserver serve --logs FILE` takes the file. A run that breaks off
    leaves FILE.part; the same command, with the key that it showed, goes on behind the last page.

    Examples:
      MOCKSERVER_TOKEN=dev-token mockserver record http://localhost:3001 -o logs.jsonl
      mockserver record https://my-tenant.logto.app --client-id ID --since 2026-11-01 -o logs.jsonl
      mockserver record saved.har --shift -86400 -o logs.jsonl

    Exit codes: 1 some logs could not be read; 2 unreachable, refused, not this API, or bad usage; 0 all are there.
    """
    import secrets

    from mockserver.record.collection import collection
    from mockserver.record.har import Har
    from mockserver.record.pseudonyms import Pseudonyms

    filters = tuple((name, options[name]) for name in contract().filters if options[name])
    since = moment("since", options["since"]) * 1000 if options["since"] else -math.inf
    is_target = "://" in origin or not (origin.endswith(".har") or Path(origin).exists())
    source = _walk(origin, filters, since, options) if is_target else Har(Path(origin), filters)
    if not key:
        key = secrets.token_hex(16)
        click.echo(f"The key of the pseudonyms is {key} (for --key or MOCKSERVER_KEY of another run)", err=True)
    names = Pseudonyms(key, options["shift"] * 1000)
    part = f"{output}.part" if is_target and is_file(output) else ""
    try:
        with collection(part, names.text(repr((origin, filters, since, options["shift"])))) as logs:
            names.owner = logs.owner
            with steps(100) as step:
                for done in source.read(logs, names.log):
                    step(f"{len(logs):,} logs", int(min(done, 1) * 100))
            logs.keep(options["count"], since)
            with opened(output) as write:
                # A file without a line would be none of logs.
                write(framed(logs.newest_first(), "jsonl" if len(logs) else "json"))
            place = f" in {output}" if output != "-" else ""
            click.echo(f"{len(logs):,} logs{place}{source.lost and '; '}{source.lost}", err=True)
    except KeyboardInterrupt:
        if Path(part).is_file():
            click.echo(f"{part} is kept: the same command, with its key, goes on", err=True)
        context.exit(130)
    context.exit(1 if source.lost else 0)


def _walk(target: str, filters: Pairs, since: float, options: dict[str, Any]) -> Walk:
    with needs_check():
        from mockserver.cli.deployment import deployment
        from mockserver.judge.credentials import Fetched, check_token
        from mockserver.judge.probe import Bearer
        from mockserver.judge.secrets import Secrets
        from mockserver.judge.target import TIMEOUT, Target
        from mockserver.record.walk import Walk

    where, client = deployment(target, options)
    check_token("token", token := options["token"])
    clock, tokens = WallClock(), dict[Bearer, Callable[[], str]]()
    if client:
        tokens["token"] = Fetched(client, Secrets(), TIMEOUT, clock.now)
    elif token:
        tokens["token"] = lambda: token
    limits = Limits("full", sys.maxsize, LONGEST, options["rate"])
    return Walk(Target(where, limits, tokens, clock, TIMEOUT), filters, options["count"] or math.inf, since)
