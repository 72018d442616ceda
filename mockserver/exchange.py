"""One request in, one reply out: the whole of the API, without a socket or a clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from mockserver import access, paths
from mockserver.contract import LIST_PATH, contract
from mockserver.encodings import choose, encode
from mockserver.errors import Refused, StoredBreak
from mockserver.journal import Entry
from mockserver.links import links, require_origin
from mockserver.logs import Page
from mockserver.plan import disturbed, plan
from mockserver.preference import preference
from mockserver.profiles import Profile, profile
from mockserver.query import broken, parse
from mockserver.reply import Headers, Reply, Request, Stream, json_reply
from mockserver.settings import Settings
from mockserver.sources import Source
from mockserver.tenants import DEFAULT, Address, Tenant, Tenants, address

JSON = ("Content-Type", "application/json; charset=utf-8")
TEXT = ("Content-Type", "text/plain; charset=utf-8")
VARY = ("Vary", "Accept-Encoding")

# A page of more logs than this is sent in pieces of as many, so that no size of page costs memory.
_PIECE = 256

_WEB_PAGE = b"<!doctype html><title>Logto</title><p>A web page, where a real deployment has its sign-in experience.\n"


class Mock:
    """The API of one server: settings, a source, and the tenants that use them.

    ``shift``: the seconds that the time of the logs is ahead of the time of the requests.
    """

    def __init__(self, settings: Settings, source: Source, shift: float = 0.0) -> None:
        self.settings = settings
        self.profile = profile(settings.profile)
        self.shift = shift
        self.tenants = Tenants(source, plan(settings.faults, settings.seed))

    def count(self) -> int:
        """How many logs the default tenant has when the server starts."""
        return self.tenants.get(DEFAULT).store.count()

    def respond(self, request: Request, now: float) -> Reply:
        """The reply to one request at the moment ``now`` (seconds since 1970)."""
        return self.exchange(request, now)[0]

    def exchange(self, request: Request, now: float) -> tuple[Reply, Entry | None]:
        """The reply, and its entry in the tenant's journal (None where the request names no tenant)."""
        try:
            to = address(request)
        except Refused as refusal:
            return _encoded(refused(refusal), request, self.profile), None
        tenant = self.tenants.get(to.tenant)
        reply, struck = self._disturbed(request, to, tenant, now)
        status = None if reply.sending.cut == -1 else reply.status
        return reply, tenant.journal.record(request, to.path, now, status, struck)

    def _disturbed(self, request: Request, to: Address, tenant: Tenant, now: float) -> tuple[Reply, tuple[str, ...]]:
        """The reply that the drawn faults leave of the honest one, and their rules; they come before anything else."""

        def ask(asked: Request) -> Reply:
            return self._honest(asked, to if asked is request else address(asked), tenant, now)

        if not self._is_counted(request, to):
            return ask(request), ()
        try:
            wish = preference(request)
        except Refused as refusal:
            return _encoded(refused(refusal), request, self.profile), ()
        drawn = tenant.course.draw(request, now, wish.rules)
        reply = disturbed(drawn, request, now, ask)
        if wish.applied:
            reply = reply.with_more((("Preference-Applied", wish.applied),))
        return reply, tuple(each.rule.text for each in drawn)

    def _is_counted(self, request: Request, to: Address) -> bool:
        """Whether faults apply: to reading lists and logs, to nothing else."""
        if request.method not in ("GET", "HEAD"):
            return False
        path = paths.proper(to.path)
        return paths.is_list(path, self.profile) or paths.item(path, self.profile) is not None

    def _honest(self, request: Request, to: Address, tenant: Tenant, now: float) -> Reply:
        try:
            reply = self._answer(request, to, tenant, now)
        except Refused as refusal:
            reply = refused(refusal)
        return _encoded(reply, request, self.profile)

    def _answer(self, request: Request, to: Address, tenant: Tenant, now: float) -> Reply:
        path = paths.proper(to.path)
        if not request.target.isascii():
            return _bad_target(self.profile)
        log_id = paths.item(path, self.profile)
        if log_id is None and not paths.is_list(path, self.profile):
            return self._elsewhere(path)
        if request.method not in ("GET", "HEAD"):
            return _method(request.method, self.profile)
        mode = self.settings.auth
        access.authorize(request.header("authorization"), mode, tenant.name, request.origin + to.prefix, now)
        if log_id is not None:
            return self._log(request, tenant, log_id, now + self.shift)
        return self._list(request, to, tenant, now + self.shift)

    def _list(self, request: Request, to: Address, tenant: Tenant, now: float) -> Reply:
        query = parse(paths.proper(request.target).partition("?")[2], self.profile)
        page = tenant.store.page(query, now)
        body = _body(page)
        if self.profile.strict_origin:
            require_origin(request)
        drops = self.profile.link_loses if self.settings.link_base != "api" else ""
        base = request.origin + to.prefix + paths.proper(to.path).removeprefix(drops)
        # Equal queries have equal tags: whatever came without meaning (unknown parameters, spelling) is left out.
        tag = _tag(f"{tenant.store.version(now)}|{query._replace(parameters=())}")
        headers: list[tuple[str, str]] = [JSON, VARY, ("Total-Number", str(page.total))]
        if page.capped:
            headers.append(("Total-Number-Is-Capped", "true"))
        headers += [("Link", value) for value in links(page, base, self.profile)]
        return self._conditional(request, tuple(headers), body, tag)

    def _log(self, request: Request, tenant: Tenant, log_id: str, now: float) -> Reply:
        if self.profile.nul_breaks and "\0" in log_id:
            broken()
        try:
            body = tenant.store.find(log_id, now)
        except StoredBreak:
            broken()
        if body is None:
            code = contract().fact("missing-code")
            raise Refused(404, code, "No log has this id.")
        return self._conditional(request, (JSON, VARY), body, _tag(body))

    def _conditional(self, request: Request, headers: Headers, body: bytes | Stream, tag: str) -> Reply:
        if request.method == "HEAD" and not self.profile.etag_on_head:
            return Reply(200, headers, body)
        headers = (*headers, ("ETag", tag))
        if _unchanged(request.header("if-none-match"), tag):
            return Reply(304, tuple(each for each in headers if each != JSON))
        return Reply(200, headers, body)

    def _elsewhere(self, path: str) -> Reply:
        if not self.profile.text_errors:
            return refused(
                Refused(404, "request.not_found", f"No such path: this mock serves {LIST_PATH} and {LIST_PATH}/ID.")
            )
        if path == "/api" or path.startswith("/api/"):
            return Reply(404, (TEXT,), b"Not Found")
        return Reply(200, (("Content-Type", "text/html; charset=utf-8"),), _WEB_PAGE)


def refused(refusal: Refused) -> Reply:
    """The reply to a request that the API refuses: its code, message and data as JSON."""
    body = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
    return json_reply(refusal.status, {name: value for name, value in body.items() if value is not None}, (VARY,))


def _method(method: str, how: Profile) -> Reply:
    """What a method other than GET and HEAD meets; no token is asked for."""
    refusals = contract().fact("method-refusals")
    allow = ("Allow", refusals["allow"] if how.text_errors else "GET, HEAD, OPTIONS")
    if method == "OPTIONS":
        return Reply(200, (TEXT, allow)) if how.text_errors else Reply(204, (allow,))
    if not how.text_errors:
        reply = refused(
            Refused(405, "request.method_not_allowed", f"The method {method[:20]} is not allowed: {allow[1]} are.")
        )
        return replace(reply, headers=(*reply.headers, allow))
    if method in refusals["refused"]:
        return Reply(405, (TEXT, allow), b"Method Not Allowed")
    return Reply(501, (TEXT, allow), b"Not Implemented") if method in refusals["unimplemented"] else Reply(400)


def _bad_target(how: Profile) -> Reply:
    if how.text_errors:
        return Reply(400)
    return refused(
        Refused(
            400, "request.invalid_target", "The request target holds bytes that are not ASCII: percent-encode them."
        )
    )


def _body(page: Page) -> bytes | Stream:
    if page.size > _PIECE:
        return Stream(lambda: _pieces(page))
    try:
        return b"[" + b",".join(page) + b"]"
    except StoredBreak:
        broken()


def _pieces(page: Iterable[bytes]) -> Iterable[bytes]:
    logs, before = iter(page), b"["
    while piece := b",".join(islice(logs, _PIECE)):
        yield before + piece
        before = b","
    yield b"]" if before == b"," else b"[]"


def _tag(value: str | bytes) -> str:
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return f'"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'


def _unchanged(condition: str | None, tag: str) -> bool:
    if condition is None:
        return False
    return condition.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in condition.split(","))


def _encoded(reply: Reply, request: Request, how: Profile) -> Reply:
    accepted = request.header("accept-encoding")
    body = reply.body
    if accepted is None or (isinstance(body, bytes) and len(body) <= how.compress_above):
        return reply
    encoding = choose(accepted, how.encodings)
    if encoding is None:
        return reply
    smaller = b"".join(encode([body], encoding)) if isinstance(body, bytes) else Stream(lambda: encode(body, encoding))
    return replace(reply, headers=(*reply.headers, ("Content-Encoding", encoding)), body=smaller)
