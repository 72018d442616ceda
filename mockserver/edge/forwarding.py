"""Forwarding: one request on its way to the real deployment, and the answer on its way back.

A request for logs is answered by ``mock/forwarding.py``, with the mock's faults and journal; its answer is read whole,
up to ``_LARGEST``, so that it can be judged and disturbed. Everything else passes in pieces, both ways, and is as long
as it likes: the deployment takes as fast as the client gives, and the client as fast as the deployment.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from mockserver.contract.errors import Refused
from mockserver.contract.refusals import misdirected
from mockserver.edge.admin.guard import host_of
from mockserver.edge.sending import CONTINUE, is_sent
from mockserver.edge.terminal import unrecorded
from mockserver.edge.upstream import Upstream, UpstreamFailure
from mockserver.http import paths
from mockserver.http.cors import BREAKS, opened
from mockserver.http.forwarded import is_loopback
from mockserver.http.message import Reply, Request, Stream, json_reply
from mockserver.mock import tokens
from mockserver.mock.exchange import Mock, Outcome
from mockserver.mock.forwarding import forwarded
from mockserver.mock.journal import excerpt
from mockserver.mock.tenants import tenant_path

if TYPE_CHECKING:
    from mockserver.edge.delivery import Delivery
    from mockserver.edge.serving import Note
    from mockserver.http.reader import Incoming
    from mockserver.judge.traffic import TrafficJudge

# The most bytes of an answer that are judged and disturbed; one of 100 logs has some 100 kB.
_LARGEST = 4 * 1024 * 1024
# An upload waits at these many bytes, and so many seconds for its next piece.
_FULL, _STALLED = 256 * 1024, 20.0
# The deployment's keys are fetched again for an unknown one, at most once in so many seconds.
_KEYS_AGAIN = 10.0


class Upload:
    """The body of one request: pieces come in at one end and are taken at the other.

    ``invites``: the client waits for an interim 100 before it sends it.
    """

    def __init__(self, transport: asyncio.Transport, invites: bool) -> None:
        self._transport = transport
        self._invites = invites
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._is_whole = False
        self._more = asyncio.Event()

    def add(self, piece: bytes) -> None:
        """Take one piece; no more is read of the client while many wait."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _FULL:
            self._transport.pause_reading()
        self._more.set()

    def end(self) -> None:
        """Take note that it is whole."""
        self._is_whole = True
        self._more.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._pieces or not self._is_whole:
            self._more.clear()
            if not self._pieces:
                if self._invites:
                    self._transport.write(CONTINUE)
                self._invites = False
                try:
                    async with asyncio.timeout(_STALLED):
                        await self._more.wait()
                except TimeoutError:
                    raise UpstreamFailure(408, "stalled", f"No more of the body came in {_STALLED:g} s.") from None
                continue
            piece = self._pieces.popleft()
            self._size -= len(piece)
            if self._size <= _FULL:
                self._transport.resume_reading()
            yield piece


class Forwarding:
    """What is forwarded of a mock's requests to one deployment.

    With a ``judge`` everything is, and each answer about logs is judged; without one, everything but the logs.
    """

    def __init__(
        self, mock: Mock, clock: Callable[[], float], upstream: Upstream, judge: TrafficJudge | None = None
    ) -> None:
        self._clock = clock
        self.upstream = upstream
        self.judge = judge
        self._mock = mock
        self._keys_due = 0.0

    def takes(self, request: Request, path: str) -> bool:
        """Whether a request is answered here; ``path`` is behind the tenant's prefix, and decoded."""
        if path.startswith(("/__admin", "/openapi.")):
            return False
        return self.judge is not None or self._resource(path) is None or self._lacks_keys(request)

    def refusal(self, request: Request) -> Refused | None:
        """Why a request is forwarded nowhere, or None: a proxy for one deployment takes no other host's requests."""
        try:
            tenant_path(request)
        except Refused as refusal:
            return refusal
        host, settings = host_of(request), self._mock.settings
        is_own = not is_loopback(settings.host) or is_loopback(host) or f"://{host}" in settings.base_url
        return None if is_own and not request.absolute and request.method != "CONNECT" else misdirected(host)

    def passing(self, request: Request, path: str, transport: asyncio.Transport, invites: bool) -> Upload | None:
        """Where the body of a request goes as it comes; None for one that is read whole."""
        is_ours = not self.takes(request, path) or self._meets_faults(request, path) or self.refusal(request)
        return None if is_ours else Upload(transport, invites)

    def _meets_faults(self, request: Request, path: str) -> bool:
        return request.method in ("GET", "HEAD") and self._resource(path) is not None

    def _resource(self, path: str) -> str | None:
        return paths.resource(paths.proper(path), self._mock.profile)

    def _lacks_keys(self, request: Request) -> bool:
        issuer, key = self._mock.issuer, tokens.key_id(request.header("authorization"))
        return key is not None and (issuer is None or key not in issuer.keys) and time.monotonic() >= self._keys_due

    async def send(self, incoming: Incoming, request: Request, delivery: Delivery, done: Note) -> None:
        """Answer one request; ``done`` hears of it. A client that leaves meanwhile ends the asking too."""
        delivery.is_waiting = True
        async with AsyncExitStack() as stack:
            try:
                outcome, rest = await self._outcome(stack, incoming, request, self._clock())
            except UpstreamFailure as failure:
                outcome, rest = self._recorded(request, failure.reply, self._clock()), None
            delivery.is_waiting = False
            try:
                await delivery.obey(opened(outcome.reply), incoming.head, rest)
            except UpstreamFailure:
                delivery.close()
            finally:
                done(outcome.entry or unrecorded(request, outcome.reply.status), delivery.sent)
        # The deployment may answer before it has read all; the next request stands behind the rest.
        if incoming.passing is not None:
            try:
                async for _ in incoming.passing:
                    pass
            except UpstreamFailure:
                delivery.close()

    async def _outcome(
        self, stack: AsyncExitStack, incoming: Incoming, request: Request, now: float
    ) -> tuple[Outcome, AsyncIterator[bytes] | None]:
        """The outcome of one request, and the pieces of its body that come behind those of its reply."""
        path = tenant_path(request).path
        if self.judge is not None and self._meets_faults(request, path):
            return await self._logs(stack, incoming.body, request, now)
        if self.judge is not None or self._resource(path) is None:
            return await self._passing(stack, incoming, request, now)
        self._keys_due = time.monotonic() + _KEYS_AGAIN
        self._mock.issuer = await self.upstream.issuer()
        return self._mock.exchange(request, now), None

    async def _passing(
        self, stack: AsyncExitStack, incoming: Incoming, request: Request, now: float
    ) -> tuple[Outcome, AsyncIterator[bytes]]:
        address = tenant_path(request)
        asked = request._replace(target=address.path + request.target[len(request.path) :])
        body = incoming.body if incoming.passing is None else incoming.passing
        received = await stack.enter_async_context(self.upstream.asked(asked, body))
        reply = Reply(received.status, received.headers, Stream(tuple))
        return self._recorded(
            request, self.upstream.shown(reply, request.public + address.prefix), now
        ), received.pieces

    def _recorded(self, request: Request, reply: Reply, now: float) -> Outcome:
        """The outcome of what no fault meets; the journal keeps its head alone, since its body may be a token."""
        address = tenant_path(request)
        tenant = self._mock.tenants.get(address.tenant)
        kept, _ = excerpt(reply, "HEAD")
        return Outcome(reply, tenant.journal.record(request, address.path, now + tenant.ahead, reply.status, (), kept))

    async def _logs(
        self, stack: AsyncExitStack, body: bytes, request: Request, now: float
    ) -> tuple[Outcome, AsyncIterator[bytes] | None]:
        steps = forwarded(self._mock, request, now)
        base = self._mock.placed(request).public + tenant_path(request).prefix
        rest: AsyncIterator[bytes] | None = None
        try:
            asked = next(steps)
            while True:
                reply, rest = await self._asked(stack, asked, body, base)
                asked = steps.send(reply)
        except StopIteration as end:
            outcome: Outcome = end.value
        if rest is not None and outcome.entry is not None and outcome.entry.faults:
            sentence = f"A fault that changes the answer takes at most {_LARGEST:,} bytes of it."
            return outcome._replace(reply=json_reply(502, {"code": "upstream.too_large", "message": sentence})), None
        return outcome, rest

    async def _asked(
        self, stack: AsyncExitStack, request: Request, body: bytes, base: str
    ) -> tuple[Reply, AsyncIterator[bytes] | None]:
        """The deployment's answer about logs with the rest of its body where it is too large; it is judged if not."""
        began = time.monotonic()
        try:
            received = await stack.enter_async_context(self.upstream.asked(request, body))
        except UpstreamFailure as failure:
            return failure.reply, None
        reply, whole, is_broken = Reply(received.status, received.headers), bytearray(), False
        try:
            async for piece in received.pieces:
                whole += piece
                if len(whole) > _LARGEST:
                    break
        except UpstreamFailure:
            # What came is handed on, and breaks off where it did.
            is_broken = True
        if is_broken or len(whole) > _LARGEST:
            start = Stream(lambda: (bytes(whole),))
            shown = self.upstream.shown(reply, base)._replace(body=start)
            return (shown.sent(end="close"), None) if is_broken else (shown, received.pieces)
        reply = reply._replace(body=bytes(whole) if is_sent(reply, request.method) else Stream(tuple))
        broken = self.judge.judge(request, reply, time.monotonic() - began) if self.judge is not None else ()
        shown = self.upstream.shown(reply, base)
        return shown.with_header(BREAKS, ", ".join(broken)) if broken else shown, None
