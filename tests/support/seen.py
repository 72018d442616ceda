"""What a client sees on the wire: every byte that came, and how the connection ended."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Seen:
    """``raw``: all bytes; ``end``: closed, or reset by the server; ``seconds`` until then."""

    raw: bytes
    end: Literal["closed", "reset"]
    seconds: float

    @property
    def status(self) -> int:
        """The status of the answer, 0 where none came."""
        return int(self.raw[9:12]) if self.raw.startswith(b"HTTP/1.1 ") else 0

    @property
    def body(self) -> bytes:
        """What came behind the head, as it came."""
        return self.raw.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str | None:
        """The value of the header called ``name`` (lower case), or None."""
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {found.lower(): value for found, _, value in (line.partition(": ") for line in lines)}.get(name)


def see(port: int, target: str, headers: tuple[tuple[str, str], ...] = (), method: str = "GET") -> Seen:
    """Ask once with the good token and read to the end."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Authorization: Bearer dev-token"]
    lines += [f"{name}: {value}" for name, value in headers]
    began, raw = time.perf_counter(), b""
    end: Literal["closed", "reset"] = "closed"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        try:
            while piece := client.recv(65536):
                raw += piece
        except ConnectionResetError:
            end = "reset"
    return Seen(raw, end, time.perf_counter() - began)
