"""``mockserver.toml``: options in a file, a table for each command.

    [serve]
    port = 8080
    faults = ["latency:seconds=0.5"]

A key is the name of the parameter: the option's long name with ``_`` for ``-``, in the plural where the parameter is.
The whole file is checked before a command uses its table. Click then prefers an option, then the environment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mockserver.contract.errors import MockserverError, lookup, named

FILE = "mockserver.toml"
MOST_BYTES = 100_000
# A dotted key costs the TOML reader the square of its parts. No key of this file has more than two.
MOST_DOTS = 100  # in a line
# The types of Python that a JSON type accepts, and its name in an error.
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "boolean": ((bool,), "true or false"), "integer": ((int,), "a whole number"), "number": ((int, float), "a number"),
    "string": ((str,), "a text"), "array": ((list,), "an array"), "object": ((dict,), "a table"),
}  # fmt: skip


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare ``--config`` for a command: its table holds the defaults of its other options."""
    return click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        envvar="MOCKSERVER_CONFIG",
        show_envvar=True,
        show_default=f"{FILE} in the working directory, where there is one",
        callback=_configure,
        help="A TOML file with options, a table for each command.",
    )(function)


def _configure(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    if context.resilient_parsing or (path is None and not Path(FILE).exists()):
        return
    context.default_map = read_config(path or Path(FILE)).get(str(context.command.name), {})


def tables() -> dict[str, dict[str, click.Option]]:
    """Every table of the file and the options that are its keys: a table for each command that has options."""
    from mockserver.cli import COMMANDS, group

    commands = {name: group.get_command(click.Context(group), name) for name in COMMANDS}
    found = {name: _keys(command) for name, command in commands.items() if command is not None}
    return {name: keys for name, keys in found.items() if keys}


def _keys(command: click.Command) -> dict[str, click.Option]:
    options = [option for option in command.params if isinstance(option, click.Option) and option.expose_value]
    return {str(option.name): option for option in options}


def value_schema(option: click.Option) -> dict[str, Any]:
    """The JSON schema of an option's value in the file."""
    kind = option.type
    value: dict[str, Any] = {"type": "string"}
    if option.is_flag:
        value = {"type": "boolean"}
    elif isinstance(kind, click.Choice):
        value = {"enum": list(kind.choices)}
    elif isinstance(kind, click.IntRange):
        bounds = {"minimum": kind.min, "maximum": kind.max}
        value = {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
    elif kind in (click.INT, click.FLOAT):
        value = {"type": "integer" if kind is click.INT else "number"}
    return {"type": "array", "items": value} if option.multiple else value


def read_config(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of a file. Raises MockserverError that names the file, the table and the key."""
    known, found = tables(), _read(path)
    for name, table in found.items():
        keys = lookup(f"{path}: table", name, known)
        _demand(f"{path}: {name}", table, {"type": "object"})
        for key, value in table.items():
            _demand(f"{path}: {name}.{key}", value, value_schema(lookup(f"{path}: key of {name}", key, keys)))
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise MockserverError(str(path), (error.strerror or str(error)).lower(), "a readable TOML file") from None
    if len(content) > MOST_BYTES:
        raise MockserverError(str(path), f"more than {MOST_BYTES:,} bytes", "a file of options")
    if any(line.count(b".") > MOST_DOTS for line in content.splitlines()):
        raise MockserverError(str(path), f"a line with more than {MOST_DOTS} dots", "keys such as serve.port")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))  # editors of Windows begin a file with a mark
    except UnicodeDecodeError:
        raise MockserverError(str(path), "other bytes", "a text in UTF-8") from None
    except RecursionError:
        raise MockserverError(str(path), "arrays or tables that are too deep", "keys such as serve.port") from None
    except ValueError as error:
        raise MockserverError(
            str(path), str(error), "TOML", 'a text stands in quotes: logs = "my-logs.jsonl"'
        ) from None


def _demand(place: str, value: Any, schema: Mapping[str, Any]) -> None:
    """Raise MockserverError unless the value keeps a schema that ``value_schema`` makes.

    A value of a wrong type is not shown, since it may be a secret.
    """
    types, expected = _TYPES[schema.get("type", "string")]
    if type(value) not in types:
        raise MockserverError(place, _kind(value), expected)
    if "enum" in schema and value not in schema["enum"]:
        raise MockserverError(place, named(value), f"one of {', '.join(schema['enum'])}")
    least, most = schema.get("minimum"), schema.get("maximum")
    if (least is not None and value < least) or (most is not None and value > most):
        raise MockserverError(place, named(value), f"{least} to {most}" if most is not None else f"{least} or more")
    if "items" in schema:
        for number, item in enumerate(value):
            _demand(f"{place}[{number}]", item, schema["items"])


def _kind(value: Any) -> str:
    words = (word for types, word in _TYPES.values() if type(value) in types)
    return next(words, "a date or a time")
