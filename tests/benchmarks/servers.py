"""The servers that are compared. Each is a process on a free port of this machine, and ends with its block."""

from __future__ import annotations

import json
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
from pathlib import Path

TOKEN = "Bearer dev-token"
ROOT = Path(__file__).parent.parent.parent
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
    """A server that answers: its base URL, its process, and ``ready``: seconds from its command to its first page."""

    url: str
    pid: int
    ready: float

    def worked(self) -> float:
        """Returns the processor seconds of all its threads so far; waiting for other programs is not included."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def megabytes(self) -> float:
        """Returns its resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def page(self, path: str = "/api/logs") -> tuple[list[tuple[str, str]], bytes]:
        """Returns the headers and the body of one answer."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": TOKEN})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.getheaders(), answer.read()


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def started(command: Sequence[str], port: int, cwd: Path = ROOT) -> Iterator[Process]:
    """Starts a server that listens on ``port``, yields it once it answers, and ends its whole process group."""
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
    """Ends its whole process group: SIGTERM first, then SIGKILL. Does nothing if no process is left."""
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
            # Any status but 404 is an answer, since a fault may be armed. 404 means that the logs are not there yet.
            if isinstance(error, urllib.error.HTTPError) and error.code != 404:
                return
            if child.poll() is not None or time.perf_counter() > deadline:
                raise SystemExit(f"{' '.join(map(str, child.args))}: did not answer") from None  # type: ignore[arg-type]  # started from a list
            time.sleep(0.002)


def mock(*options: str) -> AbstractContextManager[Process]:
    """Starts ``mockserver serve`` with these options."""
    port = free_port()
    return started([sys.executable, "-m", "mockserver", "serve", "--port", str(port), *options], port)


def bare(headers: list[tuple[str, str]], body: bytes, folder: Path) -> AbstractContextManager[Process]:
    """Starts a WSGI function that sends these bytes, on the server of this package."""
    port = free_port()
    (folder / "headers.json").write_text(json.dumps(headers))
    (folder / "page.json").write_bytes(body)
    return started([sys.executable, "-m", "tests.benchmarks.bare", str(folder), str(port)], port)


def nginx(body: bytes, folder: Path) -> AbstractContextManager[Process] | None:
    """Starts nginx with these bytes in a file, in one process; returns None if it is not installed."""
    program = shutil.which("nginx")
    if program is None:
        return None
    port = free_port()
    (folder / "page.json").write_bytes(body)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port))
    return started([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], port)
