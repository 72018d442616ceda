"""Sources: where logs come from. One file a source; the table below is the list of them.

A source is shared by all tenants. ``logs(tenant)`` gives the logs of one tenant: an ordered sequence, newest first,
which answers by position and never changes but by time (``at``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, TypeVar

from mockserver.contract import grammar
from mockserver.contract.errors import unknown
from mockserver.contract.filters import Filters

Item = TypeVar("Item")


class TenantLogs(Protocol):
    """The logs of one tenant, newest first by createdAt, ties by id ascending; each as the bytes of its JSON."""

    def version(self) -> str:
        """A text that changes whenever any answer could: for ETag."""

    def count(self, filters: Filters) -> int:
        """How many logs match."""

    def slice(self, filters: Filters, start: int, stop: int) -> Iterator[bytes]:
        """The matching logs at positions ``start`` to ``stop`` (excluded) of the matching ones; ends early past the
        last."""

    def newer(self, filters: Filters, moment: float) -> int:
        """How many matching logs have a createdAt above ``moment`` (ms since 1970)."""

    def find(self, log_id: str) -> bytes | None:
        """The log with this id, or None."""

    def at(self, now: float) -> TenantLogs:
        """These logs as they stand at ``now`` (seconds since 1970); itself for a source that does not grow."""


class Source(Protocol):
    """Where logs come from."""

    def logs(self, tenant: str) -> TenantLogs:
        """The logs of one tenant, with its own tenantId."""


class Watch(Protocol):
    """Somebody who is told how long work goes on, such as a progress bar."""

    def __call__(self, title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
        """The same items, told as they pass; about ``total`` are to come."""


def unwatched(title: str, total: int, items: Iterable[Item], /) -> Iterable[Item]:
    """The same items, told to nobody."""
    return items


@dataclass(frozen=True, slots=True)
class Opening:
    """What a source is told when it is opened.

    ``now``: the moment at which generated logs end (seconds since 1970); ``growth``: logs that come a second from then
    on; ``allow_invalid``: take stored logs that break the contract; ``watch``: who is told how far the opening is.
    """

    now: float
    growth: float = 0.0
    allow_invalid: bool = False
    watch: Watch = unwatched


class SourceKind(Protocol):
    """The record of one kind of source: its parameters, checked when made."""

    def open(self, opening: Opening) -> Source:
        """The source itself; may read files, and raises MockserverError where they are bad."""


# Where each kind is made; imported only when asked for, since some bring large libraries.
SOURCES = {
    "seeded": ("mockserver.logs.file", "Seeded"),
    "faker": ("mockserver.logs.traffic.source", "Faker"),
    "hypothesis": ("mockserver.logs.edges", "Hypothesis"),
}


def source_kind(name: str) -> type[Any]:
    """The record class of a kind of source; raises MockserverError that lists the known ones."""
    if name not in SOURCES:
        raise unknown("source", name, SOURCES)
    module, record = SOURCES[name]
    found: type[Any] = getattr(import_module(module), record)
    return found


def read_source(text: str) -> SourceKind:
    """The source that a text such as ``faker:count=50,seed=3`` names; raises MockserverError for what it does not
    know."""
    name, values = grammar.parse(text)
    record: SourceKind = grammar.build(source_kind(name), name, values)
    return record
