"""The lists of sources, faults, offences and checks: one entry a line, read from the registries."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.options import command

if TYPE_CHECKING:
    from mockserver.faults.offences.offence import Offence
    from mockserver.judge.checks.check import Check


@command
def sources() -> None:
    """List the sources of logs with their parameters."""
    from mockserver.logs.source import SOURCES, source_kind

    _print_kinds({name: source_kind(name) for name in SOURCES})


@command
def faults() -> None:
    """List the kinds of faults with their parameters, then the conditions that every kind takes."""
    from mockserver.contract.document import contract
    from mockserver.faults.kinds import KINDS
    from mockserver.faults.rule import Conditions

    _print_kinds(KINDS)
    matches = ",".join(contract().parameters)
    click.echo(f"Every kind takes {_parameters(Conditions)} and matches on {matches}.")


@command
def offences() -> None:
    """List the ways of breaking the contract: name, severity and sentence."""
    from mockserver.faults.offences import catalogue

    _print_sentences(catalogue().values())


@command
def checks() -> None:
    """List what `check` judges: name, severity and sentence of each check."""
    from mockserver.judge.checks import CHECKS

    _print_sentences(CHECKS.values())


def _print_sentences(entries: Iterable[Offence | Check]) -> None:
    for entry in entries:
        click.echo(f"{entry.name}\t{entry.severity}\t{entry.sentence}")


def _print_kinds(kinds: Mapping[str, type[Any]]) -> None:
    """Print each kind with its parameters and the first line of its docstring."""
    for name, record in kinds.items():
        parameters = _parameters(record)
        sentence = (inspect.getdoc(record) or "").partition("\n")[0]
        click.echo(f"{name}{':' if parameters else ''}{parameters}\t{sentence}")


def _parameters(record: type[Any]) -> str:
    """The fields of a record, each with its default unless that is missing, None or empty."""
    return ",".join(
        field.name if field.default in (dataclasses.MISSING, None, "") else f"{field.name}={field.default}"
        for field in dataclasses.fields(record)
    )
