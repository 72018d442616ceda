"""Raw HTTP over a real socket: what is sent is what a test says, what came back is read by the standard library."""

from __future__ import annotations

import http.client
import json
import re
import socket
import zlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its headers in order, its body as sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for found, value in self.headers if found.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found.lower() == name.lower()]

    def json(self) -> Any:
        encoding = self.header("content-encoding")
        body = zlib.decompress(self.body, 47 if encoding == "gzip" else 15) if encoding else self.body
        return json.loads(body)

    def links(self) -> dict[str, str]:
        """The target of each relation."""
        return {rel: url for value in self.all("link") for url, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', value)}


def raw(port: int, data: bytes, method: str = "GET") -> Answer:
    """Send bytes to a port of this machine and read one answer."""
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
    """Send one request whose target and headers go out as they are, with a Host where none is given."""
    pairs = list(headers or [])
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs.insert(0, ("Host", f"127.0.0.1:{port}"))
    lines = [f"{method} {target} HTTP/{version}", *(f"{name}: {value}" for name, value in pairs), "Connection: close"]
    return raw(port, "\r\n".join([*lines, "", ""]).encode("utf-8") + body, method)
