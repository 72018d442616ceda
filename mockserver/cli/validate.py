"""``mockserver validate``: whether files of logs keep the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  mockserver validate my-logs.jsonl
  mockserver validate fixtures/*.jsonl
"""
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def validate(files: tuple[Path, ...]) -> None:
    """Check files of JSON lines against the contract.

    A problem a line, FILE:LINE: path: found, expected, the first 20 of each file; exit 1 where there is one.
    """
    from mockserver.logs.file import listing, read_file

    failed = False
    for file in files:
        rows, problems = read_file(file)
        if problems:
            failed = True
            click.echo(listing(problems))
        else:
            click.echo(f"{file}: {len(rows)} logs keep the contract")
    sys.exit(1 if failed else 0)
