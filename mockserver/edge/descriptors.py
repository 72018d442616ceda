"""Descriptors: a connection of this process that a server keeps to itself, found by who is at its ends."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress

_OPEN = "/dev/fd"


def connection_to(peer: str, port: int) -> socket.socket | None:
    """A handle of its own on the connection from ``peer`` (``host:port``) to ``port``; None where there is none (any
    more)."""
    for found, other in _connections(port):
        if other == peer:
            return found.dup()
    return None


def end_connections(port: int) -> None:
    """End every connection to ``port``, whatever it is at."""
    for found, _ in _connections(port):
        with suppress(OSError):
            found.shutdown(socket.SHUT_RDWR)


def _connections(port: int) -> Iterator[tuple[socket.socket, str]]:
    """A handle on every connection of this process to that port, open until the next is asked for, and its peer."""
    for name in os.listdir(_OPEN):
        with suppress(OSError):
            if stat.S_ISSOCK(os.stat(f"{_OPEN}/{name}").st_mode):
                with socket.socket(fileno=os.dup(int(name))) as found:
                    if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                        yield found, shown(found.getpeername())


def shown(address: tuple[object, ...]) -> str:
    """An address as ``host:port``, that of IPv6 in brackets."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
