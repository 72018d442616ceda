"""Options: every one also by environment, ``MOCKSERVER_`` and its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A click option that also reads ``MOCKSERVER_NAME``, of its long name."""
    long = next(name for name in names if name.startswith("--"))
    variable = "MOCKSERVER_" + long.removeprefix("--").partition("/")[0].upper().replace("-", "_")
    return click.option(*names, envvar=variable, show_envvar=True, **settings)
