"""``mockserver generate``: write the logs of a source to a file, a pipe or standard output."""

from __future__ import annotations

import time
from typing import get_args

import click

from mockserver.cli import completion
from mockserver.cli.options import command, now_option, option
from mockserver.cli.output import Format, framed, opened, output_option
from mockserver.cli.progress import bar
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.logs.source import Opening, read_source
from mockserver.mock.clock import start_of


@command
@click.argument("source", metavar="SOURCE", shell_complete=completion.sources)
@output_option
@option("--format", type=click.Choice(get_args(Format)), default="jsonl", help="One log a line, or one JSON array.")
@now_option
@option(
    "--skip", metavar="LOGS", type=click.IntRange(0), default=0, help="How many logs to leave out at the beginning."
)
def generate(source: str, output: str, format: Format, now: str, skip: int) -> None:
    """Write the logs of SOURCE, newest first, in constant memory.

    `mockserver sources` lists what SOURCE can be. The same source and the same --now give the same bytes, so the first
    N lines of one run and the output of another with --skip N make a whole. A file appears when it is complete.

    Examples:
      mockserver generate faker:count=1000000,seed=7 -o logs.jsonl
      mockserver generate faker:count=1000000000 | gzip > logs.jsonl.gz
      mockserver generate faker:count=1000000000 --now 2026-11-01 --skip 250000000 >> logs.jsonl
      mockserver generate hypothesis:count=50 --format json
    """
    if skip and format == "json":
        raise MockserverError("--skip", "an array", "JSON lines", "a JSON array cannot be continued")
    # Importing what serves takes long; the help page of all commands imports this file and must not wait for it.
    from mockserver.mock.tenants import DEFAULT

    begun, _ = start_of(now, time.time())
    logs = read_source(source).open(Opening(begun, watch=bar)).logs(DEFAULT)
    total = logs.count(EVERYTHING)
    with opened(output) as write:
        chosen = logs.slice(EVERYTHING, skip, total)
        watched = bar("Writing logs", max(0, total - skip), chosen, printed=output == "-")
        write(framed(watched, format))
