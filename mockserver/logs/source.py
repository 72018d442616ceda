"""Sources: where logs come from. Each source has a file of its own; the table below lists them.

All tenants share a source. ``logs(tenant)`` returns the logs of one tenant: an ordered sequence, newest first, which is
asked by position. It never changes, except that some sources grow with time (``at``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, TypeVar

from mockserver.contract import grammar
from mockserver.contract.errors import lookup
from mockserver.contract.filters import Filters
from mockserver.logs.row import Row

Item = TypeVar("Item")


class TenantLogs(Protocol):
    """The logs of one tenant as bytes of JSON: by createdAt, newest first."""

    def version(self) -> str:
        """Return a text that changes whenever any answer could change (for ETag)."""

    def count(self, filters: Filters) -> int:
        """Return how many logs match."""

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """Yield the matching logs from ``start`` to ``stop`` (excluded); positions count the matching logs from 0."""

    def text(self, filters: Filters, start: int, stop: int) -> bytes:
        """Return what ``slice`` yields, some hundreds of logs at most, with commas between."""

    def newer(self, filters: Filters, moment: float) -> int:
        """Return how many matching logs have a createdAt above ``moment`` (ms since 1970)."""

    def find(self, log_id: str) -> bytes | None:
        """Return the log with this id, or None."""

    def at(self, now: float) -> TenantLogs:
        """Return these logs as they are at ``now`` (s since 1970): the same object when nothing has changed."""


class Source(Protocol):
    """Where logs come from."""

    def logs(self, tenant: str) -> TenantLogs:
        """Return the logs of one tenant, with its own tenantId."""


class Watch(Protocol):
    """A function that reports progress, such as a progress bar."""

    def __call__(self, title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
        """Yield the same items (about ``total``) and report each as it passes."""


def unwatched(title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
    """Return the same items and report nothing."""
    return items


@dataclass(frozen=True, slots=True)
class Opening:
    """What a source needs when it is opened.

    ``now``: when generated logs end (s since 1970); ``growth``: how many logs come a second from then on;
    ``allow_invalid``: accept stored logs that break the contract; ``watch``: reports the progress of the opening;
    ``known``: what a file held when it was read before (see ``reading.read_file``).
    """

    now: float
    growth: float = 0.0
    allow_invalid: bool = False
    watch: Watch = unwatched
    known: dict[bytes, Row] = field(default_factory=dict)


class SourceKind(Protocol):
    """The record of one kind of source: its parameters, which are checked when it is made."""

    @property
    def file(self) -> str:
        """The user's file that the source reads; empty when it reads none."""

    def open(self, opening: Opening) -> Source:
        """Return the source. It may read files, and raises MockserverError when they are bad."""


# Module and record of each kind; a module is imported when its kind is used, because some need large libraries.
SOURCES = {
    "seeded": ("mockserver.logs.file", "Seeded"),
    "faker": ("mockserver.logs.traffic.source", "Faker"),
    "hypothesis": ("mockserver.logs.edges", "Hypothesis"),
}


def source_kind(name: str) -> type[Any]:
    """Return the record class of a kind of source. Raises MockserverError that lists the known kinds."""
    module, name = lookup("source", name, SOURCES)
    record: type[Any] = getattr(import_module(module), name)
    return record


def read_source(text: str) -> SourceKind:
    """Return the source that a text names: ``faker:count=50,seed=3``, or a file such as ``logs.jsonl``.

    A text that is no kind names a file when it has a dot or a slash, but no parameters. Raises MockserverError for an
    unknown kind, parameter or value.
    """
    name, values = ("seeded", {"path": text}) if _names_a_file(text) else grammar.parse(text)
    record: SourceKind = grammar.build(source_kind(name), name, values)
    return record


def _names_a_file(text: str) -> bool:
    if not isinstance(text, str) or text.partition(":")[0].strip() in SOURCES:
        return False
    return bool(re.search(r"[./\\]", text)) and "=" not in text
