"""One request in, one reply out: the whole of the API, without a socket or a clock.

``Mock.exchange`` reads from top to bottom: which tenant a request is for; whether faults apply; what the request asks
for; who may have it; the reply; its encoding; its entry in the journal.

**Remembered replies.** Clients poll: they send the same request again and again, and get the same bytes each time. A
server may send a finished reply again instead of making it anew, if it can tell that the new one would be the same. An
honest reply is a function of five things:

1. the request itself, each of its bytes. The server remembers a reply by the request, so an equal request finds it;
2. the settings, which never change while a server runs;
3. the logs. ``Store.version`` names their state: it changes when a log is added, when added logs are removed, and when
   a growing source has a new log;
4. the tenant's plan. While a rule is armed, each request must be counted and may meet a fault, so no reply is sent
   again. The reply to a request that brings its own faults along (``Prefer``) is never remembered;
5. the time, through the token. The token was accepted at ``since``; it is accepted until its ``exp`` (``until``). The
   clock may go back, and then an ``nbf`` could be in the future again, so a moment before ``since`` does not count.

``Validity`` holds these for one reply, and ``Mock.again`` compares them with the present. The tenant must also be the
very same object: a tenant that was dropped and made anew has an empty journal and the plan of the server.

A reply from memory is still one exchange: ``again`` writes it into the journal. Refusals are not remembered, since a
token that is refused now may be accepted later; nor are replies outside the API, which cost little, and large bodies,
which would fill the memory.

For example: at 12:00:00 a client reads page 1 with a token that expires at 12:30:00. Equal requests get the same reply
until somebody adds a log (another version) or arms a fault. At 12:30:00 the request is answered anew, with 401.
"""

from __future__ import annotations

from typing import NamedTuple

from mockserver.contract.errors import Refused, StoredBreak
from mockserver.contract.filters import Filters
from mockserver.contract.profile import profile
from mockserver.contract.refusals import broken, missing
from mockserver.faults.plan import brought_rules, disturbed, plan
from mockserver.http import paths
from mockserver.http.conditional import conditional, entity_tag
from mockserver.http.link import links
from mockserver.http.message import JSON, Reply, Request
from mockserver.logs.source import Source
from mockserver.mock import answers
from mockserver.mock.access import authorize
from mockserver.mock.journal import Entry, Excerpt, excerpt
from mockserver.mock.query import parse_query
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import DEFAULT, Tenant, TenantPath, Tenants, tenant_path

# The largest body that is worth remembering: a page of 20 has some 20 kB.
_LARGEST = 64 * 1024


class Validity(NamedTuple):
    """What a remembered reply depends on: while all of it is the same, the reply may be sent again (see above).

    ``since`` and ``until`` (seconds since 1970) bound the time in which the token is accepted; ``path`` is behind the
    tenant's prefix; ``status`` is that of the reply, and ``excerpt`` what the journal keeps of it.
    """

    tenant: Tenant
    version: str
    since: float
    until: float
    request: Request
    path: str
    status: int
    excerpt: Excerpt


class Outcome(NamedTuple):
    """A reply, its entry in the tenant's journal (None when the request names no tenant), and what it depends on.

    ``validity`` is None for a reply that must not be sent again, or is not worth remembering.
    """

    reply: Reply
    entry: Entry | None
    validity: Validity | None = None


class _Answer(NamedTuple):
    """A reply before it is recorded: with the texts of the rules that struck it, and what it depends on."""

    reply: Reply
    rules: tuple[str, ...] = ()
    validity: Validity | None = None


class _Incoming(NamedTuple):
    """A request, the tenant it is for, and what its path names (see ``paths.resource``)."""

    request: Request
    address: TenantPath
    tenant: Tenant
    resource: str | None

    @property
    def reads(self) -> bool:
        """Whether the request reads a list or a log."""
        return self.resource is not None and self.request.method in ("GET", "HEAD")


class Mock:
    """The API of one server: settings, a source, and the tenants that use them.

    ``shift``: the seconds that the time of the logs is ahead of the time of the requests.
    """

    def __init__(self, settings: Settings, source: Source, shift: float = 0.0) -> None:
        self.settings = settings
        self.profile = profile(settings.profile)
        self.shift = shift
        self.tenants = Tenants(source, plan(settings.faults, settings.seed))

    def count(self, tenant: str = DEFAULT) -> int:
        """How many logs the API lists of a tenant before any time has passed."""
        return self.tenants.get(tenant).store.count(Filters(prefixes=self.profile.prefixes))

    def respond(self, request: Request, now: float) -> Reply:
        """The reply to one request at the moment ``now`` (seconds since 1970)."""
        return self.exchange(request, now).reply

    def exchange(self, request: Request, now: float) -> Outcome:
        """The reply to one request at the moment ``now`` (seconds since 1970), recorded in the tenant's journal."""
        try:
            incoming = self._incoming(request)
        except Refused as refusal:
            return Outcome(self._refusal(request, refusal), None)
        # Faults apply to reading lists and logs, and to nothing else.
        reply, rules, validity = self._disturbed(incoming, now) if incoming.reads else self._honest(incoming, now)
        status = None if reply.sending.cut == -1 else reply.status
        kept, reply = excerpt(reply, request.method) if validity is None else (validity.excerpt, reply)
        entry = incoming.tenant.journal.record(request, incoming.address.path, now, status, rules, kept)
        return Outcome(reply, entry, validity)

    def again(self, validity: Validity, now: float) -> Entry | None:
        """Record the same request once more at ``now`` and return its entry, if its remembered reply is still right.

        Returns None, and records nothing, when the reply could be another one now.
        """
        tenant, version, since, until, request, path, status, kept = validity
        if (
            tenant.armed.rules
            or not since <= now < until
            or self.tenants.get(tenant.name) is not tenant
            or tenant.store.version(now + self.shift) != version
        ):
            return None
        return tenant.journal.record(request, path, now, status, (), kept)

    def _incoming(self, request: Request) -> _Incoming:
        """Read the tenant and the path; raises Refused for a text that cannot be a tenant's name."""
        address = tenant_path(request)
        resource = paths.resource(paths.proper(address.path), self.profile)
        return _Incoming(request, address, self.tenants.get(address.tenant), resource)

    def _disturbed(self, incoming: _Incoming, now: float) -> _Answer:
        """The reply after the faults that strike the request. They come before everything else, even before access."""
        try:
            brought = brought_rules(incoming.request)
        except Refused as refusal:
            return _Answer(self._refusal(incoming.request, refusal))
        drawn = incoming.tenant.armed.draw(incoming.request, now, brought.rules)
        if not drawn and not brought.applied:
            return self._honest(incoming, now)

        def ask(request: Request) -> Reply:
            return self._honest(self._incoming(request), now).reply

        reply = disturbed(drawn, incoming.request, now, ask)
        if brought.applied:
            reply = reply.with_more((("Preference-Applied", brought.applied),))
        return _Answer(reply, tuple(struck.rule.text for struck in drawn))

    def _honest(self, incoming: _Incoming, now: float) -> _Answer:
        """The reply without faults."""
        request, address, tenant, resource = incoming
        if not request.target.isascii():
            return _Answer(self._encoded(request, answers.bad_target(self.profile)))
        if resource is None or not incoming.reads:
            path = paths.proper(address.path)
            reply = answers.unread(request.method, path, resource is not None, self.profile)
            return _Answer(self._encoded(request, reply))
        try:
            token, endpoint = request.header("authorization"), request.origin + address.prefix
            until = authorize(token, self.settings.auth, tenant.name, endpoint, now)
            version = tenant.store.version(now + self.shift)
            is_list = resource == paths.LIST
            reply = self._list(incoming, version, now) if is_list else self._log(incoming, resource, now)
        except Refused as refusal:
            return _Answer(self._refusal(request, refusal))
        reply = self._encoded(request, reply)
        if not isinstance(reply.body, bytes) or len(reply.body) > _LARGEST:
            return _Answer(reply)
        kept, _ = excerpt(reply, request.method)
        return _Answer(reply, (), Validity(tenant, version, now, until, request, address.path, reply.status, kept))

    def _list(self, incoming: _Incoming, version: str, now: float) -> Reply:
        request, address, tenant, _ = incoming
        query = parse_query(paths.proper(request.target).partition("?")[2], self.profile)
        page = tenant.store.page(query, now + self.shift)
        body = answers.listing(page)
        if self.profile.strict_origin and not paths.is_url(request):
            raise broken()
        lost = self.profile.link_loses if self.settings.link_base != "api" else ""
        values = links(page.place, request.origin + address.prefix + paths.proper(address.path).removeprefix(lost))
        headers = [JSON, answers.VARY, ("Total-Number", str(page.total))]
        if page.capped:
            headers.append(("Total-Number-Is-Capped", "true"))
        headers += [("Link", value) for value in (values if self.profile.link_lines else [", ".join(values)])]
        # Queries that mean the same have the same tag: unknown parameters and the way of writing are left out.
        return conditional(request, tuple(headers), body, entity_tag(f"{version}|{query.meaning}"), self.profile)

    def _log(self, incoming: _Incoming, log_id: str, now: float) -> Reply:
        if self.profile.nul_breaks and "\0" in log_id:
            raise broken()
        try:
            body = incoming.tenant.store.find(log_id, now + self.shift)
        except StoredBreak:
            raise broken() from None
        if body is None:
            raise missing()
        return conditional(incoming.request, (JSON, answers.VARY), body, entity_tag(body), self.profile)

    def _refusal(self, request: Request, refusal: Refused) -> Reply:
        return self._encoded(request, answers.refused(refusal))

    def _encoded(self, request: Request, reply: Reply) -> Reply:
        return answers.encoded(reply, request, self.profile)
