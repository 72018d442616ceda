"""One request for logs that a real deployment answers: the mock's faults and journal in front of it.

A fault maps the honest reply to another, and asks for that reply only where it needs it: a 503 never reaches the
deployment. But the deployment answers later, and a fault is a plain function that cannot wait. Since it is also a pure
one, it is simply called again: each time it asks for a reply that is not there yet, the request goes out to the edge,
and with the reply at hand the fault begins anew.
"""

from __future__ import annotations

from collections.abc import Generator
from urllib.parse import unquote

from mockserver.contract.errors import Refused
from mockserver.faults.plan import PREFERENCES, Brought, brought_rules, disturbed
from mockserver.http.message import Reply, Request, json_reply
from mockserver.mock import answers
from mockserver.mock.exchange import Mock, Outcome
from mockserver.mock.journal import excerpt
from mockserver.mock.tenants import tenant_path

# An offence asks for some pages beside the one that is asked for.
_MOST_ASKED = 20


class _Missing(Exception):
    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


def forwarded(mock: Mock, request: Request, now: float, is_logs: bool) -> Generator[Request, Reply, Outcome]:
    """The outcome of one request at the moment ``now``, recorded in the journal of the tenant that it names.

    Yields each request to ask the deployment, its target behind the tenant's prefix; is sent its reply. One that is not
    about logs meets no fault, and the journal keeps the head of its reply alone, since the body may be a token.
    """
    address = tenant_path(request)
    tenant = mock.tenants.get(address.tenant)
    now += tenant.ahead
    reply: Reply | None = None
    rules: tuple[str, ...] = ()
    known: dict[Request, Reply] = {}
    try:
        brought = brought_rules(request) if is_logs else Brought()
    except Refused as refusal:
        reply, drawn = answers.refused(refusal), []
    else:
        drawn = tenant.armed.draw(request, now, brought.rules) if is_logs else []
        bare = _bare(request, address.path, bool(brought.applied))
    while reply is None:
        try:
            reply = disturbed(drawn, bare, now, lambda asked: _known(known, asked))
        except _Missing as unanswered:
            known[unanswered.request] = yield unanswered.request
            if len(known) > _MOST_ASKED:
                sentence = f"A fault asked for more than {_MOST_ASKED} answers."
                reply = json_reply(502, {"code": "upstream.too_many", "message": sentence})
        else:
            rules = tuple(struck.rule.text for struck in drawn)
            if brought.applied:
                reply = reply.with_more((("Preference-Applied", brought.applied),))
    kept, reply = excerpt(reply, request.method if is_logs else "HEAD")
    status = None if reply.sending.cut == -1 else reply.status
    return Outcome(reply, tenant.journal.record(request, address.path, now, status, rules, kept))


def _known(known: dict[Request, Reply], asked: Request) -> Reply:
    if asked not in known:
        raise _Missing(asked)
    return known[asked]


def _bare(request: Request, path: str, is_obeyed: bool) -> Request:
    """The request without what is said to this server alone: the tenant's prefix, and preferences that it obeys."""
    if not is_obeyed:
        return request._replace(target=(path or "/") + request.target[len(request.path) :])
    twins = {f"__{name}" for name in PREFERENCES}
    query = "&".join(pair for pair in request.query.split("&") if unquote(pair.partition("=")[0]) not in twins)
    headers = tuple(pair for pair in request.headers if pair[0] != "prefer")
    return request._replace(target=f"{path}?{query}" if query else path, headers=headers)
