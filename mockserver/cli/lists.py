"""The lists: sources, faults, offences, a line each, from their registries."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

import click


@click.command(name="sources")
def sources() -> None:
    """List the sources of logs and their parameters."""
    from mockserver.logs.source import SOURCES, source_kind

    _records({name: source_kind(name) for name in SOURCES})


@click.command(name="faults")
def faults() -> None:
    """List the kinds of faults and their parameters, then the conditions that every kind takes."""
    from mockserver.contract.document import contract
    from mockserver.faults.kinds import KINDS
    from mockserver.faults.rule import Conditions

    _records(KINDS)
    matches = ",".join(contract().parameters)
    click.echo(f"Every kind takes {_parameters(Conditions)} and matches on {matches}.")


@click.command(name="offences")
def offences() -> None:
    """List the ways of breaking the contract: name, severity, sentence."""
    from mockserver.faults.offences import catalogue

    for each in catalogue().values():
        click.echo(f"{each.name}\t{each.severity}\t{each.sentence}")


def _records(records: Mapping[str, type[Any]]) -> None:
    for name, record in records.items():
        parameters = _parameters(record)
        sentence = (inspect.getdoc(record) or "").partition("\n")[0]
        click.echo(f"{name}{':' if parameters else ''}{parameters}\t{sentence}")


def _parameters(record: type[Any]) -> str:
    """The parameters of a record with their defaults; one without a default, or with none, alone."""
    return ",".join(
        field.name if field.default in (dataclasses.MISSING, None, "") else f"{field.name}={field.default}"
        for field in dataclasses.fields(record)
    )
