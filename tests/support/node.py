"""Node: runs the clients in ``tests/clients``, with their packages installed beside them on first use."""

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


def found(program: str) -> str:
    """The path of Node or npm. Without it the test is skipped, and fails under CI."""
    path = shutil.which(program)
    if path is None:
        message = f"{program} is not on the PATH: no client in JavaScript was tried"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return path


def run(script: str, *arguments: str) -> Any:
    """What a client prints, read as JSON."""
    return json.loads(_node(script, *arguments))


def run_text(program: str) -> str:
    """What a program given as text prints, run among the packages of the clients."""
    return _node("--input-type=module", "--eval", program)


def source(path: str) -> str:
    """The text of a file of an installed package, such as ``axe-core/axe.min.js``."""
    _install(found("npm"))
    return (CLIENTS / "node_modules" / path).read_text()


def installed(program: str) -> str:
    """The path of a program that comes with an installed package."""
    found("node")
    _install(found("npm"))
    return str(CLIENTS / "node_modules" / ".bin" / program)


def _node(*arguments: str) -> str:
    node = found("node")
    _install(found("npm"))
    done = subprocess.run([node, *arguments], cwd=CLIENTS, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _install(npm: str) -> None:
    """Install once, whoever of the parallel test processes comes first."""
    with (CLIENTS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (CLIENTS / "package.json").read_text()
        stamp = CLIENTS / "node_modules" / ".installed"
        if not stamp.exists() or stamp.read_text() != wanted:  # pragma: no cover  # in the first run of a clone alone
            command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=CLIENTS, check=True, capture_output=True, timeout=300)
            stamp.write_text(wanted)
