"""``mockserver generate``: write the logs of a source to a file, a pipe or standard output."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Literal, get_args

import click

from mockserver.cli import completion
from mockserver.cli.options import command, now_option, option
from mockserver.cli.progress import bar
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.logs.files import replacing
from mockserver.logs.source import Opening, read_source
from mockserver.mock.clock import start_of

Format = Literal["jsonl", "json"]

# The text before the first log, between two logs, after the last one, and when there is none.
FRAMES: dict[Format, tuple[bytes, bytes, bytes, bytes]] = {
    "jsonl": (b"", b"\n", b"\n", b""),
    "json": (b"[\n", b",\n", b"\n]\n", b"[]\n"),
}
_DESCRIPTOR = re.compile(r"/dev/(?:(stdout|stderr)|fd/(\d{1,6}))|/proc/self/fd/(\d{1,6})", re.ASCII)
BATCH = 200  # logs in one write: fewer cost more system calls, more gain nothing

output_option = option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    shell_complete=completion.files,
    help="The file to write; - is standard output.",
)


@command
@click.argument("source", metavar="SOURCE", shell_complete=completion.sources)
@output_option
@option("--format", type=click.Choice(get_args(Format)), default="jsonl", help="One log a line, or one JSON array.")
@now_option
@option(
    "--skip", metavar="LOGS", type=click.IntRange(0), default=0, help="How many logs to leave out at the beginning."
)
def generate(source: str, output: str, format: Format, now: str, skip: int) -> None:
    """Write the logs of SOURCE, newest first, in constant memory.

    `mockserver sources` lists what SOURCE can be. The same source and the same --now give the same bytes, so the first
    N lines of one run and the output of another with --skip N make a whole. A file appears when it is complete.

    Examples:
      mockserver generate faker:count=1000000,seed=7 -o logs.jsonl
      mockserver generate faker:count=1000000000 | gzip > logs.jsonl.gz
      mockserver generate faker:count=1000000000 --now 2026-11-01 --skip 250000000 >> logs.jsonl
      mockserver generate hypothesis:count=50 --format json
    """
    if skip and format == "json":
        raise MockserverError("--skip", "an array", "JSON lines", "a JSON array cannot be continued")
    # Importing what serves takes long; the help page of all commands imports this file and must not wait for it.
    from mockserver.mock.tenants import DEFAULT

    begun, _ = start_of(now, time.time())
    logs = read_source(source).open(Opening(begun, watch=bar)).logs(DEFAULT)
    total = logs.count(EVERYTHING)
    with opened(output) as write:
        chosen = logs.slice(EVERYTHING, skip, total)
        watched = bar("Writing logs", max(0, total - skip), chosen, printed=output == "-")
        write(framed(watched, format))


def framed(logs: Iterable[bytes], format: Format) -> Iterator[bytes]:
    """Yield the pieces of a text that holds the logs: one a line, or one array with a log a line."""
    before, between, after, empty = FRAMES[format]
    logs = iter(logs)
    while batch := tuple(islice(logs, BATCH)):
        yield before + between.join(batch)
        before = between
    yield after if before is between else empty


@contextmanager
def opened(output: str) -> Iterator[Callable[[Iterable[bytes]], object]]:
    """Give the function that writes the pieces.

    A file appears when it is complete. A pipe, a device and standard output receive each piece at once. Raises
    MockserverError when the output cannot be written to. If the reader of a pipe has left, click ends the program
    without a message.
    """
    try:
        number = _descriptor(output)
        if output == "-" and sys.stdout is None:
            raise OSError("closed")
        if output == "-":
            yield sys.stdout.buffer.writelines
            sys.stdout.buffer.flush()
        elif not is_file(output):
            with open(output if number is None else os.dup(number), "wb") as file:
                yield file.writelines
        else:
            with _until_ended() as watched, replacing(Path(output).resolve()) as file:
                yield lambda pieces: file.writelines(watched(pieces))
    except BrokenPipeError:
        raise
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise MockserverError(output, problem, "a place that can be written to") from None


def is_file(output: str) -> bool:
    """Whether an output is a file, which appears when it is complete; no pipe, device or standard output."""
    is_other = output == "-" or _descriptor(output) is not None
    return not is_other and (os.path.isfile(output) or not os.path.exists(output))


def _descriptor(output: str) -> int | None:
    """Return the number of the open file that a name such as /dev/stdout means, or a link to one; None for another.

    It must be used as it is: to open it by its name would begin at the start of a file that it appends to.
    """
    path = os.path.abspath(output)
    for _ in range(40):  # as many links as Linux follows
        if match := _DESCRIPTOR.fullmatch(path):
            return {"stdout": 1, "stderr": 2}[match[1]] if match[1] else int(match[2] or match[3])
        if not os.path.islink(path):
            return None
        path = os.path.abspath(os.path.join(os.path.dirname(path), os.readlink(path)))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


@contextmanager
def _until_ended() -> Iterator[Callable[[Iterable[bytes]], Iterator[bytes]]]:
    """Let SIGTERM and SIGHUP end the program between two pieces, so that no incomplete file stays behind. A signal that
    is ignored, as SIGHUP is under nohup, stays so.

    The handler only leaves a mark. An exception raised in a handler appears wherever the program is at that moment,
    and a finalizer or a tracer may swallow it. Use this only for outputs that never block: a write that waits for its
    reader would keep waiting after the signal.
    """
    marks: dict[int, FrameType | None] = {}

    def watched(pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if marks:
                sys.exit(128 + next(iter(marks)))  # the status that a shell reports for a program ended by the signal
            yield piece

    # Windows has no SIGHUP.
    numbers = {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = [(number, signal.signal(number, marks.setdefault)) for number in heard]
    try:
        yield watched
    finally:
        for number, handler in before:
            signal.signal(number, handler)
