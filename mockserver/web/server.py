"""The server: gevent's pywsgi in one thread, one event loop, no monkey patching; the only importer of gevent."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import threading
import time
from http import HTTPStatus
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import gevent
import gevent.event
import gevent.pool
import gevent.socket
from gevent import pywsgi

from mockserver.web.cors import CORS
from mockserver.web.head import Head, Malformed
from mockserver.web.listening import listen, most_connections
from mockserver.web.requests import environ_of
from mockserver.web.wire import PATIENT, Patience, Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = logging.getLogger("mockserver")
# An answer that is sent while the client still talks is lost to a reset unless the talk is read: this much of it.
_DRAINED = 1024 * 1024


class _Whole(BytesIO):
    """A body that was read before the application runs: nothing is left for pywsgi to discard."""

    def _discard(self) -> None:
        pass


def _bare(status: int) -> bytes:
    """The whole bytes of an empty reply that closes the connection."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Connection: close", "Content-Length: 0"]
    lines += [f"{name}: {value}" for name, value in CORS]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Handler(pywsgi.WSGIHandler):  # type: ignore[misc]  # gevent brings no types
    """One connection: reads each request whole, gives the application the socket and the raw request, answers."""

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        self.socket = sock
        self.client_address = address
        self.server = server
        self.wire = Wire(sock, server.patience, gevent.sleep)

    def handle_one_request(self) -> bool | None:
        """Serves one request; True when the connection may bring another."""
        try:
            head = self.wire.head()
            if head is None:
                return None
            body = self.wire.body(head)
        except Malformed as refusal:
            self._refuse(refusal.status)
            return None
        except OSError:
            return None
        self._prepare(head, body)
        self.handle_one_response()
        return None if self.close_connection else True

    def _prepare(self, head: Head, body: bytes) -> None:
        self.socket.settimeout(self.server.patience.reply)
        self.request_version = "HTTP/" + head.version
        self.close_connection = head.version == "1.0" or head.has("connection", "close")
        self.wsgi_input = _Whole(body)
        self.application = self.server.application
        self.environ = self.server.get_environ()
        self.environ.update(environ_of(head))
        self.environ["REMOTE_ADDR"] = str(self.client_address[0])
        self.environ["REMOTE_PORT"] = str(self.client_address[1])
        self.environ["wsgi.input"] = self.wsgi_input
        self.environ["wsgi.input_terminated"] = True
        self.environ["mockserver.socket"] = self.socket
        self.environ["mockserver.sleep"] = self._sleep

    def _sleep(self, seconds: float) -> None:
        """Wait so long while others are served; raises ConnectionResetError as soon as the client is gone.

        Without that, clients that give up on a hanging server would hold its connections until the hang is over.
        """
        if seconds <= 0:
            gevent.sleep(0)
            return
        end = time.monotonic() + seconds
        try:
            gevent.socket.wait_read(self.socket.fileno(), timeout=seconds)
        except TimeoutError:
            return
        if not self.socket.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError(errno.ECONNRESET, "the client is gone")
        # It sends the next request already: from here on there is no telling when it goes.
        gevent.sleep(max(0, end - time.monotonic()))

    def _refuse(self, status: int) -> None:
        try:
            self.socket.sendall(_bare(status))
            self.socket.shutdown(socket.SHUT_WR)
            self._drain()
        except OSError:
            pass

    def _drain(self) -> None:
        left = _DRAINED
        self.socket.settimeout(self.server.patience.linger)
        while left > 0 and (data := self.socket.recv(65536)):
            left -= len(data)

    def finalize_headers(self) -> None:
        """Adds what HTTP needs, and says so when the connection ends here (RFC 9112, 9.6)."""
        super().finalize_headers()
        if self.close_connection and self.request_version == "HTTP/1.1":
            self.response_headers.append((b"Connection", b"close"))

    def _write_with_headers(self, data: bytes) -> None:
        """Head and first piece in one packet: pywsgi would send two."""
        self.headers_sent = True
        self.finalize_headers()
        lines = [b": ".join(pair) for pair in self.response_headers]
        head = b"\r\n".join([b"HTTP/1.1 " + self.status, *lines, b"", b""])
        if self.response_use_chunked:
            self._sendall(head)
            self._write(data)
        else:
            self._sendall(head + data)

    def handle_error(self, kind: Any, error: Any, trace: Any) -> None:
        """Ends the connection: silently when the client or a stop broke it, else after a 500 and a log line."""
        self.close_connection = True
        if issubclass(kind, (OSError, gevent.GreenletExit)):
            return
        _log.error("a defect of the mock, please report it: %r", error, exc_info=_log.isEnabledFor(logging.DEBUG))
        if not self.response_length:
            self._refuse(500)

    def log_request(self) -> None:
        """Writes nothing: the journal is the record of exchanges."""


class _Pywsgi(pywsgi.WSGIServer):  # type: ignore[misc]  # gevent brings no types
    handler_class = Handler

    def __init__(self, listener: socket.socket, app: WSGIApplication, patience: Patience) -> None:
        self.patience = patience
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
        self._wake: Any = None
        self.host: str
        self.port: int
        self.host, self.port = self._listener.getsockname()[:2]

    @property
    def url(self) -> str:
        """The base URL that reaches this server from the same machine, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # reached by loopback
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def serve_forever(self) -> None:
        """Serves until SIGINT or SIGTERM, then closes; for the main thread."""
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
            self._wake()
            self._thread.join()
            self._thread = None
        self._listener.close()

    def _in_thread(self, ready: threading.Event) -> None:
        hub = gevent.get_hub()
        stop = gevent.event.Event()
        waker = hub.loop.async_()
        waker.start(stop.set)
        self._wake = waker.send
        ready.set()
        _Pywsgi(self._listener, self._app, self._patience).run_until(stop)
        waker.stop()
        waker.close()
        hub.destroy(destroy_loop=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
