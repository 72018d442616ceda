"""Requests as a test looks back at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload
from urllib.parse import parse_qsl

from mockserver.mock.expectations import read_expectation
from mockserver.mock.journal import Entry


@dataclass(frozen=True, slots=True, repr=False)
class Exchange:
    """One request and how it was answered.

    ``time`` in seconds since 1970; ``method`` as sent; ``path`` is behind the tenant's prefix; ``query`` and
    ``headers`` (lower-case names) are as sent, of a repeated name the first; ``status`` is None where no status line
    was sent; ``faults`` are the texts of the rules that struck; ``line`` is all of it to be read, credentials masked.
    """

    time: float
    method: str
    path: str
    query: Mapping[str, str] = field(hash=False)
    headers: Mapping[str, str] = field(hash=False)
    status: int | None
    faults: tuple[str, ...]
    line: str

    def __repr__(self) -> str:
        return f"<{self.line}>"


class Requests(Sequence[Exchange]):
    """What was asked so far, oldest first; it does not change, so ask ``logto_mock.requests`` again for what is new."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._exchanges = tuple(map(_exchange, self._entries))

    def __repr__(self) -> str:
        return f"Requests({list(self._exchanges)!r})"

    def __str__(self) -> str:
        return "\n".join(each.line for each in self)

    def __len__(self) -> int:
        return len(self._exchanges)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | Sequence[Exchange]:
        return self._exchanges[index]

    def matching(self, **wanted: Any) -> list[Exchange]:
        """The exchanges that are as wanted, by the fields of an expectation: method, path, query, headers, status,
        fault.

        Raises MockserverError that lists the known fields.
        """
        expected = read_expectation(wanted)
        return [_exchange(entry) for entry in expected.matching(self._entries)]

    def verify(self, **wanted: Any) -> None:
        """Raise AssertionError, with a sentence that tells the difference, unless as many match as expected.

        How many: ``times``, or ``at_least`` (1 unless given) and ``at_most``.
        """
        __tracebackhide__ = True
        sentence = read_expectation(wanted).verdict(self._entries)
        if sentence is not None:
            raise AssertionError(sentence)


def _exchange(entry: Entry) -> Exchange:
    request = entry.request
    query = dict(reversed(parse_qsl(request.query, keep_blank_values=True)))
    headers = dict(reversed(request.headers))
    return Exchange(entry.time, request.method, entry.path, query, headers, entry.status, entry.faults, _line(entry))


def _line(entry: Entry) -> str:
    shown = entry.shown()
    target = shown["path"] + (f"?{shown['query']}" if shown["query"] else "")
    answer = "no status line" if entry.status is None else str(entry.status)
    struck = f" by {' and '.join(entry.faults)}" if entry.faults else ""
    return f"{entry.id}. {entry.request.method} {target} -> {answer}{struck}"
