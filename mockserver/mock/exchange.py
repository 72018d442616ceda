"""One request in, one reply out: the whole of the API, without a socket or a clock."""

from __future__ import annotations

import math
from typing import NamedTuple

from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import Refused, StoredBreak
from mockserver.contract.filters import Filters
from mockserver.contract.profile import profile
from mockserver.contract.refusals import broken, missing
from mockserver.faults.plan import brought_rules, disturbed, plan
from mockserver.http import paths
from mockserver.http.link import links
from mockserver.http.message import Reply, Request
from mockserver.logs.source import Source
from mockserver.mock import access
from mockserver.mock.answers import (
    JSON,
    TEXT,
    VARY,
    bad_target,
    conditional,
    encoded,
    is_verb,
    listing,
    method_refused,
    refused,
    tag,
)
from mockserver.mock.journal import Entry
from mockserver.mock.query import parse_query
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import DEFAULT, Tenant, TenantPath, Tenants, tenant_path

# The largest body that is worth remembering: a page of 20 has some 20 kB.
_LARGEST = 64 * 1024
# Since when and until when (seconds since 1970) a request passes that no token decides: it is not worth remembering.
_NEVER = -math.inf

_WEB_PAGE = b"<!doctype html><title>Logto</title><p>A web page, where a real deployment has its sign-in experience.\n"


class Validity(NamedTuple):
    """What the answer to a request was made of: while all of it is the same, so is the answer.

    ``since`` and ``until`` (seconds since 1970) bound the time in which its token passes; ``entry`` is the first one's.
    """

    tenant: Tenant
    version: str
    since: float
    until: float
    entry: Entry


class Outcome(NamedTuple):
    """A reply, its entry in the tenant's journal (None where the request names no tenant), and how long it stands.

    ``validity`` is None for what is not worth remembering, or may be different next time.
    """

    reply: Reply
    entry: Entry | None
    validity: Validity | None = None


# A reply, the texts of the rules that struck it, and how long it stands where it is worth remembering: for which
# version of the logs, and until when its token passes.
_Made = tuple[Reply, tuple[str, ...], tuple[str, float] | None]


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
        return self.exchange(request, now)[0]

    def exchange(self, request: Request, now: float) -> Outcome:
        """The reply to one request at the moment ``now``, and what is told beside it."""
        try:
            to = tenant_path(request)
        except Refused as refusal:
            return Outcome(encoded(refused(refusal), request, self.profile), None)
        tenant = self.tenants.get(to.tenant)
        reply, struck, terms = self._disturbed(request, to, tenant, now)
        status = None if reply.sending.cut == -1 else reply.status
        entry = tenant.journal.record(request, to.path, now, status, struck)
        return Outcome(reply, entry, Validity(tenant, terms[0], now, terms[1], entry) if terms else None)

    def again(self, validity: Validity, now: float) -> Entry | None:
        """The entry of the same request once more at ``now``; None (and none recorded) where its answer may differ."""
        tenant = validity.tenant
        if (
            tenant.armed.rules
            or not validity.since <= now < validity.until
            or self.tenants.get(tenant.name) is not tenant
            or tenant.store.version(now + self.shift) != validity.version
        ):
            return None
        first = validity.entry
        return tenant.journal.record(first.request, first.path, now, first.status, ())

    def _disturbed(self, request: Request, to: TenantPath, tenant: Tenant, now: float) -> _Made:
        """The reply that the drawn faults leave of the honest one, and their rules; they come before anything else."""
        if not self._is_counted(request, to):
            return self._honest(request, to, tenant, now)[0], (), None
        try:
            brought = brought_rules(request)
        except Refused as refusal:
            return encoded(refused(refusal), request, self.profile), (), None
        drawn = tenant.armed.draw(request, now, brought.rules)
        if not drawn and not brought.applied:
            return self._honest(request, to, tenant, now)

        def ask(asked: Request) -> Reply:
            return self._honest(asked, to if asked is request else tenant_path(asked), tenant, now)[0]

        reply = disturbed(drawn, request, now, ask)
        if brought.applied:
            reply = reply.with_more((("Preference-Applied", brought.applied),))
        return reply, tuple(each.rule.text for each in drawn), None

    def _is_counted(self, request: Request, to: TenantPath) -> bool:
        """Whether faults apply: to reading lists and logs, to nothing else."""
        if request.method not in ("GET", "HEAD"):
            return False
        path = paths.proper(to.path)
        return paths.is_list(path, self.profile) or paths.item(path, self.profile) is not None

    def _honest(self, request: Request, to: TenantPath, tenant: Tenant, now: float) -> _Made:
        version = tenant.store.version(now + self.shift)
        try:
            reply, until = self._answer(request, to, tenant, version, now)
        except Refused as refusal:
            return encoded(refused(refusal), request, self.profile), (), None
        reply = encoded(reply, request, self.profile)
        if until <= now or not isinstance(reply.body, bytes) or len(reply.body) > _LARGEST:
            return reply, (), None
        return reply, (), (version, until)

    def _answer(
        self, request: Request, to: TenantPath, tenant: Tenant, version: str, now: float
    ) -> tuple[Reply, float]:
        """The honest reply before its encoding, and until when the request passes."""
        path = paths.proper(to.path)
        if not request.target.isascii():
            return bad_target(self.profile), _NEVER
        if self.profile.text_errors and not is_verb(request.method):
            # The parser of a real deployment knows no path yet.
            return Reply(400), _NEVER
        is_list = paths.is_list(path, self.profile)
        log_id = None if is_list else paths.item(path, self.profile)
        if log_id is None and not is_list:
            return self._elsewhere(path), _NEVER
        if request.method not in ("GET", "HEAD"):
            return method_refused(request.method, self.profile), _NEVER
        mode = self.settings.auth
        until = access.authorize(request.header("authorization"), mode, tenant.name, request.origin + to.prefix, now)
        if log_id is not None:
            return self._log(request, tenant, log_id, now + self.shift), until
        return self._list(request, to, tenant, version, now + self.shift), until

    def _list(self, request: Request, to: TenantPath, tenant: Tenant, version: str, now: float) -> Reply:
        query = parse_query(paths.proper(request.target).partition("?")[2], self.profile)
        page = tenant.store.page(query, now)
        body = listing(page)
        if self.profile.strict_origin and not paths.is_url(request):
            raise broken()
        drops = self.profile.link_loses if self.settings.link_base != "api" else ""
        base = request.origin + to.prefix + paths.proper(to.path).removeprefix(drops)
        # Equal queries have equal tags: whatever came without meaning (unknown parameters, spelling) is left out.
        mark = tag(f"{version}|{query.meaning}")
        headers: list[tuple[str, str]] = [JSON, VARY, ("Total-Number", str(page.total))]
        if page.capped:
            headers.append(("Total-Number-Is-Capped", "true"))
        values = links(page.place, base)
        headers += [("Link", value) for value in (values if self.profile.link_lines else [", ".join(values)])]
        return conditional(request, tuple(headers), body, mark, self.profile)

    def _log(self, request: Request, tenant: Tenant, log_id: str, now: float) -> Reply:
        if self.profile.nul_breaks and "\0" in log_id:
            raise broken()
        try:
            body = tenant.store.find(log_id, now)
        except StoredBreak:
            raise broken() from None
        if body is None:
            raise missing()
        return conditional(request, (JSON, VARY), body, tag(body), self.profile)

    def _elsewhere(self, path: str) -> Reply:
        if not self.profile.text_errors:
            return refused(
                Refused(
                    404, "request.not_found",
                    f"No such path: this mock serves {LIST_PATH} and {LIST_PATH}/ID; a page to look at is /__admin/.",
                )
            )  # fmt: skip
        if path == "/api" or path.startswith("/api/"):
            return Reply(404, (TEXT,), b"Not Found")
        return Reply(200, (("Content-Type", "text/html; charset=utf-8"),), _WEB_PAGE)
