"""The records of the table of peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.peers.corpus import Corpus, Question


@dataclass(frozen=True, slots=True)
class Place:
    """What a peer gets: its npm folder and version, a folder for its files, a port, and the logs to serve."""

    program: Path
    version: str
    folder: Path
    port: int
    corpus: Corpus

    def bin(self, name: str) -> str:
        """Returns the path of a program of the package."""
        return str(self.program / "node_modules" / ".bin" / name)

    def file(self, name: str, text: bytes) -> str:
        """Writes a file; returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return str(path)

    def service(self, command: list[str], ways: Mapping[str, list[Question]]) -> Service:
        """Returns the server of this command."""
        return Service(command, ways, self.folder, self.port)


@dataclass(frozen=True, slots=True)
class Service:
    """A server that is not started yet: its command and, for each way by name, its questions with the right answers."""

    command: list[str]
    ways: Mapping[str, list[Question]]
    folder: Path
    port: int


@dataclass(frozen=True, slots=True)
class Peer:
    """An npm package at an exact version, how it serves logs, and whether Java runs it."""

    package: str
    version: str
    serve: Callable[[Place], Service]
    java: bool = False
