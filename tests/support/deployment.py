"""An honest deployment of ``GET /api/logs``, written without the mock; its fields are ways to be honest."""

from __future__ import annotations

import gzip
import json
import math
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.support.filters import LOOKS
from tests.support.samples import Log, a_log, some_logs

Headers = dict[str, str]


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes = b""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass
class Answered:
    """One answer before it is sent; ``raw`` replaces the JSON of ``body``."""

    status: int
    body: Any = None
    headers: Headers = field(default_factory=dict)
    raw: bytes | None = None

    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass
class Deployment:
    """An honest deployment. The fields are what honest deployments do differently; ``mend`` may change each answer."""

    logs: list[Log] = field(default_factory=lambda: some_logs(150))
    oldest_first: bool = False
    grows_every: int = 0
    error: str = "logto"
    content_type: str = "application/json"
    validates_first: bool = False
    other_method: int = 405
    refuses_unknown: bool = False
    empty_filter: str = "all"
    zips: bool = False
    tells_total: bool = True
    tags: bool = True
    items: bool = True
    mend: Callable[[Deployment, Asked, Answered], Answered] = lambda deployment, asked, answered: answered
    asked: list[Asked] = field(default_factory=list)
    grown: int = 10_000

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        if self.grows_every and len(self.asked) % self.grows_every == 0:
            self.grown += 1
            self.logs.insert(0, a_log(self.grown))
        return self.mend(self, asked, self.honest(asked))

    def honest(self, asked: Asked) -> Answered:
        """Returns the answer before ``mend`` changes it."""
        if asked.path == "/oidc/token":
            return Answered(
                200, {"access_token": "fetched-token", "expires_in": 3600}, {"Content-Type": "application/json"}
            )
        if not asked.path.endswith("/api/logs"):
            return self._item(asked)
        if asked.method == "OPTIONS":
            return Answered(204)
        if asked.method not in ("GET", "HEAD"):
            return self.refusal(self.other_method)
        checks = [self._unauthorized, self._invalid]
        for check in reversed(checks) if self.validates_first else checks:
            status = check(asked)
            if status:
                return self.refusal(status)
        return self._listed(asked)

    def _item(self, asked: Asked) -> Answered:
        log = next((log for log in self.logs if asked.path == f"/api/logs/{log['id']}"), None)
        if log is None or not self.items:
            return self.refusal(404)
        if status := self._unauthorized(asked):
            return self.refusal(status)
        return Answered(200, log, {"Content-Type": self.content_type})

    def refusal(self, status: int) -> Answered:
        kinds = {
            "logto": ({"code": "some.code", "message": "Refused."}, "application/json; charset=utf-8"),
            "problem": ({"type": "about:blank", "status": status}, "application/problem+json"),
            "text": ("Refused", "text/plain"),
            "empty": (None, ""),
        }
        body, kind = kinds[self.error]
        headers = {"Content-Type": kind} if kind else {}
        headers |= {"Allow": "GET, HEAD, OPTIONS"} if status == 405 else {}
        return (
            Answered(status, headers=headers, raw=b"Refused")
            if self.error == "text"
            else Answered(status, body, headers)
        )

    def _unauthorized(self, asked: Asked) -> int:
        credentials = asked.headers.get("authorization", "")
        if credentials in ("Bearer good-token", "Bearer fetched-token"):
            return 0
        return 403 if credentials == "Bearer poor-token" else 401

    def _invalid(self, asked: Asked) -> int:
        names = [name for name, _ in asked.pairs]
        if any(names.count(name) > 1 for name in (*LOOKS, "page", "page_size")):
            return 400
        if self.refuses_unknown and set(names) - {*LOOKS, "page", "page_size"}:
            return 400
        for name, text in asked.pairs:
            if name in ("page", "page_size") and not (text.isascii() and text.isdigit() and int(text) >= 1):
                return 400
        return 0

    def _listed(self, asked: Asked) -> Answered:
        given = dict(asked.pairs)
        page, size = int(given.get("page", 1)), int(given.get("page_size", 20))
        matching = [
            log for log in (reversed(self.logs) if self.oldest_first else self.logs) if self._matches(log, given)
        ]
        body = matching[(page - 1) * size : page * size] if page < 2**40 else []
        headers = {"Content-Type": self.content_type}
        if self.tells_total:
            headers |= {
                "Total-Number": str(len(matching)),
                "Link": self._link(asked, page, math.ceil(len(matching) / size)),
            }
        answer = Answered(200, body, headers)
        if self.tags:
            headers["ETag"] = f'"{hash(answer.content()):x}"'
            if asked.headers.get("if-none-match") == headers["ETag"]:
                return Answered(304, headers={"ETag": headers["ETag"]})
        if self.zips and "gzip" in asked.headers.get("accept-encoding", ""):
            return Answered(200, headers=headers | {"Content-Encoding": "gzip"}, raw=gzip.compress(answer.content()))
        return answer

    def _matches(self, log: Log, given: dict[str, str]) -> bool:
        for name, look in LOOKS.items():
            value = given.get(name)
            if value is None or (value == "" and self.empty_filter == "all"):
                continue
            if look(log) != value:
                return False
        return True

    def _link(self, asked: Asked, page: int, last: int) -> str:
        rels = (
            {"first": 1, "last": max(last, 1)}
            | ({"prev": page - 1} if page > 1 else {})
            | ({"next": page + 1} if page < last else {})
        )
        kept = [pair for pair in asked.pairs if pair[0] != "page"]
        links = (f'</api/logs?{urlencode([*kept, ("page", number)])}>; rel="{rel}"' for rel, number in rels.items())
        return ", ".join(links)


@contextmanager
def serving(deployment: Deployment, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serves a deployment on a free port, over TLS if there are settings for it; yields its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(deployment))
    if tls:
        # The handshake is made in the thread of each connection: a bad one holds up nobody else.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(deployment: Deployment) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            answered = deployment.answer(Asked(self.command, path, query, headers, body))
            content = answered.content()
            lines = [
                f"HTTP/1.1 {answered.status} Some Reason",
                *(f"{name}: {value}" for name, value in answered.headers.items()),
            ]
            if answered.status not in (204, 304):
                lines.append(f"Content-Length: {len(content)}")
            head = "\r\n".join([*lines, "", ""]).encode()
            self.wfile.write(head if self.command == "HEAD" or answered.status in (204, 304) else head + content)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: object) -> None: ...

    return Handler
