"""Peers from npm, each kept in a folder of its own in the user's cache: what is there is not installed again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from mockserver.logs.edges import folder as cache
from tests.benchmarks.peers.peer import Peer

_PATIENCE = 300


def folder_of(peer: Peer) -> Path:
    """Where this version of a peer is kept."""
    return cache() / "peers" / f"{peer.package.replace('/', '-')}-{peer.version}"


def install(peer: Peer) -> None:
    """Have a peer in its folder, whole or not at all; raises SystemExit with npm's own reason."""
    folder = folder_of(peer)
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        made = Path(draft) / "made"
        made.mkdir()
        _npm("install", "--prefix", str(made), f"{peer.package}@{peer.version}")
        made.rename(folder)


def require_java() -> None:
    """Raises SystemExit where there is none."""
    _program("java", "apt-get install default-jre-headless")


def _npm(*arguments: str) -> None:
    # None of the packages needs a script of its own to be installed, nor is any run.
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1")
    command = [_program("npm", "install Node.js"), *arguments, *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"npm: nothing after {_PATIENCE} s") from None
    if done.returncode:
        said = [line.removeprefix("npm error ") for line in done.stderr.splitlines() if line.startswith("npm error ")]
        raise SystemExit(f"npm: {', '.join(said[:2]) or f'exit code {done.returncode}'}")


def _program(name: str, remedy: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name}: not found, expected on the PATH: {remedy}")
    return path
