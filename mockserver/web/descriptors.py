"""Descriptors: a connection of this process that a server keeps to itself, found by who is at its ends."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress

_OPEN = "/dev/fd"


def connection_to(peer: str, port: int) -> socket.socket | None:
    """A handle of its own on the connection from ``peer`` (``host:port``) to ``port``; None where there is none (any
    more)."""
    for name in os.listdir(_OPEN):
        with suppress(OSError):
            if stat.S_ISSOCK(os.stat(f"{_OPEN}/{name}").st_mode):
                found = socket.socket(fileno=os.dup(int(name)))
                if _is(found, peer, port):
                    return found
                found.close()
    return None


def _is(found: socket.socket, peer: str, port: int) -> bool:
    if found.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    try:
        return found.getsockname()[1] == port and shown(found.getpeername()) == peer
    except OSError:
        return False


def shown(address: tuple[object, ...]) -> str:
    """An address as ``host:port``, that of IPv6 in brackets."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
