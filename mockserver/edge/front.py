"""The front: one mock as every server and every application serves it.

The API's own paths are answered here, raw as they came, since Flask would decode and normalise what a real deployment
tells apart (a doubled slash, a percent-encoded letter) and would halve the requests a second. Flask answers the rest.
It is made when it is first needed, so that a server is ready before Flask is imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mockserver.contract.profile import DOCUMENTED
from mockserver.contract.refusals import invalid_host
from mockserver.edge.reload import Reload, state_of
from mockserver.edge.sending import Rendered
from mockserver.http.cors import ALL_METHODS, METHODS, permission
from mockserver.http.forwarded import is_host
from mockserver.http.message import Reply, Request
from mockserver.logs.source import Opening, Source, Watch, read_source, unwatched
from mockserver.mock.answers import refused
from mockserver.mock.clock import start_of
from mockserver.mock.exchange import Mock, Outcome, Validity
from mockserver.mock.journal import Entry
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import PREFIX, Setup

if TYPE_CHECKING:
    from flask import Flask

    from mockserver.edge.forwarding import Forwarding

# What Flask answers, also under a tenant's prefix; every other path is the API's.
_FLASK = ("/oidc", "/openapi.", "/__admin")
# Replies that are kept: at 20 kB a page 2 MB, at most 8 MB; and requests that are known to have come once.
_MOST, _MOST_SEEN = 128, 4096


class Front:
    """One mock and its clock, which gives seconds since 1970; ``reload`` reads the mock's file of logs again; ``app``
    is the Flask app of the same mock; ``forwarding`` is what it hands to a real deployment."""

    forwarding: Forwarding | None = None
    verdict: Callable[[], dict[str, Any]] | None = None

    def __init__(self, mock: Mock, clock: Callable[[], float], reload: Reload) -> None:
        self.mock = mock
        self.clock = clock
        self.reload = reload

    @cached_property
    def app(self) -> Flask:
        """The Flask app, made when it is first asked for (0.1 to 0.3 s)."""
        from mockserver.edge.app import app_of

        # werkzeug parses Python to make its routes. In CPython 3.11 that raises SystemError now and then while another
        # thread parses too, as Hypothesis and pytest do (python/cpython#106905).
        with suppress(SystemError):
            return app_of(self)
        return app_of(self)

    def answer(self, request: Request) -> Outcome | Forwarding | None:
        """The outcome of one request, its reply not yet open to browsers; None for what Flask answers, and for what a
        real deployment answers the forwarding that asks it."""
        path = inner_path(request.path)
        is_control = path.startswith("/__admin")
        is_preflight = request.method == "OPTIONS" and request.header("access-control-request-method") is not None
        is_forwarded = self.forwarding is not None and self.forwarding.takes(request, path)
        is_flask = path.startswith(_FLASK) and not is_forwarded
        if is_preflight and not is_control:
            reply = Reply(204) if is_flask or is_forwarded else self.mock.preflight(request)
            return Outcome(reply.with_more(permission(request, ALL_METHODS if is_forwarded else METHODS)), None)
        authority = request.origin.partition("://")[2]
        # Other profiles have facts of their own, and the control API has a guard.
        if self.mock.profile is DOCUMENTED and not is_control and not is_host(authority):
            return Outcome(refused(invalid_host(authority)), None)
        if is_flask:
            return None
        if is_forwarded and self.forwarding is not None:
            refusal = self.forwarding.refusal(request)
            return self.forwarding if refusal is None else Outcome(refused(refusal), None)
        return self.mock.exchange(request, self.clock())


def open_front(
    settings: Settings | None = None,
    source: Source | None = None,
    clock: Callable[[], float] = time.time,
    watch: Watch = unwatched,
) -> Front:
    """The front of these settings, its source opened.

    ``source`` stands in for the one that the settings name; ``watch`` hears how far the opening of the source is.
    Raises MockserverError where the source cannot be opened.
    """
    settings, now = settings or Settings(), clock()
    end, shift = start_of(settings.now, now)
    opening = Opening(end, settings.growth, settings.allow_invalid, watch)
    kind, state = None, state_of("")
    if source is None:
        kind = read_source(settings.logs)
        # Looked at before it is read, so that no change is missed.
        state = state_of(kind.file)
        source = kind.open(opening)
    mock = Mock(Setup(source, settings, end, shift), now)
    return Front(mock, clock, Reload(mock, kind, opening, state))


def open_setup(settings: Settings, now: float) -> Setup:
    """What a tenant with these settings begins with at ``now`` (seconds since 1970); raises MockserverError."""
    end, shift = start_of(settings.now, now)
    source = read_source(settings.logs).open(Opening(end, settings.growth, settings.allow_invalid))
    return Setup(source, settings, end, shift)


def behind_tenant(path: str) -> str:
    """The path without a tenant's prefix."""
    if not path.startswith(PREFIX):
        return path
    _, slash, rest = path[len(PREFIX) :].partition("/")
    return slash + rest


# Clients ask for a few paths with many queries.
@lru_cache(maxsize=256)
def inner_path(path: str) -> str:
    """The decoded path without a tenant's prefix."""
    return behind_tenant(unquote_to_bytes(path.encode("latin-1")).decode("latin-1"))


class ReplyCache:
    """Finished replies by the bytes of their requests; the oldest makes room for the newest."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._kept: dict[bytes, tuple[Validity, Rendered]] = {}
        self._seen: set[int] = set()

    def recall(self, request: bytes) -> tuple[Rendered, Entry] | None:
        """The reply to equal bytes, with an entry in the journal; None where none is kept that is still right."""
        kept = self._kept.get(request)
        if kept is None:
            return None
        entry = self._front.mock.again(kept[0], self._front.clock())
        if entry is None:
            del self._kept[request]
            return None
        return kept[1], entry

    def keep(self, request: bytes, validity: Validity, rendered: Rendered) -> None:
        """Keep the reply to a request (the bytes are all of it) once the request comes a second time.

        What comes only once would fill the cache and push what is used out of the processor's own.
        """
        mark = hash(request)
        if mark not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen.add(mark)
            return
        if len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[request] = validity, rendered
