"""Reading the file of the logs again while the server runs: whole, or not at all.

*When.* Somebody asks for it (``POST /__admin/reload``, SIGHUP), or the file has changed. Editors write a file in
several steps, rename another one to its place, or delete and create it. So a file is read again once two looks, half a
second apart, saw the same time, size and inode, and these are not those that were last read.

*How.* A thread beside the loop reads and checks the file, a log at a time, so that the loop goes on. It may work
for 5 s, and be silent for 5 s, as with a disk that does not answer. Then the tenants take the new logs one by one, each
between two requests; an answer under way keeps the old ones to its end.

*What stays.* On any error the old logs do. Logs that were added stay too, but those whose id the file has now: who adds
a log and then writes it into the file wants it once. Faults and journals do not change.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from mockserver.contract.errors import MockserverError
from mockserver.edge.command import Steps, settle
from mockserver.logs.source import Item, Opening, Source, SourceKind
from mockserver.mock.exchange import Mock
from mockserver.mock.tenants import SourceKey

if TYPE_CHECKING:
    from mockserver.edge.admin.shapes import ReloadJson

LONGEST = 5.0  # s: of work, and of silence
_EVERY = 0.5  # s between two looks at the file
PAUSE = 0.01  # s between two looks at the thread
_FREED = 5_000  # rows: some milliseconds


State = tuple[int, ...]


class Reload:
    """The way to read a mock's file again. ``read`` is what told the file from a changed one before it was first read;
    ``kind`` is None where the logs come from no source that has a name; ``opening`` are the keys of the sources that
    tenants wait for."""

    def __init__(self, mock: Mock, kind: SourceKind | None, opening: Opening, read: State) -> None:
        self._mock = mock
        self._kind = kind
        self._file = kind.file if kind else ""
        self._opening = opening
        self._is_busy = False
        self._read = read
        self.opening: set[SourceKey] = set()

    def steps(self) -> Steps[ReloadJson]:
        """Read the file and serve its logs; returns how many there are. Raises MockserverError, and changes nothing."""
        if not (self._kind and self._file):
            raise MockserverError("reload", "logs that come from no file", "a server of a file, such as --logs FILE")
        while self._is_busy:
            yield PAUSE
        self._is_busy = True
        try:
            self._read = state_of(self._file)
            old = list(self._opening.known.values())
            source = yield from opened_beside(self._kind, self._opening)
            for _ in self._mock.tenants.renew(source):
                yield 0
            # To let go of all rows at once would take long.
            while old:
                del old[-_FREED:]
                yield 0
        finally:
            self._is_busy = False
        return {"file": self._file, "logs": self._mock.count()}

    async def follow(self, stop: asyncio.Event, tell: Callable[[str], object], is_watching: bool) -> None:
        """Read the file again on SIGHUP and, with ``is_watching``, when it has changed; ``tell`` hears the outcome.

        A terminal that is closed sends SIGHUP too: that sets ``stop``.
        """
        if not self._file:
            return
        asked, had_terminal, last = asyncio.Event(), os.isatty(0), self._read
        with suppress(AttributeError, NotImplementedError):  # Windows has no SIGHUP
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGHUP, lambda: (stop if had_terminal and not os.isatty(0) else asked).set()
            )
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), _EVERY if is_watching else None)
            state = state_of(self._file)
            has_changed, last = state == last != self._read, state
            if has_changed or asked.is_set():
                asked.clear()
                tell(await self._outcome())

    async def _outcome(self) -> str:
        try:
            with closing(self.steps()) as steps:
                for pause in steps:
                    await asyncio.sleep(pause)
        except MockserverError as error:
            return f"{error}\nThe logs that were read before are still served."
        return f"{self._file}: read again, {self._mock.count()} logs"


def state_of(file: str) -> State:
    """What tells a changed file: time, size and inode; nothing where there is no file."""
    with suppress(OSError, ValueError):
        found = os.stat(file)
        return found.st_mtime_ns, found.st_size, found.st_ino
    return ()


def opened_beside(kind: SourceKind, opening: Opening) -> Steps[Source]:
    """Return the source, opened in a thread. Raises MockserverError when that takes too long; the thread then ends at
    the next log, or never where the system does not answer."""
    outcome: Future[Source] = Future()
    too_long = MockserverError(
        "logs", f"over {LONGEST:g} s of reading", "less", "start a server for them: mockserver serve --logs SOURCE"
    )
    heard = time.monotonic()

    def watch(title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
        nonlocal heard
        began = time.thread_time()
        for item in items:
            heard = time.monotonic()
            if time.thread_time() - began > LONGEST:
                raise too_long
            yield item

    work = partial(kind.open, replace(opening, watch=watch))
    Thread(target=settle, args=(outcome, work), name="reload", daemon=True).start()
    while not outcome.done():
        if time.monotonic() - heard > LONGEST:
            raise too_long
        yield PAUSE
    return outcome.result()
