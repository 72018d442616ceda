"""The real deployment behind `proxy` and `serve --upstream`: what is sent to it, and what comes back.

*One way out.* Scheme, host and port are those of the one address that was given at the start; a request gives its
target alone. Certificates are checked, redirects are handed on and never followed, and a loop is seen by ``Via``.

*Headers.* What concerns one connection alone (RFC 9110, 7.6.1) stays on its side. A link that leads to the deployment's
own origin (Link, Location) leads to this server instead, its path as it was, so that a client which follows it does not
walk past the faults; so may web pages, which the deployment allows to its own console alone, read the answers.

*Connections* are kept for requests that may be sent twice: a deployment may close an idle one at any moment. Any other
request has a connection of its own, for nobody could say whether it was carried out.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.contract.document import LIST_PATH
from mockserver.contract.jsontext import decode
from mockserver.edge.outgoing import LOST, Body, Outgoing
from mockserver.http.cors import CORS
from mockserver.http.message import Headers, Reply, Request, field_lines, json_reply
from mockserver.judge.connection import account, how_lost
from mockserver.judge.credentials import resource_at
from mockserver.judge.route import Address
from mockserver.mock import tokens

# RFC 9110, 7.6.1, and two that are older.
_OF_ONE_CONNECTION = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
# Of a request: ours, and what was answered already. Of an answer: what this server says itself.
_OURS = {"host", "expect", "mock-tenant"}
_ANSWERED = {"date", *(name.lower() for name, _ in CORS), "access-control-allow-credentials"}
_LINKS = ("link", "location", "content-location")
# RFC 9110, 9.2.1: those that may be sent again.
_SAFE = ("GET", "HEAD", "OPTIONS")
# Node ends a connection that was idle for 5 s.
_IDLE = 4.0
# The keys of a deployment are some kB.
_MOST_KEYS = 256 * 1024


class UpstreamFailure(Exception):
    """No whole answer came; ``reply`` says so to the client."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reply = json_reply(status, {"code": f"upstream.{code}", "message": sentence})


class Received(NamedTuple):
    """The head of an answer, and its body in pieces, as sent; to read them raises UpstreamFailure where they end."""

    status: int
    headers: Headers
    pieces: AsyncIterator[bytes]


class Upstream:
    """One deployment; ``logs`` is the address of its operation."""

    def __init__(self, logs: Address) -> None:
        self.logs = logs
        base = self.base = replace(logs, path=logs.path.removesuffix(LIST_PATH))
        self._mark = f"mockserver-{secrets.token_hex(4)}"
        self._links = re.compile(re.escape(base.url) + r"(?![\w.:-])")
        # What begins each target, and the headers for a proxy that is given whole URLs (RFC 9112, 3.2.2).
        proxy = base.route.through(base) if base.scheme == "http" else None
        self._front, self._own = (base.url, account(proxy)) if proxy else (base.path, [])
        self._idle: dict[Outgoing, asyncio.TimerHandle] = {}

    @asynccontextmanager
    async def asked(self, request: Request, body: Body = b"") -> AsyncIterator[Received]:
        """The answer to a request whose target is behind any tenant's prefix; the connection is let go in the end."""
        if self._mark in (request.joined("via") or ""):
            raise UpstreamFailure(508, "loop", f"{self.base.url} is this server itself.")
        sent = [("Host", self.base.authority), *_passed(request.headers, _OURS), ("Via", f"1.1 {self._mark}")]
        if request.header("content-length") is None:
            if not isinstance(body, bytes):
                sent.append(("Transfer-Encoding", "chunked"))
                body = _chunks(body)
            elif body:
                sent.append(("Content-Length", f"{len(body)}"))
        head = f"{request.method} {self._front}{request.target} HTTP/1.1\r\n{field_lines((*sent, *self._own))}\r\n"
        line, (status, headers) = await self._begun(request.method, head.encode("latin-1"), body)
        try:
            yield Received(status, _received(headers), self._pieces(line))
        finally:
            if line.can_go_on():
                self._idle[line] = asyncio.get_running_loop().call_later(_IDLE, line.close)
            else:
                await line.end()

    async def _begun(self, method: str, head: bytes, body: Body) -> tuple[Outgoing, tuple[int, Headers]]:
        """A connection on which a request was sent, and the head of the answer to it."""
        try:
            if self._idle and method in _SAFE and isinstance(body, bytes):
                line, timer = self._idle.popitem()
                timer.cancel()
                with suppress(ConnectionError):
                    return line, await _asked(line, method, head, body)
            line = await Outgoing.to(self.base, lambda ended: self._idle.pop(ended, None))
            return line, await _asked(line, method, head, body)
        except LOST as error:
            raise self._failure(error) from None

    async def _pieces(self, line: Outgoing) -> AsyncIterator[bytes]:
        try:
            async for piece in line.pieces():
                yield piece
        except LOST as error:
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> UpstreamFailure:
        at = f"{self.base.scheme}://{self.base.authority}"
        if isinstance(error, TimeoutError):
            return UpstreamFailure(504, "timeout", f"{at} did not answer in time.")
        return UpstreamFailure(502, "failed", f"{at} gave no answer that can be handed on: {how_lost(error)}.")

    def shown(self, reply: Reply, base: str) -> Reply:
        """The reply as this server gives it: its links lead to ``base`` in place of the deployment."""
        pairs = [
            (name, self._links.sub(base, value) if name.lower() in _LINKS else value)
            for name, value in reply.headers
            if name.lower() not in _ANSWERED
        ]
        return reply._replace(headers=tuple(pairs))

    async def issuer(self) -> tokens.Issuer:
        """Who signs the deployment's tokens, by its discovery document; raises UpstreamFailure."""
        try:
            name = (await self._document("/oidc/.well-known/openid-configuration"))["issuer"]
            keys = (await self._document("/oidc/jwks"))["keys"]
            return tokens.issuer(str(name), resource_at(self.base), keys)
        except (ValueError, KeyError, TypeError):
            raise UpstreamFailure(502, "keys", f"{self.base.url}/oidc publishes no keys.") from None

    async def _document(self, path: str) -> Any:
        body = b""
        async with self.asked(Request("GET", path)) as received:
            async for piece in received.pieces:
                body += piece
                if len(body) > _MOST_KEYS:
                    break
        return decode(body)

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        for line in tuple(self._idle):
            line.close()


async def _asked(line: Outgoing, method: str, head: bytes, body: Body) -> tuple[int, Headers]:
    try:
        return await line.ask(method, head, body)
    except BaseException:
        await line.end()
        raise


async def _chunks(body: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    async for piece in body:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _received(headers: Headers) -> Headers:
    """The headers of an answer without those of the connection; RFC 9112, 6.3: chunks have no other length."""
    is_chunked = any(name.lower() == "transfer-encoding" for name, _ in headers)
    return _passed(headers, ("content-length",) if is_chunked else ())


def _passed(headers: Headers, more: Iterable[str]) -> Headers:
    """The headers without those of one connection, and without ``more``."""
    named = [
        item.strip() for name, value in headers if name.lower() == "connection" for item in value.lower().split(",")
    ]
    dropped = _OF_ONE_CONNECTION.union(named, more)
    return tuple(pair for pair in headers if pair[0].lower() not in dropped)
