"""A WSGI application that sends back what it got, or a reply from its table, and clients for it."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from typing import Any

from mockserver.contract.jsontext import encode
from mockserver.edge.sending import send
from mockserver.edge.server import Server
from mockserver.edge.wsgi import request_from
from mockserver.http.message import Reply, Sending, Stream

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


def echo(environ: dict[str, Any], start_response: Any) -> Any:
    """Sends the reply of the path in REPLIES; for another path, the request as JSON."""
    request = request_from(environ)
    if request.path == "/defect":
        raise ZeroDivisionError("a secret")
    body = environ["wsgi.input"].read().decode("latin-1")
    received = {"method": request.method, "target": request.target, "headers": request.headers, "body": body}
    reply = REPLIES.get(request.path) or Reply(
        200, (), encode(received | {"origin": request.origin, "path": environ["PATH_INFO"]})
    )
    return send(reply, environ, start_response)


def exchange(server: Server, data: bytes, shut: bool = False) -> bytes:
    """Sends bytes; returns everything that comes back until the server closes the connection."""
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
