"""Options: every one also by environment, ``MOCKSERVER_`` and its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class _OneALine(click.types.StringParamType):
    """A text that may hold blanks: from the environment, several come one a line."""

    envvar_list_splitter = "\n"


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A click option that also reads ``MOCKSERVER_NAME``, of its long name; where it may be repeated, a line each."""
    long = next(name for name in names if name.startswith("--"))
    variable = "MOCKSERVER_" + long.removeprefix("--").partition("/")[0].upper().replace("-", "_")
    if settings.get("multiple"):
        settings.setdefault("type", _OneALine())
    return click.option(*names, envvar=variable, show_envvar=True, **settings)
