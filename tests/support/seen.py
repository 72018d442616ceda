"""What a client sees of one answer: every byte that arrived, and how the connection ended."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Seen:
    """``raw``: all bytes; ``end``: closed or reset by the server; ``seconds``: from connecting until then."""

    raw: bytes
    end: Literal["closed", "reset"]
    seconds: float

    @property
    def status(self) -> int:
        """Returns the status of the answer, 0 if no answer arrived."""
        return int(self.raw[9:12]) if self.raw.startswith(b"HTTP/1.1 ") else 0

    @property
    def body(self) -> bytes:
        """Returns the bytes behind the head."""
        return self.raw.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str | None:
        """Returns the value of a header, or None; ``name`` is in lower case."""
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {field.lower(): value for field, _, value in (line.partition(": ") for line in lines)}.get(name)


def see(port: int, target: str, headers: tuple[tuple[str, str], ...] = (), method: str = "GET") -> Seen:
    """Sends one request with the good token and reads until the connection ends."""
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
