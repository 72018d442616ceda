"""``mockserver validate``: check whether files of logs keep the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mockserver.cli.options import command


@command
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def validate(files: tuple[Path, ...]) -> None:
    """Check files of JSON lines against the contract.

    Each problem is printed on one line, FILE:LINE: path: found, expected. Of a file with many problems, the first are
    printed and the others counted. Exits 1 if any file has a problem.

    Examples:
      mockserver validate my-logs.jsonl
      mockserver validate fixtures/*.jsonl
    """
    from mockserver.logs.file import listing, read_file

    failed = False
    for file in files:
        rows, problems = read_file(file)
        failed = failed or bool(problems)
        click.echo(listing(problems) if problems else f"{file}: {len(rows)} logs keep the contract")
    sys.exit(1 if failed else 0)
