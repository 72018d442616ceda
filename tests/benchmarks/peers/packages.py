"""Installs peers from npm, each once, into a folder of its own in the user's cache."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from mockserver.logs.edges import folder as cache
from tests.benchmarks.peers.peer import Peer

_PATIENCE = 300


def folder_of(peer: Peer) -> Path:
    """Returns the folder of this version of a peer."""
    return cache() / "peers" / f"{peer.package.replace('/', '-')}-{peer.version}"


def install(peer: Peer) -> None:
    """Installs a peer into its folder, completely or not at all; raises SystemExit with npm's own reason."""
    folder = folder_of(peer)
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        package = Path(draft) / "package"
        package.mkdir()
        _npm("install", "--prefix", str(package), f"{peer.package}@{peer.version}")
        package.rename(folder)


def require_java() -> None:
    """Raises SystemExit if Java is not installed."""
    _program("java", "apt-get install default-jre-headless")


def _npm(*arguments: str) -> None:
    # No package needs its install scripts, so none is run.
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1")
    command = [_program("npm", "install Node.js"), *arguments, *options]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"npm: nothing after {_PATIENCE} s") from None
    if process.returncode:
        errors = [
            line.removeprefix("npm error ") for line in process.stderr.splitlines() if line.startswith("npm error ")
        ]
        raise SystemExit(f"npm: {', '.join(errors[:2]) or f'exit code {process.returncode}'}")


def _program(name: str, remedy: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name}: not found, expected on the PATH: {remedy}")
    return path
