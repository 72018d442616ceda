"""Peers that npm can install, serving the same logs: put into a folder of the user's cache when they are asked for."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from mockserver.sources import EVERYTHING, Opening, read
from tests.benchmarks import servers

Subject = TypeVar("Subject")

# Exact versions, so that two runs compare the same programs.
PACKAGES = ("json-server@0.17.4", "@stoplight/prism-cli@5.14.2")
_LOGS = 800


def subjects(stack: ExitStack, line: Callable[..., Subject]) -> Iterator[Subject]:
    """A line each: json-server with its own paging, Prism with examples of the document."""
    folder = _installed()
    data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    logs = read(f"faker:count={_LOGS}").open(Opening(1.8e9)).logs("default").slice(EVERYTHING, 0, _LOGS)
    (data / "db.json").write_bytes(b'{"logs":[' + b",".join(logs) + b"]}")
    (data / "routes.json").write_text('{"/api/*": "/$1"}')
    bins = folder / "node_modules" / ".bin"
    port = servers.free_port()
    command = [bins / "json-server", "--quiet", "-p", port, "-r", data / "routes.json", data / "db.json"]
    yield line("json-server, pages", stack.enter_context(servers.started(_texts(command), port)), _pages())
    port = servers.free_port()
    command = [bins / "prism", "mock", "-p", port, servers.ROOT / "openapi.yaml"]
    yield line("Prism, an example", stack.enter_context(servers.started(_texts(command), port)), ("/api/logs",))


def _pages() -> list[str]:
    return [f"/api/logs?_page={number + 1}&_limit=20" for number in range(_LOGS // 20)]


def _texts(command: list[object]) -> list[str]:
    return [str(part) for part in command]


def _installed() -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm: not found, expected on the PATH for --peers: install Node.js")
    folder = Path(tempfile.gettempdir()) / "mockserver-peers"
    folder.mkdir(exist_ok=True)
    subprocess.run([npm, "install", "--silent", "--no-audit", "--prefix", str(folder), *PACKAGES], check=True)
    return folder
