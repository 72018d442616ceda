"""A forward proxy: it opens tunnels, and forwards requests that name the whole URL."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Forwarded:
    """What a proxy was asked: a line for each tunnel or request, and the account that each showed.

    ``refusal`` is the status of every answer, if it is not 0. ``elsewhere`` are the real places of names.
    """

    url: str = ""
    lines: list[str] = field(default_factory=list)
    accounts: list[str | None] = field(default_factory=list)
    refusal: int = 0
    elsewhere: dict[str, str] = field(default_factory=dict)


@contextmanager
def proxying(refusal: int = 0, **elsewhere: str) -> Iterator[Forwarded]:
    """Runs a proxy on a free port."""
    forwarded = Forwarded(refusal=refusal, elsewhere=elsewhere)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        rbufsize = 0  # what comes behind the head of a CONNECT is for the origin

        def _note(self) -> bool:
            forwarded.lines.append(f"{self.command} {self.path}")
            forwarded.accounts.append(self.headers.get("Proxy-Authorization"))
            if forwarded.refusal:
                self.send_response(forwarded.refusal)
                self.send_header("Content-Length", "0")
                self.end_headers()
            return not forwarded.refusal

        def do_CONNECT(self) -> None:
            if self._note():
                host, _, port = self.path.rpartition(":")
                with socket.create_connection((forwarded.elsewhere.get(host, host), int(port)), 10) as origin:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    _relay(self.connection, origin)
                self.close_connection = True

        def _forward(self) -> None:
            if self._note():
                parts = urlsplit(self.path)
                target = parts._replace(scheme="", netloc="").geturl()
                kept = [f"{name}: {value}" for name, value in self.headers.items() if name != "Proxy-Authorization"]
                head = "\r\n".join([f"{self.command} {target} HTTP/1.1", *kept, "Connection: close", "", ""])
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                place = (forwarded.elsewhere.get(parts.hostname or "", parts.hostname), parts.port)
                with socket.create_connection(place, 10) as origin:
                    origin.sendall(head.encode() + body)
                    _relay(self.connection, origin)
                self.close_connection = True

        do_GET = do_HEAD = do_OPTIONS = do_POST = _forward

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    forwarded.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield forwarded
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _relay(client: socket.socket, origin: socket.socket) -> None:
    """Hands bytes on in both directions until one side ends."""
    other = {client: origin, origin: client}
    while True:
        for ready in select.select([client, origin], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            other[ready].sendall(data)
