"""A progress bar on standard error, where that is a terminal; elsewhere silence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


def bar(title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
    """The same items, with a bar that goes when they end."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, title, total, console=Console(stderr=True), transient=True)


@contextmanager
def steps(total: int) -> Iterator[Callable[[str, int], None]]:
    """The function to tell of each step, by name and how much of ``total`` is done."""
    if not sys.stderr.isatty():
        yield lambda name, done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda name, done: progress.update(task, description=name, completed=done)
