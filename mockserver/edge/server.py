"""The server: one thread and one event loop of plain asyncio.

One thread is why nothing in this house has a lock: whatever changes a tenant runs in the server's thread, between two
requests, and no reply sees half of a change. Other threads ask for such a turn by ``Server.call``.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mockserver.contract.errors import MockserverError
from mockserver.edge.command import Result, settle
from mockserver.edge.front import Front
from mockserver.edge.listening import Patience, listen, url_of
from mockserver.edge.serving import Beside, Note, Serving

if TYPE_CHECKING:
    from mockserver.mock.exchange import Mock

PATIENT = Patience()


def unheard(*_: object) -> None:
    """Tell nobody."""


async def nothing(stop: asyncio.Event) -> None:
    """Do nothing beside serving."""


class Server:
    """A front on one TCP port, bound when made; port 0 picks a free one.

    Either ``serve_forever()`` in the main thread until SIGINT or SIGTERM, or, as a context manager or with ``start()``
    and ``stop()``, in a thread of its own. Takes a front, or an app of ``create_app``. ``note`` hears of each exchange
    that has ended, with the size of the body that was sent; ``tls`` makes it serve HTTPS alone. Raises MockserverError
    when the address cannot be had.
    """

    def __init__(
        self,
        app: Any,
        host: str = "127.0.0.1",
        port: int = 0,
        patience: Patience = PATIENT,
        note: Note = unheard,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._front: Front = app.extensions["mockserver.front"] if hasattr(app, "extensions") else app
        self._patience = patience
        self._note = note
        self._tls = tls
        self._listener = listen(host, port)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._serving: Serving | None = None
        self.host: str
        self.port: int
        self.host, self.port = self._listener.getsockname()[:2]

    @property
    def mock(self) -> Mock:
        """The mock that is served; other threads reach it by ``call``."""
        return self._front.mock

    @property
    def url(self) -> str:
        """The base URL that reaches this server from the same machine, without a trailing slash."""
        return url_of(self.host, self.port, "https" if self._tls else "http")

    def serve_forever(
        self,
        ready: Callable[[], None] = unheard,
        loaded: Callable[[], object] = unheard,
        beside: Beside = nothing,
    ) -> None:
        """Serve until SIGINT or SIGTERM; for the main thread.

        Calls ``ready`` once clients are accepted, and ``loaded`` once Flask is imported, which is later. ``beside``
        runs in the same loop until the end, and can bring it about by its argument.
        """
        self._run(ready, loaded, beside, (signal.SIGINT, signal.SIGTERM))

    def _run(
        self,
        ready: Callable[[], None],
        loaded: Callable[[], object] | None = None,
        beside: Beside = nothing,
        signals: tuple[signal.Signals, ...] = (),
    ) -> None:
        # A selector on every system: the loop that Windows has otherwise cannot watch a listener.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            loop = self._loop = runner.get_loop()
            self._stop = asyncio.Event()
            serving = self._serving = Serving(self._front, self._listener, self._patience, self._note, self._tls, loop)
            with _ending(loop, self._stop, signals):
                runner.run(serving.run(self._stop, ready, loaded, beside))

    def start(self) -> Self:
        """Serve in a thread of its own; returns once clients are accepted."""
        started: Future[None] = Future()
        make = _NativeThread if _is_patched() else threading.Thread
        self._thread = make(target=partial(self._run_beside, started), name="mockserver", daemon=True)
        self._thread.start()
        _result(started)
        return self

    def _run_beside(self, started: Future[None]) -> None:
        try:
            self._run(partial(started.set_result, None))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    def stop(self) -> None:
        """Close the port, end what is under way, and leave no thread."""
        if self._thread is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None
        self._listener.close()

    def call(self, act: Callable[[], Result]) -> Result:
        """What ``act`` returns, or raises, in the server's thread between two requests; it must not wait.

        Raises MockserverError where no thread serves: never started, stopped, or left behind by a fork.
        """
        if self._thread is None or self._loop is None or not self._thread.is_alive():
            raise MockserverError("server", "no thread that serves", "a server that was started")
        outcome: Future[Result] = Future()
        self._loop.call_soon_threadsafe(settle, outcome, act)
        return _result(outcome)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _NativeThread(threading.Thread):
    """A thread of the system in a process that gevent has patched.

    gevent turns threads into greenlets of one system thread, where a second event loop beside ours, such as that of
    ``asyncio.run`` in a test, is refused. Who waits for this thread looks again and again, since gevent's locks know
    nothing of it.
    """

    def start(self) -> None:
        """Begin, by the function that gevent has replaced."""
        self._is_over = False
        sys.modules["gevent.monkey"].get_original("threading", "_start_new_thread")(self._run_to_the_end, ())

    def _run_to_the_end(self) -> None:
        try:
            self.run()
        finally:
            self._is_over = True

    def is_alive(self) -> bool:
        """Whether it runs."""
        return not self._is_over

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        while not self._is_over:
            time.sleep(0.001)


def _is_patched() -> bool:
    monkey: Any = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def _result(outcome: Future[Result]) -> Result:
    while _is_patched() and not outcome.done():
        time.sleep(0.001)
    return outcome.result()


@contextmanager
def _ending(
    loop: asyncio.AbstractEventLoop, stop: asyncio.Event, signals: tuple[signal.Signals, ...]
) -> Iterator[None]:
    """Have signals set ``stop`` while the block runs, and put their handlers back behind it."""
    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: a handler runs when the loop wakes up next
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
            _keep_awake(loop)
    try:
        yield
    finally:
        for number, handler in before.items():
            # Else the loop would put the default in its place when it closes, and a second Ctrl+C would end badly.
            with suppress(NotImplementedError):  # Windows has added none
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _keep_awake(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_later(0.2, _keep_awake, loop)
