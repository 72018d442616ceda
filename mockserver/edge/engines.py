"""Engines: what serves an app. One file an engine; the table below is the list of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, Self

from mockserver.mock.settings import EngineName

if TYPE_CHECKING:
    from flask import Flask


class Engine(Protocol):
    """A server of one app: bound when made, then in the main thread or, with ``start`` and ``stop``, in its own."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The base URL that reaches it from the same machine."""

    def serve_forever(self, ready: Callable[[], None] = ...) -> None:
        """Serve until SIGINT or SIGTERM, and tell ``ready`` once it answers."""

    def start(self) -> Self:
        """Serve in a thread; returns once it accepts."""

    def stop(self) -> None:
        """End what is under way, and leave no thread."""

    def __enter__(self) -> Self:
        """Start."""

    def __exit__(self, *_: object) -> None:
        """Stop."""


# Where each engine is made; imported when chosen, since each brings a library.
ENGINES: dict[EngineName, tuple[str, str]] = {
    "gevent": ("mockserver.edge.server", "Server"),
    "granian": ("mockserver.edge.fast", "FastServer"),
}


def engine(name: EngineName) -> Callable[[Flask, str, int], Engine]:
    """The engine of that name: app, host and port (0: any) make a server."""
    module, server = ENGINES[name]
    found: Callable[[Flask, str, int], Engine] = getattr(import_module(module), server)
    return found
