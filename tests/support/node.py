"""Runs the clients in ``tests/clients`` with Node.js; their packages are installed there on first use."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parent.parent / "clients"


def program_path(program: str) -> str:
    """Returns the path of Node.js or npm. Without it the test is skipped; under CI it fails."""
    path = shutil.which(program)
    if path is None:
        message = f"{program} is not on the PATH: no client in JavaScript was tested"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return path


def run(script: str, *arguments: str) -> Any:
    """Runs a client; returns what it prints, parsed as JSON."""
    return json.loads(_node(script, *arguments))


def run_text(program: str) -> str:
    """Runs a program that may import the packages of the clients; returns what it prints."""
    return _node("--input-type=module", "--eval", program)


def source(path: str) -> str:
    """Returns the text of a file of an installed package, such as ``axe-core/axe.min.js``."""
    _install(program_path("npm"))
    return (CLIENTS / "node_modules" / path).read_text()


def installed(program: str) -> str:
    """Returns the path of a program that an installed package brings."""
    program_path("node")
    _install(program_path("npm"))
    return str(CLIENTS / "node_modules" / ".bin" / program)


def _node(*arguments: str) -> str:
    node = program_path("node")
    _install(program_path("npm"))
    process = subprocess.run([node, *arguments], cwd=CLIENTS, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    return process.stdout


def _install(npm: str) -> None:
    """Installs the packages once; the lock makes parallel test processes wait for the first of them."""
    with (CLIENTS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (CLIENTS / "package.json").read_text()
        stamp = CLIENTS / "node_modules" / ".installed"
        if not stamp.exists() or stamp.read_text() != wanted:  # pragma: no cover  # only once in a clone
            command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=CLIENTS, check=True, capture_output=True, timeout=300)
            stamp.write_text(wanted)
