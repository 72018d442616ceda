"""The real deployment behind `proxy` and `serve --upstream`: what is sent to it, and what comes back.

*One way out.* Scheme, host and port are those of the one address that was given at the start; a request gives its
target alone. Certificates are checked by the authorities of the system (or of ``SSL_CERT_FILE``), redirects are handed
on and never followed, and a loop is seen by ``Via``.

*Headers.* What concerns one connection alone (RFC 9110, 7.6.1) stays on its side. A link that leads to the deployment's
own origin (Link, Location) leads to this server instead, its path as it was, so that a client which follows it does not
walk past the faults; so may web pages, which the deployment allows to its own console alone, read the answers.
"""

from __future__ import annotations

import re
import secrets
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import httpcore

from mockserver.contract.jsontext import decode
from mockserver.http.cors import CORS
from mockserver.http.message import Headers, Reply, Request, json_reply
from mockserver.judge.credentials import resource_at
from mockserver.judge.route import Address, address
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
# Node ends a connection that was idle for 5 s; a request on its way then would be lost.
_IDLE = 4.0
# Seconds until the deployment is connected to, and between two pieces from it or to it.
_TIMEOUTS = {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": 10.0}
_MOST_CONNECTIONS = 1000
# The keys of a deployment are some kB; they are asked for again after so many seconds, at the earliest.
_MOST_KEYS = 256 * 1024


class UpstreamFailure(Exception):
    """No whole answer came; ``reply`` says so to the client."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reply = json_reply(status, {"code": f"upstream.{code}", "message": sentence})


class Received(NamedTuple):
    """The head of an answer, and its body in pieces, as sent. To read them raises UpstreamFailure where they break
    off."""

    status: int
    headers: Headers
    pieces: AsyncIterator[bytes]


class Upstream:
    """One deployment; raises MockserverError for a text that is no URL of one."""

    def __init__(self, url: str) -> None:
        self.address: Address = address(url.rstrip("/"))
        self._mark = f"mockserver-{secrets.token_hex(4)}"
        is_tls = self.address.scheme == "https"
        self._pool = httpcore.AsyncConnectionPool(
            ssl.create_default_context() if is_tls else None, max_connections=_MOST_CONNECTIONS, keepalive_expiry=_IDLE
        )

    @asynccontextmanager
    async def asked(self, request: Request, body: bytes | AsyncIterable[bytes] = b"") -> AsyncIterator[Received]:
        """The answer to a request whose target is behind any tenant's prefix; the connection is let go in the end."""
        if self._mark in (request.header("via") or ""):
            raise UpstreamFailure(508, "loop", f"{self.address.url} is this server itself.")
        where = self.address
        url = httpcore.URL(
            scheme=where.scheme.encode(), host=where.connect_to.encode("idna"), port=where.port,
            target=(where.path + request.target).encode("latin-1"),
        )  # fmt: skip
        sent = [("Host", where.authority), *_passed(request.headers, _OURS), ("Via", f"1.1 {self._mark}")]
        if not isinstance(body, bytes) and request.header("content-length") is None:
            sent.append(("Transfer-Encoding", "chunked"))
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent]
        extensions = {"timeout": _TIMEOUTS, "sni_hostname": where.host.encode("idna").decode()}
        content = body or None if isinstance(body, bytes) else aiter(body)
        with self._explained():
            async with self._pool.stream(
                request.method, url, headers=pairs, content=content, extensions=extensions
            ) as (answer):
                headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
                yield Received(answer.status, _passed(headers), self._pieces(answer))

    async def _pieces(self, answer: httpcore.Response) -> AsyncIterator[bytes]:
        with self._explained():
            async for piece in answer.aiter_stream():
                yield piece

    @contextmanager
    def _explained(self) -> Iterator[None]:
        at = f"{self.address.scheme}://{self.address.authority}"
        try:
            yield
        except httpcore.TimeoutException as error:
            raise UpstreamFailure(504, "timeout", f"{at} did not answer in time ({type(error).__name__}).") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            said = f"{error}"[:200] or type(error).__name__
            raise UpstreamFailure(502, "failed", f"{at} gave no answer that can be handed on: {said}") from None

    def shown(self, reply: Reply, base: str) -> Reply:
        """The reply as this server gives it: its links lead to ``base`` in place of the deployment."""
        origin = re.compile(
            re.escape(f"{self.address.scheme}://{self.address.authority}{self.address.path}") + r"(?![\w.:-])"
        )
        pairs = [(name, origin.sub(base, value) if name.lower() in _LINKS else value) for name, value in reply.headers]
        return reply._replace(headers=tuple(pair for pair in pairs if pair[0].lower() not in _ANSWERED))

    async def issuer(self) -> tokens.Issuer:
        """Who signs the deployment's tokens, by its discovery document; raises UpstreamFailure."""
        try:
            name = (await self._document("/oidc/.well-known/openid-configuration"))["issuer"]
            keys = (await self._document("/oidc/jwks"))["keys"]
            return tokens.issuer(str(name), resource_at(self.address), keys)
        except (ValueError, KeyError, TypeError):
            raise UpstreamFailure(502, "keys", f"{self.address.url}/oidc publishes no keys.") from None

    async def _document(self, path: str) -> Any:
        body = b""
        async with self.asked(Request("GET", path)) as received:
            async for piece in received.pieces:
                body += piece
                if len(body) > _MOST_KEYS:
                    break
        return decode(body)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._pool.aclose()


def _passed(headers: Headers, ours: set[str] | frozenset[str] = frozenset()) -> Headers:
    """The headers without those of one connection, and without ours."""
    named = {
        item.strip().lower() for name, value in headers if name.lower() == "connection" for item in value.split(",")
    }
    dropped = _OF_ONE_CONNECTION | named | ours
    return tuple(pair for pair in headers if pair[0].lower() not in dropped)
