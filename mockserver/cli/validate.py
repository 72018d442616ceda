"""``mockserver validate``: check whether files of logs keep the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mockserver.cli.options import command, option


@command
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@option("--private", is_flag=True, help="Also tell what looks personal: addresses, hosts, phone numbers, tokens.")
def validate(files: tuple[Path, ...], private: bool) -> None:
    """Check files of logs against the contract: JSON lines, or one JSON array.

    Each problem is printed on one line, FILE:LINE: path: found, expected; of an array FILE[NUMBER], from 0. Of a file
    with many problems, the first are printed and the others counted. Exits 1 if any file has a problem, and 2 if one
    cannot be read.

    Examples:
      mockserver validate my-logs.jsonl
      mockserver validate fixtures/*.jsonl page.json
      mockserver validate --private recorded.jsonl
    """
    from mockserver.logs.reading import listing, read_file
    from mockserver.record.personal import personal_places

    failed = False
    kept = "keep the contract" + ", and hold no address, host, phone number or token of anybody" * private
    for file in files:
        rows, problems = read_file(file)
        if private:
            problems += personal_places(file)
        failed = failed or bool(problems)
        click.echo(listing(problems) if problems else f"{file}: {len(rows)} logs {kept}")
    sys.exit(1 if failed else 0)
