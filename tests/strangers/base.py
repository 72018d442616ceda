"""A plain server of audit logs, honest as it stands; each stranger overrides one part of it."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import hmac
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeVar
from urllib.parse import unquote_to_bytes

Verdict = Literal["forbidden", "senseless", "honest"]
FILTERS = ("userId", "applicationId", "logKey")
NEWEST = 1_760_000_000_000
KEYS = ("Interaction.SignIn.Submit", "Interaction.Register.Create", "ExchangeTokenBy.RefreshToken", "RevokeToken")
NAMES = ("u-ada_0", "u-ben%1", "u-Cléo", "4711", "u-dora+x", "u-eve", "u-finn", "u-gil", "u-hana", "u-ivo")


@dataclasses.dataclass(frozen=True)
class Ask:
    """A request as it stood on the wire: `pairs` are the decoded parameters, `headers` have names in lower case."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    headers: dict[str, str]
    target: str

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.pairs if key == name), None)


@dataclasses.dataclass
class Reply:
    """A reply; `raw` replaces everything, `cut` closes the connection after so many bytes of the body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    raw: bytes | None = None
    cut: int | None = None
    close: bool = False
    chunked: bool = False
    version: str = "HTTP/1.1"
    length: bool = True

    def on_wire(self, method: str) -> bytes:
        if self.raw is not None:
            return self.raw
        headers = list(self.headers)
        if self.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif self.length and self.status not in (204, 304):
            headers.append(("Content-Length", str(len(self.body))))
        if self.close:
            headers.append(("Connection", "close"))
        head = f"{self.version} {self.status} Reason\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
        body = b"" if method == "HEAD" or self.status in (204, 304) else self.body[: self.cut]
        if self.chunked and method != "HEAD":
            pieces = [body[at : at + 777] for at in range(0, len(body), 777)]
            body = b"".join(b"%x;piece=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nSum: 1\r\n\r\n"
        return head.encode("latin-1") + b"\r\n" + body


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def jwt(scope: str) -> str:
    """A token of this server, signed with a key that nobody else has."""
    claims = {"iss": "https://id.example", "sub": "m-1", "scope": scope, "exp": 4_000_000_000, "aud": "api"}
    text = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{text}.{encoded(hmac.digest(b'only here', text.encode(), hashlib.sha256))}"


def made_log(number: int) -> dict[str, Any]:
    """Log `number`, counted from the oldest. Users, applications, keys and members vary at unlike periods."""
    payload: dict[str, Any] = {"key": KEYS[number % 7 % 4], "result": "Error" if number % 11 == 0 else "Success"}
    if number % 5:
        payload["userId"] = NAMES[number * 7 % 23 % 10]
    if number % 3:
        payload["applicationId"] = f"app-{number * 5 % 17 % 6}"
    if number % 11 == 0:
        payload["error"] = {"code": "session.not_found"} if number % 2 else "session.not_found"
    payload |= {"ip": f"192.0.2.{number % 250}", "userAgent": "Reader/1.0", "sessionId": f"s{number}", "params": {}}
    identity = hashlib.sha256(str(number).encode()).hexdigest()[:21]
    return {
        "tenantId": "acme", "id": identity, "key": payload["key"], "payload": payload,
        "createdAt": NEWEST + number * 60_000 + number % 13,
    }  # fmt: skip


class Base:
    """Newest first, filters that match exactly, no Total-Number, no Link, no ETag."""

    verdict: Verdict
    count = 300
    profile = "documented"
    token = jwt("all")
    forbidden_token: str | None = jwt("")
    # The exit code that an honest one gets.
    exit_code = 0
    # Whether only methods that write or that nobody sends show it.
    unsafe = False

    def __init__(self) -> None:
        self.asked = 0
        self.lock = threading.Lock()
        self.logs = [self.log(number) for number in reversed(range(self.count))]

    def log(self, number: int) -> dict[str, Any]:
        return made_log(number)

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            self.asked += 1
        if ask.path != "/api/logs":
            return self.error(404, "not_found")
        if ask.method not in ("GET", "HEAD"):
            return self.other_method(ask)
        return self.finish(ask, self.refusal(ask) or self.listing(ask))

    def other_method(self, ask: Ask) -> Reply:
        if ask.method == "OPTIONS":
            return Reply(204, [("Allow", "GET, HEAD, OPTIONS")])
        return Reply(405, [("Allow", "GET, HEAD, OPTIONS"), ("Content-Type", "text/plain")], b"Method Not Allowed")

    def error(self, status: int, code: str) -> Reply:
        return Reply(status, [("Content-Type", "application/json")], json.dumps({"code": code}).encode())

    def refusal(self, ask: Ask) -> Reply | None:
        """401 or 403, or nothing where the caller may read."""
        scheme, _, token = ask.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not self.valid(token):
            return self.error(401, "auth.unauthorized")
        return None if self.may_read(ask, token) else self.error(403, "auth.forbidden")

    def valid(self, token: str) -> bool:
        return token in (self.token, self.forbidden_token)

    def may_read(self, ask: Ask, token: str) -> bool:
        return token != self.forbidden_token

    def number(self, ask: Ask, name: str, default: int) -> int:
        text = ask.first(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0):
            raise ValueError(name)
        return int(text)

    def listing(self, ask: Ask) -> Reply:
        names = [name for name, _ in ask.pairs if name in (*FILTERS, "page", "page_size")]
        try:
            if len(names) > len(set(names)):
                raise ValueError(names)
            page, size = self.number(ask, "page", 1), self.number(ask, "page_size", self.default_size(ask))
        except ValueError:
            return self.error(400, "guard.invalid_pagination")
        return self.shown(ask, self.cut(ask, self.select(ask), page, size))

    def default_size(self, ask: Ask) -> int:
        return 20

    def select(self, ask: Ask) -> list[dict[str, Any]]:
        wanted = [(name, value) for name, value in ask.pairs if name in FILTERS and value != ""]
        return [log for log in self.logs if all(self.matches(log, name, value) for name, value in wanted)]

    def field(self, log: dict[str, Any], name: str) -> str | None:
        value: str | None = log["key"] if name == "logKey" else log["payload"].get(name)
        return value

    def matches(self, log: dict[str, Any], name: str, value: str) -> bool:
        return self.field(log, name) == value

    def cut(self, ask: Ask, rows: list[dict[str, Any]], page: int, size: int) -> list[dict[str, Any]]:
        return rows[(page - 1) * size : page * size]

    def shown(self, ask: Ask, rows: list[dict[str, Any]]) -> Reply:
        return Reply(200, [("Content-Type", "application/json; charset=utf-8")], self.dumps(rows))

    def dumps(self, rows: list[dict[str, Any]]) -> bytes:
        return json.dumps(rows, ensure_ascii=False).encode()

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        """The last word on every reply of the path, refusals included."""
        return reply


STRANGERS: dict[str, type[Base]] = {}
T = TypeVar("T", bound=type[Base])


def stranger(verdict: Verdict) -> Callable[[T], T]:
    """Enters a class under its name; its docstring says what the server does."""

    def enter(kind: T) -> T:
        kind.verdict = verdict
        STRANGERS[kind.__name__] = kind
        return kind

    return enter


def decoded(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


class Handler(socketserver.StreamRequestHandler):
    """Reads requests with a length until the client closes; nothing here is more than the strangers need."""

    disable_nagle_algorithm = True
    timeout = 20

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (ask := self.read()) is not None:
                reply = self.server.stranger.answer(ask)  # type: ignore[attr-defined]  # `served` sets it
                self.wfile.write(reply.on_wire(ask.method))
                if reply.close or reply.cut is not None or ask.headers.get("connection", "").lower() == "close":
                    return

    def read(self) -> Ask | None:
        line = self.rfile.readline(2**20).decode("latin-1").split()
        if len(line) != 3:
            return None
        headers: dict[str, str] = {}
        while (text := self.rfile.readline(2**20).decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        self.rfile.read(int(headers.get("content-length", "0")))
        path, _, query = line[1].partition("?")
        pairs = [part.partition("=")[::2] for part in query.split("&") if part]
        return Ask(line[0], path, [(decoded(name), decoded(value)) for name, value in pairs], headers, line[1])


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


@contextlib.contextmanager
def served(stranger: Base) -> Iterator[str]:
    """The base URL of a running stranger."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.stranger = stranger  # type: ignore[attr-defined]  # read by the handler
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            with contextlib.suppress(OSError):
                server.socket.shutdown(socket.SHUT_RDWR)
