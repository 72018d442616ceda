"""The command line: one file a command, imported when it is used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from mockserver import __version__
from mockserver.contract.errors import MockserverError, unknown

# Where each command is made, in the order of the help page.
COMMANDS = {
    "serve": "mockserver.cli.serve:serve",
    "generate": "mockserver.cli.generate:generate",
    "validate": "mockserver.cli.validate:validate",
    "token": "mockserver.cli.token:token",
    "check": "mockserver.cli.check:check",
    "self-test": "mockserver.cli.self_test:self_test",
    "checks": "mockserver.cli.check:checks",
    "sources": "mockserver.cli.lists:sources",
    "faults": "mockserver.cli.lists:faults",
    "offences": "mockserver.cli.lists:offences",
}


class _Lazy(click.Group):
    """A group that imports a command when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in COMMANDS:
            raise unknown("command", cmd_name, COMMANDS)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver", message="%(prog)s %(version)s")
def group() -> None:
    """Mock, break and judge Logto's audit logs, GET /api/logs."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command; whatever the user must mend is told in one place, here, with exit code 2."""
    try:
        group.main(arguments, prog_name="mockserver")
    except MockserverError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'standard output'}: {(error.strerror or str(error)).lower()}")


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)
