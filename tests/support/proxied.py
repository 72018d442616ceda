"""A deployment behind the mock: the proxy in front of any server, and servers that answer as a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mockserver.edge.forwarding import Forwarding
from mockserver.edge.front import Front, open_front
from mockserver.edge.server import Server
from mockserver.edge.upstream import Upstream
from mockserver.judge.route import ENVIRONMENT, NetworkRoute, logs_address
from mockserver.judge.traffic import TrafficJudge
from mockserver.logs.file import SeededSource
from mockserver.mock.settings import Settings


def proxy_front(url: str, route: NetworkRoute = ENVIRONMENT, **settings: object) -> Front:
    """The front of ``mockserver proxy URL``."""
    front, deployment = open_front(Settings(**settings), SeededSource(())), Upstream(logs_address(url, route))  # type: ignore[arg-type]  # as given
    judge = TrafficJudge(deployment.logs, front.mock.settings.profile)
    front.forwarding, front.verdict = Forwarding(front.mock, front.clock, deployment, judge), judge.verdict
    return front


def beside_front(url: str, **settings: object) -> Front:
    """The front of ``mockserver serve --upstream URL``."""
    front = open_front(Settings(**settings))  # type: ignore[arg-type]  # as given
    front.forwarding = Forwarding(front.mock, front.clock, Upstream(logs_address(url)))
    return front


@contextmanager
def proxied(url: str, route: NetworkRoute = ENVIRONMENT, **settings: object) -> Iterator[Server]:
    """A running proxy in front of a deployment."""
    with Server(proxy_front(url, route, **settings)) as server:
        yield server


@contextmanager
def deployment(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """The URL of a server that does with each client what a test says, and then closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=handle, args=(client,), daemon=True).start()

    def handle(client: socket.socket) -> None:
        with client, suppress(OSError):
            act(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        # To close a socket wakes no thread that waits in it.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def head_from(client: socket.socket) -> bytes:
    """The head of one request, and what came with it."""
    data = b""
    while b"\r\n\r\n" not in data and (piece := client.recv(65536)):
        data += piece
    return data


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    """What sends these bytes behind the head of one request."""

    def act(client: socket.socket) -> None:
        head_from(client)
        client.sendall(answer)

    return act
