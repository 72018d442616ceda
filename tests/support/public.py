"""The public names of the package, as rows of tables: name and meaning."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver import pytest_plugin, strategies
from mockserver.mock.settings import TENANT_SETTINGS
from mockserver.testing import harness, verdicts

Rows = list[tuple[str, str]]

STRATEGIES = ("logs", "pages", "queries")


def fixtures() -> dict[str, Any]:
    """Returns the fixtures by name."""
    members_of_plugin = vars(pytest_plugin).items()
    kind = type(pytest_plugin.logto_mock)
    return {
        name: member.__wrapped__
        for name, member in members_of_plugin
        if isinstance(member, kind) and not name.startswith("_")
    }


def names() -> dict[str, Any]:
    """Returns what users import or write by name: fixtures, classes of the harness with their members, strategies."""
    public = fixtures()
    for name in harness.__all__:
        if inspect.isclass(member := getattr(harness, name)) and member is not dict:
            public.update(members(name, member))
    public.update(members("Judgement", verdicts.Judgement))
    return public | {f"strategies.{name}": getattr(strategies, name) for name in STRATEGIES}


def members(name: str, kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Yields a class and its public members, without the fields of a record."""
    yield name, kind
    for member_name, member in vars(kind).items():
        if not member_name.startswith("_") and member_name not in fields(kind):
            yield f"{name}.{member_name}", member


def fields(kind: Any) -> set[str]:
    """Returns the public fields of a record, which the docstring of the record explains; none for anything else."""
    names = [field.name for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []
    return {name for name in names if not name.startswith("_")}


def undocumented(public: Mapping[str, Any]) -> list[str]:
    """Returns the names without a docstring, and the fields that the docstring of their record does not mention."""
    bare = [name for name, member in public.items() if not inspect.getdoc(member)]
    records = [(name, inspect.getdoc(member) or "", fields(member)) for name, member in public.items()]
    return bare + [
        f"{name}.{field}" for name, text, own in records for field in sorted(own) if f"``{field}``" not in text
    ]


def sentence(member: Any) -> str:
    """Returns the first paragraph of a docstring on one line, for a cell of a table."""
    paragraph = (inspect.getdoc(member) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()).replace("``", "`")


def reference() -> Rows:
    """Returns every public name with its sentence."""
    return [(f"`{name}`", sentence(member)) for name, member in names().items()]


def options() -> Rows:
    """Returns the command line option, the ini options and the arguments of the mark."""
    defaults = harness.mark_settings([])
    rows: Rows = [("`--logto-target URL`", "run against this deployment; tests that need the mock are skipped")]
    rows += [(f"`{name}`", text) for name, text in pytest_plugin.INI.items()]
    rows += [
        (f"`{name}=`", f"argument of the mark, {getattr(defaults, name)!r} unless given") for name in TENANT_SETTINGS
    ]
    return rows
