"""Completion in shells: names and sentences from the registries, which are imported when a shell asks for them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem[Any]]]


def _names(load: Callable[[], Mapping[str, str]]) -> Completer:
    """Complete the names that ``load`` returns, each with its sentence."""
    return lambda _context, _parameter, begun: [
        CompletionItem(name, help=sentence) for name, sentence in load().items() if name.startswith(begun)
    ]


def _kinds() -> Mapping[str, str]:
    from mockserver.faults.kinds import KINDS

    return {name: (inspect.getdoc(kind) or "").partition("\n")[0] for name, kind in KINDS.items()}


def _checks() -> Mapping[str, str]:
    from mockserver.judge.checks import CHECKS

    return {name: check.sentence for name, check in CHECKS.items()}


def _offences() -> Mapping[str, str]:
    from mockserver.faults.offences import catalogue

    return {name: offence.sentence for name, offence in catalogue().items()}


def sources(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem[Any]]:
    """Complete kinds of sources and the names of files."""
    from mockserver.logs.source import SOURCES

    # The script for bash forgets what came before the entry that stands for files.
    return [*files(_context, _parameter, begun), *(CompletionItem(name) for name in SOURCES if name.startswith(begun))]


def files(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem[Any]]:
    """Complete the names of files: the shell looks for them."""
    return [CompletionItem(begun, type="file")]


faults, checks, offences = _names(_kinds), _names(_checks), _names(_offences)
