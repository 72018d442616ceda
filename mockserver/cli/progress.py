"""Progress bars on standard error. There is none when standard error is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mockserver.logs.source import Item

# A bar is drawn anew after 1 % of its items, and at least after so many: drawing costs more than writing a log.
MOST_UNDRAWN = 5000


def bar(title: str, total: int, items: Iterable[Item], /, *, printed: bool = False) -> Iterable[Item]:
    """Return the same items, with a bar that shows how many of about ``total`` have passed.

    Items that are ``printed`` to a terminal have no bar: the two would overwrite each other.
    """
    if not sys.stderr.isatty() or (printed and sys.stdout.isatty()):
        return items
    return _drawn(title, total, items)


def _drawn(title: str, total: int, items: Iterable[Item]) -> Iterator[Item]:
    every = max(1, min(total // 100, MOST_UNDRAWN))
    with click.progressbar(items, total, title, file=sys.stderr, update_min_steps=every) as progress:
        yield from progress


@contextmanager
def steps(total: int) -> Iterator[Callable[[str, int], None]]:
    """Give a function that takes the name of the current step, and how much of ``total`` is done."""
    if not sys.stderr.isatty():
        yield lambda name, done: None
        return
    # Drawn at each step, even if nothing more is done: its name is new.
    with click.progressbar(
        length=total, item_show_func=lambda name: name, file=sys.stderr, update_min_steps=0
    ) as progress:
        yield lambda name, done: progress.update(done - progress.pos, name)
