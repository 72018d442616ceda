"""What the table of peers is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.peers.corpus import Corpus, Question


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer runs: its npm folder and version, a folder for its files, its port; and the logs that it serves."""

    program: Path
    version: str
    folder: Path
    port: int
    corpus: Corpus

    def bin(self, name: str) -> str:
        """The path of a program of the package."""
        return str(self.program / "node_modules" / ".bin" / name)

    def file(self, name: str, text: bytes) -> str:
        """The path of a new file with this text."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return str(path)

    def service(self, command: list[str], ways: Mapping[str, list[Question]]) -> Service:
        """The server of this command, here."""
        return Service(command, ways, self.folder, self.port)


@dataclass(frozen=True, slots=True)
class Service:
    """A server that is not started yet: its command, and by the name of each way what it is asked and must answer."""

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
