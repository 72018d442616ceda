"""The second edge: granian, for load beyond what the first carries; the only importer of granian.

Its HTTP is read and written in Rust, and the application runs in one thread of its own: the front, by the RSGI
interface. What it loses: requests come parsed, so that a percent-encoded letter of a path is a letter, a header whose
value is not ASCII is not there, and what is no HTTP is refused without headers for browsers. A fault that ends a
connection writes to its socket itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from mockserver.contract.errors import MockserverError
from mockserver.edge.descriptors import end_connections
from mockserver.edge.front import Front
from mockserver.edge.listening import listen, untold, url_of
from mockserver.edge.rsgi import Application

if TYPE_CHECKING:
    from flask import Flask

# The seconds that granian has to see that its connections have ended, before that is looked at again.
_PATIENCE = 0.1


class FastServer:
    """An app of ``create_app`` on one TCP port, with the same ways as ``server.Server``.

    Raises MockserverError when the address cannot be had, or granian is not installed.
    """

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0) -> None:
        try:
            from granian.server.embed import Server
        except ImportError:
            raise MockserverError(
                "engine granian", "no package granian", "it to be installed", "pip install 'mockserver[fast]'"
            ) from None
        front = app.wsgi_app
        if not isinstance(front, Front):
            raise TypeError("an app of create_app is served, no other")
        # granian binds when it begins, and tells neither a port in use nor the one it was given: asked beforehand.
        with listen(host, port) as listener:
            self.host: str = listener.getsockname()[0]
            self.port: int = listener.getsockname()[1]
        self._make: Any = lambda: Server(
            Application(front), self.host, self.port, websockets=False, log_enabled=False, backlog=1024, http=_http1()
        )
        self._thread: threading.Thread | None = None
        self._stop: Any = None

    @property
    def url(self) -> str:
        """The base URL that reaches this server from the same machine, without a trailing slash."""
        return url_of(self.host, self.port)

    def serve_forever(self, ready: Callable[[], None] = untold) -> None:
        """Serves until SIGINT or SIGTERM, then ends the process; for the main thread. Tells ``ready`` once it
        accepts."""
        asyncio.run(self._serve(ready, (signal.SIGINT, signal.SIGTERM)))
        _leave()

    def start(self) -> Self:
        """Serves in a thread of its own; returns once it accepts."""
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._in_thread, args=(started,), name="mockserver", daemon=True)
        self._thread.start()
        try:
            started.result()
        except MockserverError:
            self._thread = None
            raise
        return self

    def _in_thread(self, started: Future[None]) -> None:
        try:
            asyncio.run(self._serve(lambda: started.set_result(None), ()))
        except MockserverError as error:
            started.set_exception(error)

    def stop(self) -> None:
        """Closes the port, ends what is under way, and leaves no thread of ours."""
        if self._thread is not None:
            self._stop()
            self._thread.join()
            self._thread = None

    async def _serve(self, ready: Callable[[], None], signals: tuple[int, ...]) -> None:
        server, loop = self._make(), asyncio.get_running_loop()
        ending = asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(ending.set)
        for number in signals:
            loop.add_signal_handler(number, ending.set)
        serving = asyncio.create_task(server.serve())
        await asyncio.sleep(0)
        while not serving.done() and not _accepts(self.host, self.port):
            await asyncio.sleep(0.002)
        if serving.done():
            # Whoever accepts on the port is somebody else, who took it since it was asked for.
            # Behind the first line of what granian says comes a trace of Rust.
            found = str(serving.exception()).partition("\n")[0].lower()
            raise MockserverError(
                f"{self.host}:{self.port}", found, "a port that granian can have",
                "choose another with --port (0 picks a free one)",
            )  # fmt: skip
        serving.add_done_callback(lambda _: ending.set())
        ready()
        await ending.wait()
        server.stop()
        while not serving.done():
            # granian waits until every client is served, one that hangs included.
            end_connections(self.port)
            await asyncio.wait((serving,), timeout=_PATIENCE)
        await serving

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _leave() -> NoReturn:
    """End the process without ending the interpreter.

    granian's threads outlive its server for a moment; one that enters the interpreter while that ends makes Rust abort
    the process (seen in one stop of ten).
    """
    for stream in (sys.stdout, sys.stderr):
        # Python has none where it was closed before the start.
        with contextlib.suppress(OSError, AttributeError):
            stream.flush()
    os._exit(0)


def _http1() -> Any:
    from granian.constants import HTTPModes

    return HTTPModes.http1


def _accepts(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0
