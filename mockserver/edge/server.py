"""The server: gevent's pywsgi in one thread, one event loop, no monkey patching."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import gevent
import gevent.event
import gevent.pool
from gevent import pywsgi

from mockserver.edge.front import Front, ReplyCache
from mockserver.edge.handler import Handler
from mockserver.edge.listening import listen, most_connections, untold, url_of
from mockserver.edge.sending import Whole
from mockserver.edge.thread_calls import Result, call
from mockserver.edge.wire import PATIENT, Patience

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Pywsgi(pywsgi.WSGIServer):  # type: ignore[misc]  # gevent brings no types
    handler_class = Handler

    def __init__(self, listener: socket.socket, app: WSGIApplication, patience: Patience) -> None:
        self.patience = patience
        front = getattr(app, "wsgi_app", None)
        self.memory: ReplyCache[Whole] | None = ReplyCache(front) if isinstance(front, Front) else None
        # What a request without Host was sent to.
        self.authority = "{}:{}".format(*listener.getsockname()[:2])
        # SERVER_NAME given, or pywsgi asks the domain name system for it.
        super().__init__(
            listener,
            app,
            spawn=gevent.pool.Pool(most_connections()),
            log=None,
            environ={"SERVER_NAME": listener.getsockname()[0]},
        )

    def run_until(self, stop: gevent.event.Event) -> None:
        self.start()
        try:
            stop.wait()
        finally:
            # Idle connections never end by themselves: waiting for them would only make every stop slow.
            self.stop(timeout=0)


class Server:
    """A WSGI application on one TCP port, bound when made; port 0 picks a free one.

    Either ``serve_forever()`` in the main thread until SIGINT or SIGTERM, or, as a context manager or with ``start()``
    and ``stop()``, in a thread and an event loop of its own. Raises MockserverError when the address cannot be had.
    """

    def __init__(
        self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0, patience: Patience = PATIENT
    ) -> None:
        self._app = app
        self._patience = patience
        self._listener = listen(host, port)
        self._thread: threading.Thread | None = None
        self._soon: Any = None
        self._stop: Any = None
        self.host: str
        self.port: int
        self.host, self.port = self._listener.getsockname()[:2]

    @property
    def url(self) -> str:
        """The base URL that reaches this server from the same machine, without a trailing slash."""
        return url_of(self.host, self.port)

    def serve_forever(self, ready: Callable[[], None] = untold) -> None:
        """Tells ``ready``, serves until SIGINT or SIGTERM, then closes; for the main thread."""
        ready()
        stop = gevent.event.Event()
        watchers = [gevent.signal_handler(number, stop.set) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            _Pywsgi(self._listener, self._app, self._patience).run_until(stop)
        finally:
            for watcher in watchers:
                watcher.cancel()

    def start(self) -> Self:
        """Serves in a thread of its own; returns once it accepts."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._in_thread, args=(ready,), name="mockserver", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Closes the port, ends what is under way, and leaves no thread."""
        if self._thread is not None:
            self._soon(self._stop.set)
            self._thread.join()
            self._thread = None
        self._listener.close()

    def call(self, act: Callable[[], Result]) -> Result:
        """What ``act`` gives, or raises, in the server's thread between two requests: see ``calls.call``."""
        return call(self._thread, self._soon, act)

    def _in_thread(self, ready: threading.Event) -> None:
        from gevent import monkey  # `mockserver serve` is ready without it

        hub = gevent.get_hub()
        self._stop = gevent.event.Event()
        self._soon = hub.loop.run_callback_threadsafe
        ready.set()
        _Pywsgi(self._listener, self._app, self._patience).run_until(self._stop)
        # In a process that gevent has patched, the thread is a greenlet, and the loop is everybody's.
        if not monkey.is_module_patched("threading"):
            hub.destroy(destroy_loop=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
