"""A writer writes in a thread of its own: whoever reads slowly, or no more, holds nobody."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from mockserver.edge import terminal
from mockserver.edge.terminal import (
    Writer,
)


@contextmanager
def pipe(*, closed: bool = False) -> Iterator[tuple[int, Writer]]:
    """The end of a pipe to read, and a writer to its other end."""
    reads, writes = os.pipe()
    if closed:
        os.close(reads)
    with os.fdopen(writes, "w") as stream:
        yield reads, Writer(stream)
        if not closed:
            os.close(reads)


def test_a_writer_writes_all_before_it_is_closed() -> None:
    with pipe() as (reads, writer):
        writer.offer("a\n")
        writer.offer("ä\n")
        writer.close()
        assert os.read(reads, 99).decode() == "a\nä\n"
        assert writer.is_idle


def test_a_reader_that_has_left_or_a_closed_stream_costs_the_text_alone() -> None:
    with pipe(closed=True) as (_, writer):
        writer.offer("lost")
        writer.close()
        assert writer.is_idle
    closed = Writer(None)
    closed.offer("lost")
    closed.close()
    assert closed.is_idle


def test_a_pipe_that_nobody_reads_blocks_neither_who_writes_nor_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_PARTING", 0.01)
    with pipe() as (reads, writer):
        size = fcntl.fcntl(reads, fcntl.F_GETPIPE_SZ)
        for _ in range(100):
            writer.offer("x" * size)
        assert not writer.is_idle
        writer.close()
        os.set_blocking(reads, False)
        while not writer.is_idle:
            with suppress(BlockingIOError):
                os.read(reads, size)


def test_a_terminal_that_another_program_has_set_not_to_block_is_waited_for() -> None:
    with pipe() as (reads, writer):
        size = fcntl.fcntl(reads, fcntl.F_GETPIPE_SZ)
        os.set_blocking(writer._descriptor or 0, False)
        text = "".join(f"{number}," for number in range(size))
        writer.offer(text)
        read = b""
        while len(read) < len(text):
            read += os.read(reads, size)
        writer.close()
    assert read.decode() == text


def test_what_a_terminal_does_not_take_at_once_is_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []
    refusals = [BlockingIOError()]

    def write(descriptor: int, data: bytes) -> int:
        if refusals:
            raise refusals.pop()
        taken.append(data[:2])
        return 2

    monkeypatch.setattr(terminal, "TICK", 0)
    monkeypatch.setattr(terminal.os, "write", write)
    terminal._write(7, b"abcd")
    assert taken == [b"ab", b"cd"]


def test_a_letter_that_no_encoding_has_is_written_as_a_question_mark() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        writer = Writer(stream)
        writer.offer("a\udcffb\n")
        writer.close()
    with os.fdopen(reading, "rb") as end:
        assert end.read() == b"a?b\n"
