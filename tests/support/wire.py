"""Raw HTTP over a real socket: sends exactly the bytes of a test, and reads the answer with the standard library."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import brotli


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its headers in order, its body as it was sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.headers if field.lower() == name.lower()]

    def json(self) -> Any:
        encoding = self.header("content-encoding")
        if encoding == "br":
            return json.loads(brotli.decompress(self.body))
        body = zlib.decompress(self.body, 47 if encoding == "gzip" else 15) if encoding else self.body
        return json.loads(body)

    def links(self) -> dict[str, str]:
        """Returns the URL of each relation in Link."""
        return {rel: url for value in self.all("link") for url, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', value)}


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Returns when the condition holds; fails where it does not within so many seconds.

    A test waits by this alone: a loop of its own that happens to run no time is a line that nobody covers.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def is_open(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def raw(port: int, data: bytes, method: str = "GET") -> Answer:
    """Sends bytes to a port of this machine and reads one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response.status, response.getheaders(), response.read())


def request(
    port: int,
    target: str,
    headers: list[tuple[str, str]] | None = None,
    method: str = "GET",
    version: str = "1.1",
    body: bytes = b"",
) -> Answer:
    """Sends one request; target and headers are sent unchanged, and Host is added if it is missing."""
    pairs = list(headers or [])
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs.insert(0, ("Host", f"127.0.0.1:{port}"))
    lines = [f"{method} {target} HTTP/{version}", *(f"{name}: {value}" for name, value in pairs), "Connection: close"]
    return raw(port, "\r\n".join([*lines, "", ""]).encode("utf-8") + body, method)
