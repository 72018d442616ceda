"""Forwarding: one request on its way to the real deployment, and the answer on its way back.

A request for logs is answered by ``mock/forwarding.py``, with the mock's faults and journal. Its answer is read whole,
up to ``LARGEST_JUDGED``, and judged before it is sent, since its head names the checks that it breaks. Everything else
passes in pieces, both ways, and is as long as it likes: the deployment takes as fast as the client gives, and the
client as fast as the deployment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

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
from mockserver.judge.limits import LARGEST_JUDGED
from mockserver.mock import tokens
from mockserver.mock.exchange import Mock, Outcome
from mockserver.mock.forwarding import forwarded
from mockserver.mock.tenants import tenant_path

if TYPE_CHECKING:
    from mockserver.edge.delivery import Delivery
    from mockserver.edge.serving import Note
    from mockserver.http.reader import Incoming
    from mockserver.judge.traffic import TrafficJudge

# A client is not read while twice as many bytes of its body wait, and the next piece may take so many seconds.
_FULL, _STALLED = 64 * 1024, 20.0
# The deployment's keys are fetched again for an unknown one, at most once in so many seconds.
_KEYS_AGAIN = 10.0


Pieces = AsyncIterator[bytes]


class Upload:
    """The body of one request: pieces come in at one end and are taken at the other.

    ``invites``: the client waits for an interim 100 before it sends it.
    """

    def __init__(self, transport: asyncio.Transport, invites: bool) -> None:
        self.invites = invites
        self._transport = transport
        self._pieces = asyncio.StreamReader(_FULL)
        self._pieces.set_transport(transport)

    def __call__(self, piece: bytes) -> None:
        """Take one piece, or none at the end; no more is read of the client while many wait."""
        self.invites = False
        if piece:
            self._pieces.feed_data(piece)
        else:
            self._pieces.feed_eof()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            if self.invites:
                self._transport.write(CONTINUE)
                self.invites = False
            try:
                async with asyncio.timeout(_STALLED):
                    piece = await self._pieces.read(_FULL)
            except TimeoutError:
                raise UpstreamFailure(408, "stalled", f"No more of the body came in {_STALLED:g} s.") from None
            if not piece:
                return
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
        self._fetch: asyncio.Task[tokens.Issuer] | None = None
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
        is_own = not is_loopback(settings.host) or is_loopback(host) or host == urlsplit(settings.base_url).hostname
        is_path = request.target.startswith("/") and not request.absolute
        return None if is_own and is_path else misdirected(host)

    def passing(self, request: Request, path: str, transport: asyncio.Transport, invites: bool) -> Upload | None:
        """Where the body of a request goes as it comes; None for one that is read whole."""
        is_ours = not self.takes(request, path) or self._meets_faults(request, path) or self.refusal(request)
        return None if is_ours else Upload(transport, invites)

    def _meets_faults(self, request: Request, path: str) -> bool:
        return request.method in ("GET", "HEAD") and self._resource(path) is not None

    def _resource(self, path: str) -> str | None:
        return paths.resource(paths.proper(path), self._mock.profile)

    def _lacks_keys(self, request: Request) -> bool:
        key, name = tokens.signer(request.header("authorization"))
        known = self._mock.issuer.keys if self._mock.issuer else {}
        can_fetch = time.monotonic() >= self._keys_due or (self._fetch is not None and not self._fetch.done())
        # A deployment that is a mock signs with the test key too, in its own name.
        is_ours = key == tokens.test_key()["kid"] and name == tokens.ISSUER
        return key is not None and key not in known and not is_ours and can_fetch

    async def _fetch_keys(self) -> None:
        """Fetch the deployment's keys, once for all who wait for them."""
        if self._fetch is None or self._fetch.done():
            self._keys_due = time.monotonic() + _KEYS_AGAIN
            self._fetch = asyncio.get_running_loop().create_task(self.upstream.issuer())
        # Who began may leave before the others.
        self._mock.issuer = await asyncio.shield(self._fetch)

    async def send(self, incoming: Incoming, request: Request, delivery: Delivery, done: Note) -> None:
        """Answer one request; ``done`` hears of it. A client that leaves meanwhile ends the asking too."""
        upload, head = cast("Upload | None", incoming.passing), incoming.head
        delivery.is_waiting = True
        async with AsyncExitStack() as stack:
            outcome, rest = await self._outcome(stack, upload or incoming.body, request, self._clock())
            delivery.is_waiting = False
            # A body that nobody asked for does not come: what comes next would be taken for it.
            is_unasked = upload is not None and upload.invites
            try:
                await delivery.obey(opened(outcome.reply), head._replace(closing=head.closing or is_unasked), rest)
            except UpstreamFailure:
                delivery.close()
            finally:
                done(outcome.entry or unrecorded(request, outcome.reply.status), delivery.sent)
        if upload is not None and not delivery.is_over:
            await self._drop(upload, delivery)

    async def _drop(self, upload: Upload, delivery: Delivery) -> None:
        """Read the rest of a body that was answered before it was whole: the next request stands behind it, and many
        clients read no answer before they have sent all."""
        try:
            async for _ in upload:
                pass
        except UpstreamFailure:
            delivery.close()

    async def _outcome(
        self, stack: AsyncExitStack, body: bytes | Upload, request: Request, now: float
    ) -> tuple[Outcome, Pieces | None]:
        """The outcome of one request, and the pieces of its body that come behind those of its reply."""
        address = tenant_path(request)
        if self.judge is None and self._resource(address.path) is not None:
            try:
                await self._fetch_keys()
            except UpstreamFailure as failure:
                # The mock can check its own key without the deployment.
                if tokens.signer(request.header("authorization"))[0] != tokens.test_key()["kid"]:
                    return Outcome(failure.reply, None), None
            return self._mock.exchange(request, now), None
        is_logs, rest = self._meets_faults(request, address.path), None
        steps, base = forwarded(self._mock, request, now, is_logs), self._mock.placed(request).public + address.prefix
        try:
            asked = next(steps)
            while True:
                reply, rest = await self._asked(stack, asked, body, is_logs)
                asked = steps.send(self.upstream.shown(reply, base))
        except StopIteration as end:
            outcome: Outcome = end.value
        if rest is not None and outcome.entry is not None and outcome.entry.faults:
            sentence = f"A fault that changes the answer takes at most {LARGEST_JUDGED:,} bytes of it."
            return outcome._replace(reply=json_reply(502, {"code": "upstream.too_large", "message": sentence})), None
        return outcome, rest

    async def _asked(
        self, stack: AsyncExitStack, request: Request, body: bytes | Upload, is_logs: bool
    ) -> tuple[Reply, Pieces | None]:
        """The deployment's answer, and what is left of its body: all of it, unless it is about logs. Then it is judged,
        and the rest is what is too large for that."""
        judge, began = cast("TrafficJudge", self.judge), time.monotonic()
        whole, reply = bytearray(), None
        try:
            received = await stack.enter_async_context(self.upstream.asked(request, body))
            reply = Reply(received.status, received.headers, Stream(lambda: (bytes(whole),)))
            if not is_logs:
                return reply, received.pieces
            async for piece in received.pieces:
                whole += piece
                if len(whole) > LARGEST_JUDGED:
                    judge.leave("answers that take too long", f"more than {LARGEST_JUDGED:,} bytes")
                    return reply, received.pieces
        except UpstreamFailure as failure:
            if is_logs:
                judge.leave("answers that did not come whole", str(failure))
            # What came is handed on, and breaks off where it did.
            return (reply.sent(end="close") if reply else failure.reply), None
        reply = reply._replace(body=bytes(whole) if is_sent(reply, request.method) else Stream(tuple))
        broken = judge.judge(request, reply, time.monotonic() - began)
        return reply.with_header(BREAKS, ", ".join(broken)) if broken else reply, None
