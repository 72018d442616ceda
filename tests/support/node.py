"""Runs the clients in ``tests/clients`` with Node.js; their packages are installed there on first use."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.tools import leave_out, tool

CLIENTS = Path(__file__).parent.parent / "clients"


def run(script: str, *arguments: str) -> Any:
    """Runs a client; returns what it prints, parsed as JSON."""
    return json.loads(_node(script, *arguments))


def run_text(program: str) -> str:
    """Runs a program that may import the packages of the clients; returns what it prints."""
    return _node("--input-type=module", "--eval", program)


def source(path: str) -> str:
    """Returns the text of a file of an installed package, such as ``axe-core/axe.min.js``."""
    install()
    return (CLIENTS / "node_modules" / path).read_text()


def installed(program: str) -> str:
    """Returns the path of a program that an installed package brings."""
    install()
    return str(CLIENTS / "node_modules" / ".bin" / program)


def _node(*arguments: str) -> str:
    install()
    process = subprocess.run([tool("node"), *arguments], cwd=CLIENTS, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    return process.stdout


def install() -> None:
    """Installs the packages if they are not there; without them, the test is left out."""
    tool("node")
    tool("npm")
    if not _are_installed():
        leave_out("without the packages of tests/clients, which npm could not install")


@cache
def _are_installed() -> bool:
    """Whether the packages are there now. The lock makes parallel test processes wait for the first of them."""
    with (CLIENTS / ".lock").open("w") as lock:
        with suppress(ImportError):  # Windows has no such lock.
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (CLIENTS / "package.json").read_text()
        stamp = CLIENTS / "node_modules" / ".installed"
        if not stamp.exists() or stamp.read_text() != wanted:  # pragma: no cover  # only once in a clone
            command = [tool("npm"), "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
            if subprocess.run(command, cwd=CLIENTS, timeout=300).returncode:
                return False
            stamp.write_text(wanted)
        return True


if __name__ == "__main__":
    if shutil.which("npm"):
        install()
