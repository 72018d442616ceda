"""One request in, one reply out: the whole of the API, without a socket or a clock.

``Mock.exchange`` reads from top to bottom: which tenant a request is for; whether faults apply; what the request asks
for; who may have it; the reply; its encoding; its entry in the journal.

**Remembered replies.** Clients poll: they send the same request again and again, and get the same bytes each time. A
server may send a finished reply again instead of making it anew, if it can tell that the new one would be the same. An
honest reply is a function of five things:

1. the request itself, each of its bytes. The server remembers a reply by the request, so an equal request finds it;
2. the settings of the tenant: its ``setup``, which is another object when they change;
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
from mockserver.contract.profile import Profile, profile
from mockserver.contract.refusals import broken, missing
from mockserver.faults.plan import brought_rules, disturbed
from mockserver.http import paths
from mockserver.http.conditional import conditional, entity_tag
from mockserver.http.forwarded import forwarded_base
from mockserver.http.link import links
from mockserver.http.message import JSON, Reply, Request
from mockserver.http.origins import link_origin
from mockserver.mock import answers
from mockserver.mock.access import authorize
from mockserver.mock.journal import Entry, Excerpt, excerpt
from mockserver.mock.query import parse_query
from mockserver.mock.tenants import DEFAULT, Setup, Tenant, TenantPath, Tenants, tenant_path
from mockserver.mock.tokens import Issuer

# The largest body that is worth remembering: a page of 20 has some 20 kB.
_LARGEST = 64 * 1024


class Validity(NamedTuple):
    """What a remembered reply depends on: while all of it is the same, the reply may be sent again (see above).

    ``since`` and ``until`` (seconds since 1970) bound the time in which the token is accepted; ``path`` is behind the
    tenant's prefix; ``status`` is that of the reply, and ``excerpt`` what the journal keeps of it.
    """

    tenant: Tenant
    setup: Setup
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


# A reply before it is recorded: with the texts of the rules that struck it, and what it depends on.
_Answer = tuple[Reply, tuple[str, ...], Validity | None]


class _Incoming(NamedTuple):
    """A request, the tenant it is for, its proper path and what that names (see ``paths``), and whether it reads it."""

    request: Request
    address: TenantPath
    tenant: Tenant
    path: str
    resource: str | None
    reads: bool

    @property
    def profile(self) -> Profile:
        """How the tenant answers."""
        return self.tenant.setup.profile


class Mock:
    """The API of one server: its settings, and its tenants, which begin with the setup of the server.

    ``since``: when it began, in seconds since 1970.
    """

    def __init__(self, setup: Setup, since: float = 0.0) -> None:
        self.settings = setup.settings
        self.since = since
        self.tenants = Tenants(setup)
        # A deployment whose tokens are accepted too.
        self.issuer: Issuer | None = None

    @property
    def profile(self) -> Profile:
        """How the server answers where no tenant is known."""
        return self.tenants.setup.profile

    def count(self, tenant: str = DEFAULT) -> int:
        """How many logs the API lists of a tenant before any time has passed."""
        to = self.tenants.get(tenant)
        return to.store.count(Filters(prefixes=to.setup.profile.prefixes))

    def respond(self, request: Request, now: float) -> Reply:
        """The reply to one request at the moment ``now`` (seconds since 1970)."""
        return self.exchange(request, now).reply

    def exchange(self, request: Request, now: float) -> Outcome:
        """The reply to one request at the moment ``now`` (seconds since 1970), recorded in the tenant's journal."""
        try:
            incoming = self._incoming(self.placed(request))
        except Refused as refusal:
            return Outcome(self._nameless(request, refusal), None)
        now += incoming.tenant.ahead
        # Faults apply to reading lists and logs, and to what else an armed rule is about.
        rules = incoming.tenant.armed.rules
        is_exposed = incoming.reads or any(each.rule.fault.concerns(request, False) for each in rules)
        answer = self._disturbed if is_exposed else self._honest
        reply, struck, validity = answer(incoming, now)
        status = None if reply.sending.cut == -1 else reply.status
        kept, reply = excerpt(reply, request.method) if validity is None else (validity.excerpt, reply)
        entry = incoming.tenant.journal.record(request, incoming.address.path, now, status, struck, kept)
        return Outcome(reply, entry, validity)

    def placed(self, request: Request) -> Request:
        """The request with the base URL that clients use, where the settings or a trusted proxy say it."""
        base = self.settings.base_url
        if not base and self.settings.trusted_proxy:
            base = forwarded_base(request)
        return request._replace(base=base) if base else request

    def preflight(self, request: Request) -> Reply:
        """The reply to a preflight of CORS, which no journal records; the edge adds the permission.

        A real deployment takes one from a stranger's origin for any other OPTIONS, and gives no permission.
        """
        try:
            incoming = self._incoming(request)
        except Refused as refusal:
            return self._nameless(request, refusal) if self.profile.text_errors else Reply(204)
        return self._honest(incoming, 0.0)[0] if incoming.profile.text_errors else Reply(204)

    def _nameless(self, request: Request, refusal: Refused) -> Reply:
        """The refusal of a request that names no tenant."""
        return answers.encoded(answers.refused(refusal), request, self.profile)

    def again(self, validity: Validity, now: float) -> Entry | None:
        """Record the same request once more at ``now`` and return its entry, if its remembered reply is still right.

        Returns None, and records nothing, when the reply could be another one now.
        """
        tenant, setup, version, since, until, request, path, status, kept = validity
        now += tenant.ahead
        if (
            tenant.armed.rules
            or tenant.setup is not setup
            or not since <= now < until
            or self.tenants.get(tenant.name) is not tenant
            or tenant.store.version(now + setup.shift) != version
        ):
            return None
        return tenant.journal.record(request, path, now, status, (), kept)

    def _incoming(self, request: Request) -> _Incoming:
        """Read the tenant and the path; raises Refused for a text that cannot be a tenant's name."""
        address = tenant_path(request)
        tenant = self.tenants.get(address.tenant)
        path = paths.proper(address.path)
        resource = paths.resource(path, tenant.setup.profile)
        reads = resource is not None and request.method in ("GET", "HEAD")
        return _Incoming(request, address, tenant, path, resource, reads)

    def _disturbed(self, incoming: _Incoming, now: float) -> _Answer:
        """The reply after the faults that strike the request. They come before everything else, even before access."""
        try:
            brought = brought_rules(incoming.request)
        except Refused as refusal:
            return answers.encoded(answers.refused(refusal), incoming.request, incoming.profile), (), None
        drawn = incoming.tenant.armed.draw(incoming.request, now, brought.rules, incoming.reads)
        if not drawn and not brought.applied:
            return self._honest(incoming, now)

        def ask(request: Request) -> Reply:
            return self._honest(self._incoming(request), now)[0]

        reply = disturbed(drawn, incoming.request, now, ask)
        if brought.applied:
            reply = reply.with_more((("Preference-Applied", brought.applied),))
        return reply, tuple(struck.rule.text for struck in drawn), None

    def _honest(self, incoming: _Incoming, now: float) -> _Answer:
        """The reply without faults."""
        request, address, tenant, path, resource, reads = incoming
        setup, how = tenant.setup, tenant.setup.profile
        if not request.target.isascii():
            return answers.encoded(answers.bad_target(how), request, how), (), None
        if resource is None or not reads:
            reply = answers.unread(request.method, path, resource is not None, how)
            return answers.encoded(reply, request, how), (), None
        try:
            token, endpoint = request.header("authorization"), request.public + address.prefix
            mode, strict = setup.settings.auth, how.strict_base64
            until = authorize(token, mode, tenant.name, endpoint, now, strict, self.issuer)
            moment = now + setup.shift
            version = tenant.store.version(moment)
            is_list = resource == paths.LIST
            reply = _list(incoming, version, moment) if is_list else _log(incoming, resource, moment)
        except Refused as refusal:
            return answers.encoded(answers.refused(refusal), request, how), (), None
        reply = answers.encoded(reply, request, how)
        if not isinstance(reply.body, bytes) or len(reply.body) > _LARGEST:
            return reply, (), None
        kept, _ = excerpt(reply, request.method)
        return reply, (), Validity(tenant, setup, version, now, until, request, address.path, reply.status, kept)


def _list(incoming: _Incoming, version: str, moment: float) -> Reply:
    request, address, tenant, path, _, _ = incoming
    how = tenant.setup.profile
    query = parse_query(paths.proper(request.target).partition("?")[2], how)
    page = tenant.store.page(query, moment)
    body = answers.listing(page)
    origin = link_origin(request, how)
    if origin is None:
        raise broken()
    link_base = tenant.setup.settings.link_base
    lost = how.link_loses if link_base is None else "" if link_base == "api" else profile(link_base).link_loses
    base = origin + address.prefix + path.removeprefix(lost)
    values = links(page.place, base, how)
    headers = [JSON, ("Total-Number", str(page.total))]
    if page.capped:
        headers.append(("Total-Number-Is-Capped", "true"))
    headers += [("Link", value) for value in values] if how.link_lines else [("Link", ", ".join(values))]
    # Queries that mean the same have the same tag: unknown parameters and the way of writing are left out.
    return conditional(request, tuple(headers), body, entity_tag(f"{version}|{query.meaning}"), how)


def _log(incoming: _Incoming, log_id: str, moment: float) -> Reply:
    if incoming.profile.nul_breaks and "\0" in log_id:
        raise broken()
    try:
        body = incoming.tenant.store.find(log_id, moment)
    except StoredBreak:
        raise broken() from None
    if body is None:
        raise missing()
    return conditional(incoming.request, (JSON,), body, entity_tag(body), incoming.profile)
