"""The command line: a file is imported when its command is used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from mockserver import __version__
from mockserver.contract.errors import MockserverError, unknown

# In the order of the help page. The lists share one file; each other command has a file of its name.
LISTS = ("checks", "sources", "faults", "offences")
COMMANDS = ("serve", "proxy", "record", "generate", "validate", "token", "check", "health", "self-test", *LISTS)


class _Lazy(click.Group):
    """A group that imports a command when it is run, or listed with its sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:  # a shell asks for completions
                return None
            raise unknown("command", cmd_name, COMMANDS)
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"{__name__}.{'lists' if name in LISTS else name}"), name)
        return command


# Click makes the scripts. To click, a line with a backspace says that the lines of a paragraph are not to be filled.
_EPILOG = """\b
Each option is also read from a variable MOCKSERVER_... and from a file mockserver.toml.

\b
Completion, in the file that your shell reads when it starts:
  bash  eval "$(_MOCKSERVER_COMPLETE=bash_source mockserver)"
  zsh   eval "$(_MOCKSERVER_COMPLETE=zsh_source mockserver)"
  fish  _MOCKSERVER_COMPLETE=fish_source mockserver | source
"""


@click.group(cls=_Lazy, context_settings={"help_option_names": ["--help"], "max_content_width": 100}, epilog=_EPILOG)
@click.version_option(__version__, prog_name="mockserver", message="%(prog)s %(version)s")
def group() -> None:
    """Mock, break and judge Logto's audit logs, GET /api/logs."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command. An error that the user can mend is printed here, and the program ends with exit code 2."""
    try:
        group.main(arguments, prog_name="mockserver")
    except MockserverError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'standard output'}: {(error.strerror or str(error)).lower()}")


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    try:
        click.echo(nl=False)
    except OSError:
        # Python would write the rest once more at its end, fail, and exit with 120.
        sys.stdout = None
    sys.exit(2)
