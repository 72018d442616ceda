"""The front: every request of the API, whatever edge it came through; what it does not answer is Flask's."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

from mockserver.edge.sending import send
from mockserver.edge.wsgi import request_from
from mockserver.http.cors import CORS, PREFLIGHT
from mockserver.http.message import Reply, Request
from mockserver.mock.exchange import Mock, Outcome, Validity
from mockserver.mock.journal import Entry
from mockserver.mock.tenants import PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Prepared = TypeVar("Prepared")

# What Flask answers, also under a tenant's prefix; every other path is the API's.
_FLASK = ("/oidc", "/openapi.", "/__admin")
# Replies that one edge keeps: at 20 kB a page 2 MB, at most 8; and requests of which it knows that they came.
_MOST, _MOST_SEEN = 128, 4096


class Front:
    """The layer before Flask: the API's paths are answered by the mock, raw as they came.

    Flask would decode and normalise them (a doubled slash, a percent-encoded letter), and halve the requests a second.
    An edge hands over requests by ``answer``; a foreign WSGI server calls the front itself.
    """

    def __init__(self, mock: Mock, behind: WSGIApplication, clock: Callable[[], float]) -> None:
        self.mock = mock
        self.behind = behind
        self.clock = clock

    def answer(self, request: Request) -> Outcome | None:
        """The exchange of one request, its reply not yet open to browsers; None for what Flask answers."""
        path = behind_tenant(_decoded(request.path))
        if request.method == "OPTIONS" and not path.startswith("/__admin") and _is_preflight(request):
            return Outcome(Reply(204, PREFLIGHT), None)
        if path.startswith(_FLASK):
            return None
        return self.mock.exchange(request, self.clock())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began = time.perf_counter()
        answered = self.answer(request_from(environ))
        if answered is None:
            return self.behind(environ, start_response)
        try:
            return send(opened(answered.reply), environ, start_response)
        finally:
            timed(answered.entry, began)


class _Kept(NamedTuple, Generic[Prepared]):
    validity: Validity
    prepared: Prepared


class ReplyCache(Generic[Prepared]):
    """Finished replies as one edge sends them, by requests as it reads them; the oldest makes room for the newest."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._kept: dict[Hashable, _Kept[Prepared]] = {}
        self._seen: set[int] = set()

    def recall(self, key: Hashable) -> tuple[Prepared, Entry] | None:
        """The reply to an equal request, with its entry in the journal; None where there is none that still stands."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        entry = self.front.mock.again(kept.validity, self.front.clock())
        if entry is None:
            del self._kept[key]
            return None
        return kept.prepared, entry

    def keep(self, key: Hashable, validity: Validity, prepared: Prepared) -> None:
        """Remember the reply to a request (the key says all of it) once it comes a second time.

        What comes once only would fill the memory, and push what is used out of the processor's cache.
        """
        seen, mark = self._seen, hash(key)
        if mark not in seen:
            if len(seen) >= _MOST_SEEN:
                seen.clear()
            seen.add(mark)
            return
        if len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = _Kept(validity, prepared)


def timed(entry: Entry | None, began: float) -> None:
    """Tell the journal how long an exchange took that began at ``began`` (``perf_counter`` seconds)."""
    if entry is not None:
        entry.milliseconds = (time.perf_counter() - began) * 1000


def opened(reply: Reply) -> Reply:
    """The reply as browsers may read it; one that says itself who may (a fault) is left as it is."""
    return reply.with_more(CORS) if reply.header("access-control-allow-origin") is None else reply


def behind_tenant(path: str) -> str:
    """The path without a tenant's prefix."""
    if not path.startswith(PREFIX):
        return path
    _, slash, rest = path[len(PREFIX) :].partition("/")
    return slash + rest


def _decoded(path: str) -> str:
    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1") if "%" in path else path


def _is_preflight(request: Request) -> bool:
    return request.header("access-control-request-method") is not None
