"""The servers that are compared: each a process of its own on a free port of this machine, ended with its block."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKEN = "Bearer dev-token"
ROOT = Path(__file__).parent.parent.parent
# The last commit of version 0.1, which served with gevent.
FIRST_VERSION = "bb523c82241cc814419877d7f888340203cd534c"
_NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 2048; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}; location / {{ try_files /page.json =404; }} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Process:
    """A server that answers: its base URL, its process, and the seconds from its command to its first page."""

    url: str
    pid: int
    ready: float

    def worked(self) -> float:
        """The processor time of all its threads so far, in seconds; what it waited for a busy machine is not in it."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def megabytes(self) -> float:
        """Its resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def page(self, path: str = "/api/logs") -> tuple[list[tuple[str, str]], bytes]:
        """The headers and the body of one answer."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": TOKEN})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.getheaders(), answer.read()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def started(command: Sequence[str], port: int, cwd: Path = ROOT) -> Iterator[Process]:
    """The server of a command that listens on ``port``, once it answers; ended with its whole process group."""
    began = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _await(url, child, began + 60)
        yield Process(url, child.pid, time.perf_counter() - began)
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """The end of its whole process group: asked for, then forced; without a word where there is none left."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _await(url: str, child: subprocess.Popen[bytes], deadline: float) -> None:
    request = urllib.request.Request(url + "/api/logs?page_size=1", headers={"Authorization": TOKEN})
    while True:
        try:
            urllib.request.urlopen(request, timeout=5).read()
            return
        except OSError as error:
            # Any status is an answer, since a fault may be armed; 404 alone says that the logs are not there yet.
            if isinstance(error, urllib.error.HTTPError) and error.code != 404:
                return
            if child.poll() is not None or time.perf_counter() > deadline:
                raise SystemExit(f"{' '.join(map(str, child.args))}: did not answer") from None  # type: ignore[arg-type]  # started from a list
            time.sleep(0.002)


def mock(*options: str) -> AbstractContextManager[Process]:
    """``mockserver serve`` with these options."""
    return _serve(sys.executable, ROOT, options)


def first_version(*options: str) -> AbstractContextManager[Process]:
    """``mockserver serve`` of version 0.1 on its default engine, with these options."""
    folder = built_first_version()
    return _serve(str(folder / ".venv" / "bin" / "python"), folder, options)


def _serve(python: str, folder: Path, options: Sequence[str]) -> AbstractContextManager[Process]:
    port = free_port()
    return started([python, "-m", "mockserver", "serve", "--port", str(port), *options], port, folder)


@cache
def built_first_version() -> Path:
    """The folder of version 0.1, built from its commit in the user's cache where it is not there yet (a minute)."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mockserver" / FIRST_VERSION[:12]
    if not (folder / "built").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", FIRST_VERSION], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x"], input=archive, cwd=folder, check=True)
        subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=folder, check=True)
        pip = [".venv/bin/python", "-m", "pip", "install", "--quiet", "--constraint", "constraints.txt", "--editable", "."]
        subprocess.run(pip, cwd=folder, check=True)
        (folder / "built").touch()
    return folder


def nginx(body: bytes, folder: Path) -> AbstractContextManager[Process]:
    """nginx with these bytes in a file, in one process; raises SystemExit where it is not installed."""
    program = shutil.which("nginx")
    if program is None:
        raise SystemExit("nginx: not found, expected on the PATH: apt-get install nginx")
    port = free_port()
    (folder / "page.json").write_bytes(body)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port))
    return started([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], port)
