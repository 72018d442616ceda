"""One connection of the server: reads requests, answers the API's itself and hands the others to WSGI."""

from __future__ import annotations

import errno
import logging
import socket
import sys
import time
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket
from gevent import pywsgi

from mockserver.edge.front import ReplyCache, opened, timed
from mockserver.edge.sending import Whole, send, send_all, whole
from mockserver.edge.wire import Wire
from mockserver.edge.wsgi import environ_of, request_of
from mockserver.http.cors import CORS
from mockserver.http.head import Head, Malformed, read_head

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = logging.getLogger("mockserver")
# An answer that is sent while the client still talks is lost to a reset unless the talk is read: this much of it.
_DRAINED = 1024 * 1024


class _Read(BytesIO):
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
        self.response_length = 0
        try:
            text = self.wire.head()
            if text is not None:
                return self._again(text) or self._serve(text)
        except Malformed as refusal:
            self._refuse(refusal.status)
        except OSError:
            pass
        except Exception:
            self.handle_error(*sys.exc_info())
        return None

    def _again(self, text: bytes) -> bool:
        """Whether a remembered reply was sent to a request of just this text."""
        memory: ReplyCache[Whole] | None = self.server.memory
        began = time.perf_counter()
        recalled = memory and memory.recall(text)
        if not recalled:
            return False
        self.socket.settimeout(self.server.patience.reply)
        send_all(self.socket, recalled[0].at(time.time()))
        timed(recalled[1], began)
        return True

    def _serve(self, text: bytes) -> bool | None:
        head = read_head(text)
        body = self.wire.body(head)
        self.socket.settimeout(self.server.patience.reply)
        self.close_connection = head.closing or head.version == "1.0"
        if self.server.memory is None:
            self._respond(head, body, self.server.application)
        else:
            self._answer(text, head, body, self.server.memory)
        return None if self.close_connection else True

    def _answer(self, text: bytes, head: Head, body: bytes, memory: ReplyCache[Whole]) -> None:
        """Answer from the API, plainly where nothing is out of the ordinary; what it does not answer is Flask's."""
        began = time.perf_counter()
        answered = memory.front.answer(request_of(head, self.server.authority))
        if answered is None:
            self._respond(head, body, memory.front.behind)
        elif answered.validity is None or self.close_connection:
            self._respond(head, body, partial(send, opened(answered.reply)))
            timed(answered.entry, began)
        else:
            reply = whole(answered.reply, head.method)
            # An equal head may come with another body, which is to be read.
            if not head.framed:
                memory.keep(text, answered.validity, reply)
            send_all(self.socket, reply.at(time.time()))
            timed(answered.entry, began)

    def _respond(self, head: Head, body: bytes, application: WSGIApplication) -> None:
        self._prepare(head, body)
        self.application = application
        self.handle_one_response()

    def _prepare(self, head: Head, body: bytes) -> None:
        self.request_version = "HTTP/" + head.version
        self.wsgi_input = _Read(body)
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
        if self.environ["REQUEST_METHOD"] == "HEAD" and self.provided_content_length is None:
            # Of a body that is not sent pywsgi says that it is empty, or sends the end of its chunks, which the client
            # takes for the beginning of the next answer.
            self.response_use_chunked = False
            self.response_headers[:] = [
                pair for pair in self.response_headers if pair[0] not in (b"Content-Length", b"Transfer-Encoding")
            ]
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
