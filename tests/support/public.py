"""The public names of the package in Python as README tells them, a row each: name, meaning."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver import pytest_plugin, strategies
from mockserver.testing import harness, verdicts

Rows = list[tuple[str, str]]

STRATEGIES = ("logs", "pages", "queries")


def fixtures() -> dict[str, Any]:
    """The fixtures by their names."""
    made = vars(pytest_plugin).items()
    kind = type(pytest_plugin.logto_mock)
    return {name: thing.__wrapped__ for name, thing in made if isinstance(thing, kind) and not name.startswith("_")}


def names() -> dict[str, Any]:
    """Every public name: the fixtures, the classes of the harness with their members, the strategies."""
    found = fixtures()
    for name in harness.__all__:
        if inspect.isclass(thing := getattr(harness, name)) and thing is not dict:
            found.update(members(name, thing))
    found.update(members("Judgement", verdicts.Judgement))
    return found | {f"strategies.{name}": getattr(strategies, name) for name in STRATEGIES}


def members(name: str, kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """A class and what it defines in public, the fields of a record left out."""
    yield name, kind
    for member, thing in vars(kind).items():
        if not member.startswith("_") and member not in fields(kind):
            yield f"{name}.{member}", thing


def fields(kind: Any) -> set[str]:
    """The fields of a record, which its own documentation tells; nothing else has any."""
    names = [field.name for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []
    return {name for name in names if not name.startswith("_")}


def undocumented(found: Mapping[str, Any]) -> list[str]:
    """The names of those that say nothing of themselves, and of the fields that their record says nothing of."""
    bare = [name for name, thing in found.items() if not inspect.getdoc(thing)]
    records = [(name, inspect.getdoc(thing) or "", fields(thing)) for name, thing in found.items()]
    return bare + [
        f"{name}.{field}" for name, told, own in records for field in sorted(own) if f"``{field}``" not in told
    ]


def sentence(thing: Any) -> str:
    """The first sentence of its documentation, on one line, for a cell of a table."""
    paragraph = (inspect.getdoc(thing) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()).replace("``", "`")


def reference() -> Rows:
    """Every public name with its sentence."""
    return [(f"`{name}`", sentence(thing)) for name, thing in names().items()]


def options() -> Rows:
    """The option of the command line, the ini options and the arguments of the mark."""
    defaults = harness.mark_settings([])
    rows: Rows = [("`--logto-target URL`", "run against this deployment; what needs the mock is skipped")]
    rows += [(f"`{name}`", text) for name, text in pytest_plugin.INI.items()]
    rows += [
        (f"`{name}=`", f"argument of the mark, {getattr(defaults, name)!r} unless given")
        for name in harness.MARK_ARGUMENTS
    ]
    return rows
