"""Listening: the socket, how many connections it may have and for how long, and the accepting of clients.

*Why accept by hand.* When a process has no descriptor left, asyncio 3.11 logs an error and tries again at once, for
ever: the loop spins and nobody is served. Here the server stops accepting instead, says so once, and goes on when a
connection ends. Who comes in the meantime waits in the backlog of the system.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.contract.errors import MockserverError

_log = logging.getLogger("mockserver")
# Descriptors that are kept for files and the loop itself, at most.
_RESERVED = 64
# Clients that are accepted in one turn of the loop, in about 3 ms. Who waits in the backlog is behind all requests of
# those who were accepted: of 500 who come at once, the last waits eight turns.
_TURN = 64
# Seconds until accepting is tried again when others in this process have all the descriptors.
_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a client may take.

    ``idle`` between requests, ``request`` to send a whole one, ``reply`` to take a piece of the answer, ``linger`` to
    stop talking after a refusal. 75 s outlast the idle pools of most clients.
    """

    idle: float = 75.0
    request: float = 20.0
    reply: float = 30.0
    linger: float = 1.0


def most_connections() -> int | None:
    """How many connections the descriptors of this process allow; None where the system sets no limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if limit == resource.RLIM_INFINITY else max(1, limit - min(_RESERVED, limit // 2))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that does not block; port 0 picks a free one; the host may stand in brackets.

    Raises MockserverError when the address cannot be had.
    """
    remedy = "choose another with --port (0 picks a free one) or --host"
    if not host:
        raise MockserverError(
            "host", "an empty text", "an address to listen on", "0.0.0.0 is every address of this machine"
        )
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        family, *_, address = found[0]
        is_dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        listener = socket.create_server(address, family=family, backlog=1024, dualstack_ipv6=is_dual)
    except (OSError, UnicodeError) as error:
        # A name that no domain can have does not get as far as the resolver. Python adds to a text what it tried.
        reason = (getattr(error, "strerror", None) or "no host name").partition(" (while")[0].lower()
        raise MockserverError(f"{host}:{port}", reason, "an address to listen on", remedy) from None
    listener.setblocking(False)
    return listener


def url_of(host: str, port: int, scheme: str = "http") -> str:
    """The base URL that reaches a listener on ``host`` from the same machine, without a trailing slash."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # reached by loopback
    return f"{scheme}://[{reached}]:{port}" if ":" in reached else f"{scheme}://{reached}:{port}"


class Acceptor:
    """Accepts the clients of a listener while there is room; ``connect`` makes the protocol of one client.

    With ``tls``, a client that has not said hello within ``patience.request`` is let go.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        connect: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None,
        patience: Patience,
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._connect = connect
        self._tls = tls
        self._patience = patience
        self._most = most_connections()
        self._count = 0
        self._is_accepting = self._has_warned = self._was_plain = False
        self._coming: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Accept whoever comes, unless the port is closed."""
        if self._listener.fileno() >= 0:
            self._is_accepting = True
            self._loop.add_reader(self._listener, self._accept)

    def pause(self) -> None:
        """Leave whoever comes in the backlog."""
        self._is_accepting = False
        self._loop.remove_reader(self._listener)

    def left(self) -> None:
        """A connection has ended: its descriptor is free."""
        self._count -= 1
        if not self._is_accepting:
            self.start()

    async def stop(self) -> None:
        """Close the port, and end what is between accepting and connected."""
        self.pause()
        self._listener.close()
        # A task that is cancelled before it has begun would leave its socket open.
        await asyncio.sleep(0)
        for coming in self._coming:
            coming.cancel()
        if self._coming:
            await asyncio.wait(self._coming)

    def _accept(self) -> None:
        for _ in range(_TURN):
            if self._most is not None and self._count >= self._most:
                self._warn(f"{self._most} connections are open, which is all that the limit of open files allows")
                return
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                # The client has gone already, or others in this process have all the descriptors.
                self._warn(f"no client can be accepted: {(error.strerror or str(error)).lower()}")
                self._loop.call_later(_PAUSE, self.start)
                return
            self._take(client)

    def _take(self, client: socket.socket) -> None:
        self._count += 1
        client.setblocking(False)
        # Without it the end of a reply in several pieces waits 40 ms for a delayed acknowledgement.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        coming = self._loop.create_task(self._welcome(client))
        self._coming.add(coming)
        coming.add_done_callback(self._coming.discard)

    async def _welcome(self, client: socket.socket) -> None:
        """Connect a client, with TLS after a handshake; one that breaks it off, or is too slow, has left."""
        timeouts: dict[str, float] = {}
        if self._tls is not None:
            timeouts = {"ssl_handshake_timeout": self._patience.request, "ssl_shutdown_timeout": self._patience.reply}
        try:
            await self._loop.connect_accepted_socket(self._connect, client, ssl=self._tls, **timeouts)
        except (OSError, asyncio.CancelledError) as error:
            self.left()
            if getattr(error, "reason", "") == "HTTP_REQUEST" and not self._was_plain:
                self._was_plain = True
                _log.warning("a client spoke plain http, and was let go: this server speaks https")

    def _warn(self, why: str) -> None:
        self.pause()
        if not self._has_warned:
            self._has_warned = True
            _log.warning("%s: further clients wait until one leaves; `ulimit -n` raises the limit", why)
