"""A front that answers as a table of replies says, or with what it got, and raw talk to its server."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any

from mockserver.contract.jsontext import encode
from mockserver.contract.profile import DOCUMENTED
from mockserver.edge.server import Server
from mockserver.edge.wsgi import request_from
from mockserver.http.message import Reply, Request, Sending, Stream
from mockserver.mock.exchange import Outcome

REPLIES = {
    "/long": Reply(200, (), b"x" * 600_000),
    "/stream": Reply(200, (), Stream(lambda: (b"piece" for _ in range(4)))),
    "/empty": Reply(200, (), b"body", Sending(cut=-1, end="close")),
    "/reset": Reply(200, (), b"body", Sending(cut=-1, end="reset")),
    "/reset-within": Reply(200, (), b"body", Sending(cut=2, end="reset")),
    "/truncate": Reply(200, (), b"body", Sending(cut=2, end="close")),
    "/truncated-stream": Reply(200, (), Stream(lambda: (b"body",)), Sending(cut=2, end="close")),
    "/garbage": Reply(200, (), b"", Sending(raw=b"\0\1\2", cut=-1, end="close")),
    "/dribble": Reply(200, (), b"abcd", Sending(over=0.02, chunks=4)),
    "/endless": Reply(200, (), Stream(lambda: iter(lambda: b"x" * 65536, b""))),
    "/hang": Reply(200, (), b"", Sending(wait=30, cut=-1, end="close")),
}


def echo_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """A WSGI application in Flask's place that answers with what it got."""
    request = request_from(environ)
    if request.path == "/defect":
        raise ZeroDivisionError("a secret")
    sent = {
        "method": request.method, "target": request.target, "headers": request.headers, "origin": request.origin,
        "path": environ["PATH_INFO"], "body": environ["wsgi.input"].read().decode("latin-1"),
    }  # fmt: skip
    start_response("200 OK", [])
    return [encode(sent)]


def nothing(request: Request) -> Reply | None:
    """Leave every request to the application."""
    return None


class Echo:
    """A front that answers as ``reply_to`` says, or leaves a request to the application."""

    def __init__(self, reply_to: Callable[[Request], Reply | None] = nothing, app: Any = echo_app) -> None:
        self.mock = SimpleNamespace(profile=DOCUMENTED)
        self.clock, self.forwarding = time.time, None
        self.reply_to = reply_to
        self.app = app

    def answer(self, request: Request) -> Outcome | None:
        """The reply, without an entry in any journal."""
        reply = self.reply_to(request)
        return None if reply is None else Outcome(reply, None)


echo = Echo(lambda request: REPLIES.get(request.path))


def exchange(server: Server, data: bytes, shut: bool = False) -> bytes:
    """Everything that comes back for these bytes until the server closes or has said nothing for a moment."""
    with socket.create_connection((server.host, server.port), timeout=30) as client:
        client.sendall(data)
        if shut:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer


def ask(
    server: Server, target: str = "/", method: str = "GET", **options: Any
) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=30)) as client:
        client.request(method, target, **options)
        response = client.getresponse()
        return response, response.read()


def alive(server: Server) -> bool:
    return ask(server)[0].status == 200
