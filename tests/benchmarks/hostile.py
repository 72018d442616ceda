"""Bounds of the judge, ``python -m tests.benchmarks.hostile``: ``mockserver check`` at targets that want to harm it.

Each run has 10 seconds (``--max-seconds``). Whatever the target or the token endpoint sends, the run ends within 10
seconds more, takes less than 400 MB, prints and reports less than 1 MB each, tells no traceback and nothing that steers
a terminal, and ends with 1 or 2. On loopback only; some minutes.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from tests.support.samples import some_logs
from tests.support.tables import table

SECONDS, GRACE, MEGABYTES, MEGABYTE = 10, 10, 400, 1_000_000
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_JSON = b"Content-Type: application/json\r\n"

Pieces = Iterator[bytes]


def whole(body: bytes, status: str = "200 OK", fields: bytes = _JSON) -> Pieces:
    """A complete reply."""
    yield b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n" % (status.encode(), fields, len(body))
    yield body


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Pieces:
    """A start, and then the same piece for ever."""
    yield start
    for each in repeat(piece):
        time.sleep(pause)
        yield each


def _page(**changes: object) -> bytes:
    return json.dumps([{**log, **changes} for log in some_logs(20)]).encode()


HEAD = b"HTTP/1.1 200 OK\r\n" + _JSON
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LINKS = b"Link: " + b'<http://a/?page=1>; rel="next", ' * 900 + b"\r\n" + _JSON
PACKED = b"Content-Encoding: gzip\r\n" + _JSON
# What a target answers to every request with a token.
TARGETS: dict[str, Callable[[], Pieces]] = {
    "a million numbers": lambda: whole(b"[" + b"1," * 500_000 + b"1]"),
    "objects of 13.5 MB": lambda: whole(b"[" + b'{"a":{}},' * 1_500_000 + b"{}]"),
    "100,000 brackets": lambda: whole(b"[" * 100_000),
    "1 MB in one value": lambda: whole(_page(payload={"key": "k", "result": "Success", "userId": "u" * MEGABYTE})),
    "a number of a million digits": lambda: whole(b"[" + b"9" * MEGABYTE + b"]"),
    "a code of 5 MB": lambda: whole(json.dumps({"code": "e" * 5 * MEGABYTE}).encode(), "400 Bad Request"),
    "what steers a terminal": lambda: whole('{"code":"\x1b[2J\u202e"}'.encode(), "400 \x1b]0;x\x07"),
    "a gigabyte in a megabyte": lambda: whole(gzip.compress(bytes(1000 * MEGABYTE), 9), fields=PACKED),
    "a head without end": lambda: endless(HEAD, b"X-Some-Header: some value of a header\r\n"),
    "one line without end": lambda: endless(HEAD + b"X: ", b"x" * 4096),
    "interim replies without end": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks without end": lambda: endless(CHUNKED, b"9\r\n" + b'{"a":{}},' + b"\r\n"),
    "a byte a second": lambda: endless(CHUNKED, b"1\r\n[\r\n", 1.0),
    "links without end": lambda: whole(_page(), fields=LINKS),
}  # fmt: skip
# What a token endpoint answers.
ENDPOINTS: dict[str, Callable[[], Pieces]] = {
    "a token of 10 MB": lambda: whole(b'{"access_token":"%b"}' % (b"t" * 10 * MEGABYTE)),
    "a token, a byte a second": lambda: endless(CHUNKED, b"1\r\n{\r\n", 1.0),
    "a refusal of 5 MB": lambda: whole(b"e" * 5 * MEGABYTE, "400 Bad Request"),
}


@dataclass
class Run:
    """What one run took, and what was wrong with it."""

    name: str
    code: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    told: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def served(reply: Callable[[], Pieces]) -> Iterator[str]:
    """The base URL of a server that answers every request with the same pieces."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=_accept, args=(listener, reply), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        # A thread that accepts is woken by the end alone.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, reply: Callable[[], Pieces]) -> None:
    with suppress(OSError):
        while True:
            threading.Thread(target=_serve, args=(listener.accept()[0], reply), daemon=True).start()


def _serve(client: socket.socket, reply: Callable[[], Pieces]) -> None:
    with suppress(OSError), client:
        while _has_come(client):
            for piece in reply():
                client.sendall(piece)


def _has_come(client: socket.socket) -> bool:
    data = b""
    while b"\r\n\r\n" not in data:
        data += (piece := client.recv(1 << 16))
        if not piece:
            return False
    return True


def check(name: str, arguments: Sequence[str]) -> Run:
    """One run of ``mockserver check``, measured."""
    run = Run(name)
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "printed").open("w+b") as printed:
        reports = Path(folder) / "reports"
        command = [sys.executable, "-m", "mockserver", "check", *arguments, "--max-seconds", f"{SECONDS}",
                   "--report", f"{reports}", "--github", "--keep-bodies"]  # fmt: skip
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT)
        killer = threading.Timer(SECONDS * 6, child.kill)
        killer.start()
        _, status, used = os.wait4(child.pid, 0)
        killer.cancel()
        run.seconds, run.megabytes = time.monotonic() - began, used.ru_maxrss / 1000
        run.code = child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        texts = [printed.read(), *(path.read_bytes() for path in reports.glob("*"))]
    run.told = max(map(len, texts))
    if run.code not in (1, 2):
        run.wrong.append(f"exit {run.code}")
    if run.seconds > SECONDS + GRACE:
        run.wrong.append("too long")
    if run.megabytes > MEGABYTES:
        run.wrong.append("too much memory")
    if run.told > MEGABYTE:
        run.wrong.append("tells too much")
    if any(b"Traceback" in text for text in texts):
        run.wrong.append("a traceback")
    if any(_STEERING.search(text.decode()) for text in texts):
        run.wrong.append("steers a terminal")
    return run


def runs() -> Iterator[Run]:
    """Every target, every token endpoint, and a file of known deviations."""
    for name, reply in TARGETS.items():
        with served(reply) as url:
            yield check(name, (url, "--token", "good-token", "--depth", "full"))
    for name, reply in ENDPOINTS.items():
        with served(reply) as url:
            endpoint = ("--client-id", "a", "--client-secret", "b", "--token-url", f"{url}/oidc/token")
            yield check(name, (url, *endpoint))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as known, served(TARGETS["100,000 brackets"]) as url:
        known.write("[" * 100_000)
        known.flush()
        yield check("100,000 brackets in --known", (url, "--token", "good-token", "--known", known.name))


def main() -> None:
    """Print a row a run; exit with 1 where one was wrong."""
    done = list(runs())
    rows = [
        (run.name, run.code, f"{run.seconds:.1f}", f"{run.megabytes:.0f}", f"{run.told:,}", ", ".join(run.wrong))
        for run in done
    ]
    head = ("it sends", "exit", "seconds", "MB", "bytes told", "wrong")
    sys.stdout.write(table(head, [tuple(map(str, row)) for row in rows]) + "\n")
    sys.exit(any(run.wrong for run in done))


if __name__ == "__main__":
    main()
