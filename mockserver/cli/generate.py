"""``mockserver generate``: the logs of a source, written one after the other."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Literal

import click

from mockserver.cli.options import option
from mockserver.cli.progress import bar
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.logs.files import replacing
from mockserver.logs.source import Opening, TenantLogs, read_source
from mockserver.mock.clock import start_of

Format = Literal["jsonl", "json"]

# What stands before the first log, between two, after the last, and in place of none.
FRAMES: dict[Format, tuple[bytes, bytes, bytes, bytes]] = {
    "jsonl": (b"", b"\n", b"\n", b""),
    "json": (b"[\n", b",\n", b"\n]\n", b"[]\n"),
}
BATCH = 200  # logs a write: fewer cost system calls, more bring nothing


@click.command(
    epilog="""\b
Examples:
  mockserver generate faker:count=1000000,seed=7 -o logs.jsonl
  mockserver generate faker:count=1000000000 | gzip > logs.jsonl.gz
  mockserver generate faker:count=1000000000 --now 2026-11-01 --skip 250000000 >> logs.jsonl
  mockserver generate hypothesis:count=50 --format json
"""
)
@click.argument("source", metavar="SOURCE")
@option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    show_default=True,
    help="Where to write; - is standard output. A file appears once it is whole.",
)
@option(
    "--format",
    type=click.Choice(["jsonl", "json"]),
    default="jsonl",
    show_default=True,
    help="A log a line, or one JSON array.",
)
@option(
    "--now",
    metavar="MOMENT",
    default="",
    help="When generated logs end: live, or ISO 8601. Default: the start of the current day (UTC).",
)
@option(
    "--skip",
    metavar="LOGS",
    type=click.IntRange(0),
    default=0,
    help="Leave out so many of the first: goes on where a run with the same source and --now broke off.",
)
def generate(source: str, output: str, format: Format, now: str, skip: int) -> None:
    """Write the logs of SOURCE, newest first, in constant memory.

    See `mockserver sources` for what SOURCE can be. Equal sources and moments give equal bytes, so that the first N
    lines of one run and the lines of another with --skip N make a whole.
    """
    if skip and format == "json":
        raise MockserverError("--skip", "an array", "JSON lines", "a JSON array cannot be continued")
    # What serves is large, and the help page of all commands need not wait for it.
    from mockserver.mock.tenants import DEFAULT

    begun, _ = start_of(now, time.time())
    logs = read_source(source).open(Opening(begun, watch=bar)).logs(DEFAULT)
    with _opened(output) as write:
        write(framed(_watched(logs, skip, output), format))


def framed(logs: Iterable[bytes], format: Format) -> Iterator[bytes]:
    """The pieces of a text that holds the logs: a line each, or one array with a log a line."""
    before, between, after, empty = FRAMES[format]
    logs = iter(logs)
    while batch := tuple(islice(logs, BATCH)):
        yield before + between.join(batch)
        before = between
    yield after if before is between else empty


@contextmanager
def _opened(output: str) -> Iterator[Callable[[Iterable[bytes]], object]]:
    """What writes the pieces: to a file that appears when it is whole, or at once to a pipe, a device, standard output.

    Raises MockserverError where it cannot be written, but for a reader that has left: click ends such a run in silence.
    """
    path = Path(output).resolve()
    try:
        if output == "-" and sys.stdout is None:
            raise OSError("closed")
        if output == "-":
            yield sys.stdout.buffer.writelines
            sys.stdout.buffer.flush()
        elif path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file.writelines
        else:
            with _until_ended() as watched, replacing(path) as part:
                yield lambda pieces: part.writelines(watched(pieces))
    except BrokenPipeError:
        raise
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise MockserverError(output, problem, "a place that can be written to") from None


@contextmanager
def _until_ended() -> Iterator[Callable[[Iterable[bytes]], Iterator[bytes]]]:
    """Have SIGTERM end the run between two pieces, so that no part of a file stays behind.

    The signal leaves nothing but a mark: what a handler raises comes out wherever the run is, and is lost in a
    finalizer or a tracer. Only for what never blocks, since a write that waits for its reader would wait on.
    """
    marks: dict[int, FrameType | None] = {}

    def watched(pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if marks:
                sys.exit(128 + signal.SIGTERM)  # what shells report of a run that the signal ended
            yield piece

    before = signal.signal(signal.SIGTERM, marks.setdefault)
    try:
        yield watched
    finally:
        signal.signal(signal.SIGTERM, before)


def _watched(logs: TenantLogs, skip: int, output: str) -> Iterable[bytes]:
    """The logs behind the first ``skip``, told by a bar unless they themselves go to the terminal."""
    total = logs.count(EVERYTHING)
    chosen = logs.slice(EVERYTHING, skip, total)
    return chosen if output == "-" and sys.stdout.isatty() else bar("Writing logs", max(0, total - skip), chosen)
