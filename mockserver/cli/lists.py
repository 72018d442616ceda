"""The lists: what sources there are, a line each, from their registry."""

from __future__ import annotations

import dataclasses
import inspect

import click

from mockserver.sources import SOURCES, kind


@click.command(name="sources")
def sources() -> None:
    """List the sources of logs and their parameters."""
    for name in SOURCES:
        record = kind(name)
        parameters = ",".join(f"{field.name}={field.default}" for field in dataclasses.fields(record))
        sentence = (inspect.getdoc(record) or "").partition("\n")[0]
        click.echo(f"{name}{':' if parameters else ''}{parameters}\t{sentence}")
