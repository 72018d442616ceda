"""Three replicas of the mock behind a real nginx, which runs the file that users copy: only its ports are others."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from tests.support.tables import table
from tests.support.wire import is_open, until

FOLDER = Path(__file__).parent.parent.parent / "docs" / "replicas"
ADMIN = "dev-admin-token"
OPTIONS = ("--now", "2026-11-01", "--admin-token", ADMIN, "--trusted-proxy", "--log", "off")

CUT, CLOSED, GARBAGE = "a body that ends early", "a closed connection, no answer", "the bytes that are no HTTP"
# What a client sees of the faults that need the socket. nginx reads an answer before it sends its own.
BEHIND_NGINX = {
    "empty": "502", "reset": "502", "reset:after=2000": CUT, "truncate:bytes=2000": CUT, "hang:seconds=0.1": "502",
    "malformed_head": "502", "malformed_chunk": f"{CLOSED}; or {CUT}", "garbage:bytes=64": GARBAGE,
}  # fmt: skip


def behind_nginx_table() -> str:
    """Returns a row for each of these faults."""
    return table(("fault", "behind nginx"), ((f"`{fault}`", seen) for fault, seen in BEHIND_NGINX.items()))


class Replica:
    """One process of the mock on a port of this machine; ``start`` and ``kill`` may be called again and again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Starts the process; ``wait`` returns once it serves."""
        command = [sys.executable, "-m", "mockserver", "serve", "--port", str(self.port), *OPTIONS]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return self

    def wait(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("Serving ")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Ends the process by a signal; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.communicate(timeout=20)
        return self._process.returncode


class Balanced:
    """Replicas behind nginx, and what a client asks there."""

    def __init__(self, program: str, folder: Path, replicas: list[Replica]) -> None:
        self.replicas, self.port = replicas, free_ports(1)[0]
        # The key of requests that name no tenant.
        self.nameless = "default"
        self.folder = folder
        self.write()
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self.nginx = subprocess.Popen([*command, "-g", "daemon off;"])

    def wait(self) -> None:
        """Returns once nginx listens."""
        until(lambda: self.nginx.poll() is not None or is_open(self.port))

    def write(self) -> None:
        """Writes the files that users copy: the ports are those of this machine, and there is a line a replica."""
        text = (FOLDER / "nginx.conf").read_text().replace("127.0.0.1:3001;", f"127.0.0.1:{self.port};")
        lines = "".join(f"        server 127.0.0.1:{replica.port} max_fails=0;\n" for replica in self.replicas)
        text, changes = re.subn(r"( *server 127\.0\.0\.1:\d+ max_fails=0;\n){3}", lines, text)
        assert changes == 1
        (self.folder / "nginx.conf").write_text(text)
        text = (FOLDER / "tenant.conf").read_text()
        (self.folder / "tenant.conf").write_text(text.replace("default default;", f"default {self.nameless};"))

    def reload(self) -> None:
        """Writes the files, and has nginx read them again, as its user would; returns when only the new ones count."""
        before = self.workers()
        self.write()
        self.nginx.send_signal(signal.SIGHUP)
        until(lambda: not before & self.workers())

    def workers(self) -> set[int]:
        """Returns the processes of nginx that serve; on Linux alone."""
        pid = self.nginx.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def close(self) -> None:
        self.nginx.send_signal(signal.SIGTERM)
        assert self.nginx.wait(20) == 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, body: object = None, method: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Sends one request over a connection of its own; returns the status and the parsed JSON."""
        with Client(self.port) as client:
            return client.ask(path, body, method, headers)

    def process(self, tenant: str) -> tuple[int, float]:
        """Returns which process has a tenant, and since when it stands."""
        process = self.ask(f"/t/{tenant}/__admin/settings")[1]["process"]
        return process["id"], process["since"]

    def homes(self, tenants: list[str]) -> dict[str, int]:
        """Returns the process of each tenant."""
        with Client(self.port) as client:
            return {name: client.ask(f"/t/{name}/__admin/settings")[1]["process"]["id"] for name in tenants}

    def tenant_of(self, pid: int, name: str) -> str:
        """Returns a tenant that a process has; its name begins with another."""
        homes = self.homes([f"{name}-{number}" for number in range(60)])
        return next(tenant for tenant, home in homes.items() if home == pid)


class Client:
    """A client that keeps its connection; it may read the logs, and use the control API."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(
        self, path: str, body: object = None, method: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Sends one request; returns the status and the parsed JSON, or the text of what is none."""
        token = ADMIN if "/__admin" in path else "dev-token"
        sent = {"Authorization": f"Bearer {token}"} | dict(headers or {})
        content = None if body is None else json.dumps(body)
        if content is not None:
            sent |= {"Content-Type": "application/json"}
        self._connection.request(method or ("GET" if body is None else "POST"), path, content, sent)
        reply = self._connection.getresponse()
        text = reply.read().decode()
        is_json = (reply.getheader("Content-Type") or "").startswith("application/json")
        return reply.status, json.loads(text) if is_json else text


@contextmanager
def balanced(nginx: str, folder: Path, count: int = 3) -> Iterator[Balanced]:
    """Yields so many replicas behind nginx; ends them with the block."""
    with ExitStack() as stack:
        replicas = [Replica(port).start() for port in free_ports(count)]
        for replica in replicas:
            stack.callback(replica.kill, signal.SIGTERM)
        for replica in replicas:
            replica.wait()
        cluster = Balanced(nginx, folder, replicas)
        stack.callback(cluster.close)
        cluster.wait()
        yield cluster


def free_ports(count: int) -> list[int]:
    """Returns ports that nobody listens on."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]
