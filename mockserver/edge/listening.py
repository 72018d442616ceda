"""The listening socket, and how many connections it may have."""

from __future__ import annotations

import resource
import socket

from mockserver.contract.errors import MockserverError

# Descriptors kept for files and the listener, so that a full server queues clients instead of failing to accept.
_RESERVED_DESCRIPTORS = 64


def most_connections() -> int | None:
    """How many connections the descriptors of this process allow; None: any number."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if limit == resource.RLIM_INFINITY else max(1, limit - _RESERVED_DESCRIPTORS)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that does not block; port 0 picks a free one.

    Raises MockserverError when the address cannot be had.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted sockets inherit it; without it a reply waits 40 ms for a delayed acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listener.bind(address)
            listener.listen(1024)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        # A name that no domain can have does not get as far as the resolver.
        reason = (getattr(error, "strerror", None) or "no host name").lower()
        raise MockserverError(
            f"{host}:{port}",
            reason,
            "an address to listen on",
            "choose another with --port (0 picks a free one) or --host",
        ) from None
    return listener


def untold() -> None:
    """Tell nobody that a server is ready."""


def url_of(host: str, port: int) -> str:
    """The base URL that reaches a listener on ``host`` from the same machine, without a trailing slash."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # reached by loopback
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"
