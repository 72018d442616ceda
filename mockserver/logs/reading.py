"""Files of logs, read log by log: JSON lines, or one JSON array as a deployment answers it, in UTF-8.

*Problem.* A file may be huge, broken, or no file of logs at all, and a server that reads it again must go on.

*Idea.* A file is read piece by piece, and never held whole. The JSON library would parse an array in one turn, during
which no other thread runs. So an array is cut into the texts of its items by the scanner of the standard library, which
says where a value ends; each text is then read as strictly as a line. One look at the first bytes tells an array from
lines, and from what is not meant to be read here: another encoding, a compressed file, a HAR.

*Bounds.* A log has up to ``LONGEST`` bytes. Reading ends after ``MOST_BAD_LINES`` problems, after the first text in an
array that is no JSON (where the next item begins is unknown then), and in a line without end.
"""

from __future__ import annotations

import io
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from json import JSONDecoder
from pathlib import Path
from typing import IO, Any, NamedTuple

from mockserver.contract.document import Problem, contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.logs.row import Row, newest_first
from mockserver.logs.source import Watch, unwatched

# The largest log seen of a real deployment has 3.8 kB; a longer text than this is a mistake, not a log.
LONGEST = 1_000_000
MOST_PROBLEMS = 20
# No file of logs has these. Reading ends there, because a device such as /dev/zero never ends.
MOST_BYTES_A_LINE, MOST_BAD_LINES = 100 * LONGEST, 10_000

_EXPECTED = "a file of logs: JSON lines or one JSON array, in UTF-8"
# What the first bytes of another file look like, what it is, and what to do ({} is its name).
_OTHERS = (
    (rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]", "UTF-16 text", "iconv -f UTF-16 -t UTF-8 {} > logs.jsonl"),
    (rb"\x1f\x8b", "a gzip file", "gunzip -c {} > logs.jsonl"),
    (rb"[^\0]*+\0", "a binary file", "name a file of logs, or a source: `mockserver sources` lists them"),
    (rb'\s*+\{\s*+"log"\s*+:\s*+\{', "a HAR, which holds requests", "mockserver record {} -o logs.jsonl"),
    (rb"\s*+\{[ \t\r]*+\n\s*+[^{\s]", "JSON that is spread over lines", "jq -c . {} > logs.jsonl"),
)
_BLANK = re.compile(r"[ \t\r\n]*+")
_PIECE = 64 * 1024

# Where an item is, as ``:LINE`` or ``[NUMBER]``, and its text or what is wrong.
Placed = tuple[str, bytes | MockserverError]


class BadLine(NamedTuple):
    """One problem of a file, as one line. ``is_log``: a deployment could have stored the log, since it is an object
    with a text for its id and a number for createdAt."""

    text: str
    is_log: bool = False

    def __str__(self) -> str:
        return self.text


def listing(problems: Sequence[object]) -> str:
    """Return the first 20 problems, one a line, and how many more there are."""
    more = len(problems) - MOST_PROBLEMS
    return "\n".join([*map(str, problems[:MOST_PROBLEMS]), *([f"and {more} more"] if more > 0 else [])])


def read_file(
    path: Path, watch: Watch = unwatched, known: dict[bytes, Row] | None = None
) -> tuple[list[Row], list[BadLine]]:
    """Return the rows of a file, newest first, and its problems.

    ``watch`` sees each item pass. ``known`` holds the rows of an earlier reading, and then those of this one, by the
    digests of their texts: a text that did not change is not parsed again. Raises MockserverError when the file cannot
    be read.
    """
    rows: list[Row] = []
    problems: list[BadLine] = []
    first_places: dict[str, str] = {}
    before, known = dict(known or {}), {} if known is None else known
    known.clear()
    try:
        for place, item in watch("Reading logs", path.stat().st_size // 1000, items(path)):
            if isinstance(item, MockserverError):
                problems.append(BadLine(str(item)))
                continue
            digest = blake2b(item, digest_size=16).digest()
            row, found = (before[digest], []) if digest in before else _check(item)
            if row is not None:
                rows.append(row)
                first = first_places.setdefault(row.id, place)
                if first is not place:
                    again = Problem("id", f"{row.id!r} again, first at {path}{first}", "ids that are unique")
                    problems.append(BadLine(f"{path}{place}: {again}"))
                if row.valid:
                    known[digest] = row
            problems += [BadLine(f"{path}{place}: {problem}", row is not None) for problem in found]
            if len(problems) >= MOST_BAD_LINES:
                break
    except (OSError, ValueError) as error:
        raise unreadable(path, error, _EXPECTED) from None
    return newest_first(rows), problems


def unreadable(path: Path, error: OSError | ValueError, expected: str) -> MockserverError:
    """Return what to tell the user about a file that cannot be read."""
    if isinstance(error, ValueError):
        # Python raises this for a NUL in a name.
        return MockserverError(repr(str(path)), str(error), "the name of a file")
    if path.is_dir():
        return MockserverError(str(path), "a directory", expected, "name one file in it")
    return MockserverError(str(path), (error.strerror or str(error)).lower(), expected)


def items(path: Path) -> Iterator[Placed]:
    """Yield the items of a file with their places, or the one error that says what the file is instead."""
    with path.open("rb") as file:
        if file.peek(3)[:3] == b"\xef\xbb\xbf":  # the byte order mark of UTF-8, which some editors write
            file.read(3)
        head = file.peek(_PIECE)
        for pattern, found, remedy in _OTHERS:
            if re.match(pattern, head):
                yield "", MockserverError(str(path), found, _EXPECTED, remedy.format(path))
                return
        if head.lstrip().startswith(b"["):
            yield from _array(JsonReader(file), path)
            return
        is_empty = True
        for number, line in enumerate(_lines(file), 1):
            if line.strip():
                is_empty = False
                yield f":{number}", line
        if is_empty:
            yield "", MockserverError(str(path), "an empty file", _EXPECTED, "[] is a file without logs")


def _array(reader: JsonReader, path: Path) -> Iterator[Placed]:
    """Yield each item of an array with its number from 0; the error of the array is the last."""
    number = -1
    try:
        for number, (text, _) in enumerate(reader.elements()):
            yield f"[{number}]", text.encode(errors="surrogateescape")
    except (ValueError, RecursionError) as error:
        yield "", MockserverError(f"{path}[{number + 1}]", f"no JSON ({no_json(error)})", "a JSON array of logs")
        return
    if reader.mark():
        yield "", MockserverError(str(path), "more text behind the array", "one JSON array")


def _lines(file: io.BufferedReader) -> Iterator[bytes]:
    """Yield the lines of a file, each cut one byte over the bound, so that a huge line costs no memory.

    Nothing comes behind a line that does not end.
    """
    while line := file.readline(LONGEST + 1):
        yield line
        read = 0
        while len(line) > LONGEST and not line.endswith(b"\n"):
            read += len(line)
            if read > MOST_BYTES_A_LINE:
                return
            line = file.readline(LONGEST + 1)


def no_json(error: ValueError | RecursionError) -> str:
    """Return in a few words why a ``JsonReader`` could not go on."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(getattr(error, "msg", error)).lower()


class JsonReader:
    """A JSON text that is read from a file value by value.

    A value of more than ``longest`` characters is an error. ``_text`` holds what is read and not yet passed, from
    ``_at`` on.
    """

    def __init__(self, file: IO[bytes], longest: int = LONGEST) -> None:
        # Bytes that are no UTF-8 come through, so that the item which has them is named.
        self._decode = getincrementaldecoder("utf-8")("surrogateescape").decode
        self._file = file
        self._longest = longest
        self._scan = JSONDecoder().raw_decode
        self._text, self._at = "", 0

    def elements(self) -> Iterator[tuple[str, Any]]:
        """Yield the text and the value of each element of the array that begins here; raises ValueError where it is
        none, and RecursionError."""
        self.expect("[")
        closing = self.passes("]")
        while not closing:
            yield self.take()
            closing = self.passes("]")
            if not (closing or self.passes(",")):
                raise ValueError("neither a comma nor ] before it")

    def take(self) -> tuple[str, Any]:
        """Return the text and the value that begins here, and pass it."""
        self.mark()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, RecursionError):
                if len(self._text) - self._at > self._longest:
                    raise ValueError(f"over {self._longest:,} characters") from None
                if not self._read():
                    raise
                continue
            # A number at the end of what is read may go on.
            if end < len(self._text) or not self._read():
                break
        text, self._at = self._text[self._at : end], end
        return text, value

    def expect(self, mark: str) -> None:
        """Pass this character; raises ValueError if it is not the next one."""
        if not self.passes(mark):
            raise ValueError(f"no {mark} where there must be one")

    def passes(self, mark: str) -> bool:
        """Pass this character, if it is the next one."""
        is_next = self.mark() == mark
        self._at += is_next
        return is_next

    def mark(self) -> str:
        """Return the next character that is not blank; an empty text at the end of the file."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def _read(self) -> bool:
        """Read the next piece; whether there was one. A long value comes in pieces that double, since each piece lets
        it be scanned again."""
        piece = self._file.read(max(_PIECE, len(self._text) - self._at))
        more = self._decode(piece, final=not piece)
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(piece or more)


def _check(text: bytes) -> tuple[Row | None, list[Problem]]:
    """Return the row of an item (None when no deployment could have stored it) and its problems."""
    if len(text.removesuffix(b"\n")) > LONGEST:
        return None, [Problem("", f"over {LONGEST:,} bytes", "a log")]
    try:
        log = decode(text)
    except ValueError as error:
        return None, [Problem("", f"no JSON ({error})", "one JSON object")]
    problems = contract().problems(log)
    is_log = isinstance(log, dict) and type(log.get("id")) is str and type(log.get("createdAt")) in (int, float)
    return Row.of(log, valid=not problems) if is_log else None, problems
