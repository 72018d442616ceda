"""The terminal: a line for each request on standard output, which neither slows nor stops the server.

*Why not a line in each request.* To mask, to format and to write a line takes longer than to answer a repeated page.
So an exchange leaves only a reference to its journal entry here. Every tenth of a second, the loop makes lines of the
first entries, counts the others ("and 1,234 more"), and writes all of it at once. A burst after a pause has a line for
each of its requests, up to 200; a load that lasts has 20 in each tenth of a second, which cost less than 1 % of it.

*Why a thread.* To write to a pipe that nobody reads, or to a stopped terminal, may take for ever. So a thread writes,
and the loop hands it no more while it is busy. Once the reader has closed its end, nothing is written any more. The
thread writes to the descriptor: a thread that holds the lock of ``sys.stdout`` would block the end of the program.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from queue import Full, Queue
from typing import Any, TextIO

from mockserver.contract.errors import Refused
from mockserver.contract.jsontext import encode
from mockserver.edge.front import behind_tenant
from mockserver.http.masking import cleaner, masked_query
from mockserver.http.message import Request
from mockserver.mock.journal import Entry
from mockserver.mock.tenants import DEFAULT, tenant_path

# Seconds between two writes, the most lines in one, and how many more are allowed with each that passes.
TICK, MOST_LINES, _SHARE = 0.1, 200, 20
# Seconds of processor time for the lines of one write: a request of 16 kB is masked in a millisecond.
_MOST_WORK = 0.005
# Texts that wait for a slow reader, and the seconds that the end of the program waits for it.
_MOST_TEXTS, _PARTING = 16, 0.5
# A longer target fills the screen.
_MOST_TARGET = 300
# The control API is seen where it changes something; its readers, such as the console, ask again and again.
_QUESTIONS = ("/count", "/trial", "/verify")
_UNPRINTABLE = re.compile(r"[^ -~]")
# Of ECMA-48, 8.3.117: green, cyan and yellow by the first digit of a status; red otherwise.
_COLOURS = {2: 32, 3: 36, 4: 33}
_RED, _FAINT = 31, 2

# What stands for a request that could not be read.
UNREAD = Request("-", "-")

Shown = dict[str, Any]


class Writer:
    """Writes texts to a stream in a thread of its own. What cannot be written is lost; None is a closed stream."""

    def __init__(self, stream: TextIO | None) -> None:
        self._descriptor: int | None = None
        with suppress(OSError):  # a stream of a test may have none
            self._descriptor = None if stream is None else stream.fileno()
        self._texts: Queue[str | None] = Queue(_MOST_TEXTS)
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether all texts are written."""
        return not self._texts.unfinished_tasks

    def offer(self, text: str) -> None:
        """Have a text written, unless too many wait."""
        with suppress(Full):
            self._texts.put_nowait(text)

    def close(self) -> None:
        """Wait a moment until all is written."""
        with suppress(Full):
            self._texts.put_nowait(None)
            self._thread.join(_PARTING)

    def _work(self) -> None:
        for text in iter(self._texts.get, None):
            # The reader may have closed its end, the disk may be full: the server has other things to do.
            with suppress(OSError):
                if self._descriptor is not None:
                    _write(self._descriptor, text.encode(errors="replace"))
            self._texts.task_done()
        self._texts.task_done()


def _write(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # another program has set this terminal so
            time.sleep(TICK)


class Warnings(logging.Handler):
    """Hands what the server logs to a writer, a line each."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Have one record written."""
        self._writer.offer(self.format(record) + "\n")


class RequestLog:
    """Writes a line for each exchange; ``form`` makes the line, of the values that ``shown`` gives.

    ``clock`` gives seconds since any moment.
    """

    def __init__(
        self, writer: Writer, form: Callable[[Shown], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._writer = writer
        self._form = form
        self._clock = clock
        self._waiting: list[tuple[Entry, int]] = []
        self._more = 0
        self._is_due = False
        self._room, self._since = MOST_LINES, clock()

    def note(self, entry: Entry, size: int) -> None:
        """Have an exchange written soon; ``size`` is the bytes of the body that were sent. For the thread of a loop."""
        if len(self._waiting) < self._room:
            self._waiting.append((entry, size))
        else:
            self._more += 1
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(TICK, self._ring)

    def _ring(self) -> None:
        self._is_due = self._writer.is_idle is False
        if self._is_due:
            asyncio.get_running_loop().call_later(TICK, self._ring)
        else:
            self.flush()

    def flush(self) -> None:
        """Hand all that waits to the writer."""
        waiting, more = self._waiting, self._more
        self._waiting, self._more = [], 0
        lines: list[str] = []
        until = time.thread_time() + _MOST_WORK
        for entry, size in waiting:
            if lines and time.thread_time() > until:
                break
            lines.append(self._form(shown(entry, size)))
        more += len(waiting) - len(lines)
        if more:
            lines.append(self._form({"time": time.time(), "more": more}))
        now = self._clock()
        ticks = (now - self._since) / TICK
        self._room = int(min(MOST_LINES, self._room - len(waiting) + _SHARE * ticks))
        self._since = now
        self._writer.offer("".join(lines))


def unrecorded(request: Request, status: int) -> Entry:
    """An entry for the log alone, of an exchange that no tenant's journal has."""
    return Entry(0, time.time(), request, request.path, status, ())


def is_polling(request: Request) -> bool:
    """Whether a request only reads from the control API, or asks it a question.

    Such requests have no line: the console sends one a second.
    """
    path = behind_tenant(request.path)
    return path.startswith("/__admin") and (request.method in ("GET", "HEAD") or path.endswith(_QUESTIONS))


def shown(entry: Entry, size: int) -> Shown:
    """One exchange as JSON values, with credentials masked."""
    request = entry.request
    clean = cleaner(request)
    target = clean(request.path)
    if "?" in request.target:
        target += f"?{masked_query(request, clean)}"
    try:
        tenant = tenant_path(request).tenant
    except Refused:
        tenant = DEFAULT
    return {
        "time": entry.time,
        "method": request.method,
        "target": target,
        "status": entry.status,
        "bytes": size,
        "milliseconds": round(entry.milliseconds or 0, 2),
        "tenant": tenant,
        "faults": list(map(clean, entry.faults)),
    }


def json_line(values: Shown) -> str:
    """The values as a line of JSON, the time as in ISO 8601."""
    time = datetime.fromtimestamp(values["time"], UTC).isoformat(timespec="milliseconds")
    return encode(values | {"time": time}).decode() + "\n"


def text_line(values: Shown) -> str:
    """The values as a line for people, without colours."""
    return _line(values, lambda _, text: text)


def coloured_line(values: Shown) -> str:
    """The values as a line for people, with the colours that every terminal knows."""
    return _line(values, lambda colour, text: f"\x1b[{colour}m{text}\x1b[0m")


def _line(values: Shown, paint: Callable[[int, str], str]) -> str:
    time = paint(_FAINT, f"{datetime.fromtimestamp(values['time']):%H:%M:%S.%f}"[:-3])
    if "more" in values:
        return f"{time} {paint(_FAINT, 'and {:,} more'.format(values['more']))}\n"
    status, target = values["status"], _printable(values["target"])
    cut = target if len(target) <= _MOST_TARGET else f"{target[:_MOST_TARGET]}..."
    parts = [
        time,
        values["method"],
        cut,
        paint(_COLOURS.get((status or 0) // 100, _RED), str(status or "-")),
        f"{values['bytes']} B",
        f"{values['milliseconds']} ms",
    ]
    if values["tenant"] != DEFAULT:
        parts.append(f"tenant={values['tenant']}")
    parts += [paint(_RED, f"fault={_printable(fault)}") for fault in values["faults"]]
    return " ".join(parts) + "\n"


def _printable(text: str) -> str:
    """The text without what would steer a terminal."""
    return _UNPRINTABLE.sub(lambda character: character[0].encode("unicode_escape").decode(), text)
