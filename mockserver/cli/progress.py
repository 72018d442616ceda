"""A progress bar on standard error, where that is a terminal; elsewhere silence."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def bar(title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
    """The same items, with a bar that goes when they end."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, title, total, console=Console(stderr=True), transient=True)
