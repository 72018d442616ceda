"""The front as an application of RSGI, granian's own interface: requests in, replies out, faults obeyed."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from mockserver.edge.descriptors import connection_to
from mockserver.edge.front import Front, ReplyCache, opened, timed
from mockserver.edge.sending import PIECE, head_of, headers_of, is_bodiless, paced, reset_at_close
from mockserver.edge.wsgi import PATH_SAFE, environ_of
from mockserver.http.cors import CORS
from mockserver.http.head import BODY_LIMIT, FRAMING, Head, Malformed, body_length
from mockserver.http.message import Headers, Reply, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# The most seconds for granian to let go of a connection that was ended under it.
_PATIENCE = 1.0


class _Whole(NamedTuple):
    """A plain reply in the arguments of RSGI."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Application:
    """What granian calls, once a request, all in one thread."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._memory: ReplyCache[_Whole] = ReplyCache(front)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        began = time.perf_counter()
        headers = tuple(scope.headers.items())
        key = (scope.http_version, scope.method, scope.path, scope.query_string, headers, scope.authority)
        recalled = self._memory.recall(key)
        if recalled is not None:
            protocol.response_bytes(*recalled[0])
            timed(recalled[1], began)
            return
        framed = any(name in FRAMING for name, _ in headers)
        try:
            _check_host(headers, scope.http_version)
            body = await _body(headers, protocol) if framed else b""
        except Malformed as refusal:
            protocol.response_empty(refusal.status, [*CORS])
            return
        request = _request(scope, headers)
        answered = self._front.answer(request)
        if answered is None:
            protocol.response_bytes(*_called(self._front.behind, _environ(request, scope, body)))
            return
        reply = opened(answered.reply)
        try:
            if answered.validity is None:
                await _obey(reply, request.method, scope, protocol)
                return
            whole = _whole(reply, request.method)
            # An equal head may come with another body, which is to be read.
            if not framed:
                self._memory.keep(key, answered.validity, whole)
            protocol.response_bytes(*whole)
        finally:
            timed(answered.entry, began)


async def _body(headers: Headers, protocol: Any) -> bytes:
    """The whole body: one that is left unread would cost the client its connection. Raises Malformed (400 or 413)."""
    length = body_length(Head("", "", "1.1", headers))
    whole = bytearray()
    async for piece in protocol:
        whole += piece
        if len(whole) > BODY_LIMIT:
            raise Malformed(413)
    # granian ends a body that breaks off as it ends a whole one.
    if length is not None and len(whole) < length:
        raise Malformed(400)
    return bytes(whole)


def _check_host(headers: Headers, version: str) -> None:
    """Raise Malformed (400) for what granian lets pass: no Host (but in HTTP/1.0), or two (RFC 9112, 3.2)."""
    hosts = sum(name == "host" for name, _ in headers)
    if hosts > 1 or (hosts == 0 and version != "1"):
        raise Malformed(400)


def _request(scope: Any, headers: Headers) -> Request:
    # RSGI gives the path decoded: what it cannot hold as it is, is encoded again.
    path = quote(scope.path.encode("utf-8", "surrogateescape"), PATH_SAFE)
    target = f"{path}?{scope.query_string}" if scope.query_string else path
    host = scope.authority or next((value for name, value in headers if name == "host"), "") or scope.server
    return Request(scope.method, target, headers, f"{scope.scheme}://{host}", scope.authority is not None)


def _whole(reply: Reply, method: str) -> _Whole:
    body = b"" if method == "HEAD" or is_bodiless(reply.status) else reply.content()
    return _Whole(reply.status, headers_of(reply), body)


async def _obey(reply: Reply, method: str, scope: Any, protocol: Any) -> None:
    """Send as the reply says: plainly, in pieces over a time, or past granian where the connection ends otherwise."""
    sending, body = reply.sending, reply.body
    if sending.wait and await _has_left(protocol, sending.wait):
        return
    if sending.end != "keep" or sending.raw is not None:
        await _end(reply, method, scope, protocol)
    elif sending.chunks == 1 and isinstance(body, bytes) and len(body) <= PIECE:
        protocol.response_bytes(*_whole(reply, method))
    else:
        stream = protocol.response_stream(reply.status, headers_of(reply))
        for seconds, piece in paced(reply, method):
            await asyncio.sleep(seconds)
            await stream.send_bytes(piece)


async def _has_left(protocol: Any, seconds: float) -> bool:
    """Wait so long, no longer than the client does."""
    try:
        await asyncio.wait_for(protocol.client_disconnect(), seconds)
    except TimeoutError:
        return False
    return True


async def _end(reply: Reply, method: str, scope: Any, protocol: Any) -> None:
    connection = connection_to(scope.client, int(scope.server.rpartition(":")[2]))
    if connection is None:
        return
    with connection, suppress(OSError):
        connection.setblocking(False)
        await _write(reply, method, connection)
        if reply.sending.end == "reset":
            reset_at_close(connection)
            # granian closes what it cannot read from any more; to end both ways would tell the client a plain end.
            connection.shutdown(socket.SHUT_RD)
        else:
            connection.shutdown(socket.SHUT_RDWR)
    with suppress(TimeoutError):
        await asyncio.wait_for(protocol.client_disconnect(), _PATIENCE)


async def _write(reply: Reply, method: str, connection: socket.socket) -> None:
    loop, sending = asyncio.get_running_loop(), reply.sending
    if sending.cut != -1:
        in_chunks = not isinstance(reply.body, bytes)
        more = (("Transfer-Encoding", "chunked"),) if in_chunks else ()
        await loop.sock_sendall(connection, head_of(reply.with_more(more)) + b"\r\n")
        for seconds, piece in paced(reply, method):
            await asyncio.sleep(seconds)
            # A chunk without a byte would be the end of the body, and encoders give such pieces.
            chunk = b"%x\r\n%b\r\n" % (len(piece), piece) if in_chunks and piece else piece
            await loop.sock_sendall(connection, chunk)
    if sending.raw is not None:
        await loop.sock_sendall(connection, sending.raw)


def _environ(request: Request, scope: Any, body: bytes) -> WSGIEnvironment:
    host, _, port = scope.server.rpartition(":")
    peer, _, peer_port = scope.client.rpartition(":")
    return environ_of(Head(request.method, request.target, "1.1", request.headers)) | {
        "SERVER_NAME": host, "SERVER_PORT": port, "REMOTE_ADDR": peer.strip("[]"), "REMOTE_PORT": peer_port,
        "wsgi.version": (1, 0), "wsgi.url_scheme": scope.scheme, "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


def _called(application: WSGIApplication, environ: WSGIEnvironment) -> _Whole:
    """The whole answer of a WSGI application that does not write by itself, as Flask does not."""
    told: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], trouble: Any = None) -> Any:
        told.append((int(status[:3]), headers))

    body = b"".join(application(environ, start_response))
    return _Whole(*told[0], body)
