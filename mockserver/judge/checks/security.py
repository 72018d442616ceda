"""Security: who is refused and how, and what an answer gives away."""

from __future__ import annotations

import itertools
import re
from functools import partial

from mockserver.contract.document import LIST_PATH
from mockserver.judge.answer import UNREADABLE, Break
from mockserver.judge.checks.check import Breaks, Context, check, consequence_of, on_refusal, probed
from mockserver.judge.secrets import Secrets

JSON_TYPES = ("application/json", "application/problem+json")
# What the insides of common servers look like; each was seen in an error page of such a server.
_INSIDES = {
    "a Python traceback": r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+",
    "a JavaScript stack": r"\n[ \t]+at [^\n]*:\d+:\d+|node_modules/",
    "a Java stack": r"\bat [\w.$]+\([\w]+\.java:\d+\)|java\.lang\.\w+Exception",
    "a Go stack": r"goroutine \d+ \[|panic: ",
    "a database's message": r"(?i)syntax error at or near|\bselect\b.{1,200}\bfrom\b.{1,80}\bwhere\b|SQLSTATE",
    "a path on the server": r"(?<![\w/.])/(?:usr|home|var|opt|srv|app)/[\w.-]+/[\w./-]+",
}
_SHARED = re.compile(r"\bpublic\b|\bs-maxage=[1-9]", re.IGNORECASE)
# Only so many bytes of an error page are searched: the target decides how long it is, and how slow to search.
_SEARCHED = 64 * 1024
# A refusal is searched for so many ids of logs that were seen.
_NAMED = 200
# A word may stand in an answer by chance; such a credential is judged no further.
_WORD = re.compile(r"[A-Za-z]*")
# A shorter credential is an echo only if it stands alone: `tok` is part of `invalid_token` by chance.
RECOGNISABLE, LONG = 6, 16
ATTACKER = "https://attacker.example.com"


def _is_anonymous(context: Context) -> bool:
    probe = context.probe
    return probe.bearer == "none" and probe.method in ("GET", "HEAD") and probe.path == LIST_PATH


anonymous = partial(probed, applies=_is_anonymous)


def _tells_logs(context: Context) -> bool:
    """Whether an answer tells logs: it lists some, or names one that was seen by an id that is no common word."""
    value = context.answer.value
    listed = isinstance(value, list) and any(isinstance(log, dict) and "tenantId" in log for log in value)
    text = context.answer.body.decode(errors="replace")
    seen = itertools.islice(context.memory.logs, _NAMED)
    names = [name for name in seen if len(name) >= RECOGNISABLE and not _WORD.fullmatch(name)]
    return listed or any(f'"{name}"' in text for name in names)


def _is_granted(context: Context) -> bool:
    status = context.answer.status
    counts = _is_anonymous(context) or (context.probe.bearer == "forbidden" and context.probe.path == LIST_PATH)
    return (counts and (200 <= status < 300 or status == 304)) or _tells_logs(context)


@probed(
    "token-required",
    "forbidden",
    "401 Unauthorized: the operation needs a bearer token, and without a valid one nobody sees logs.",
    applies=lambda context: context.probe.bearer in ("none", "unknown"),
)
def token_required(context: Context) -> Breaks:
    """A success without a valid token, or logs in any answer to such a request."""
    return [Break("401 and no logs", context.answer.said())] if _is_granted(context) else []


@probed(
    "scope-required",
    "forbidden",
    "403 Forbidden: a valid token without the scope sees no logs.",
    applies=lambda context: context.probe.bearer == "forbidden",
)
def scope_required(context: Context) -> Breaks:
    """A success for a token without the scope, or logs in any answer to it."""
    return [Break("403 and no logs", context.answer.said())] if _is_granted(context) else []


@probed(
    "refusal-tells",
    "senseless",
    "A refusal does not tell how many logs there are.",
    applies=lambda context: context.probe.bearer in ("none", "forbidden") and context.answer.status in (401, 403),
)
def refusal_tells(context: Context) -> Breaks:
    """A refusal with headers that belong to a page."""
    return [
        Break(f"a {context.answer.status} without {name}", f"{name} in it", subject=name)
        for name, part in (("Total-Number", ""), ("Link", "page="))
        if (sent := context.answer.header(name)) is not None and part in sent
    ]


@consequence_of("token-required")
@probed(
    "bearer-scheme",
    "senseless",
    "A token counts in Authorization behind the word Bearer, and nowhere else.",
    applies=lambda context: context.probe.bearer == "misplaced" and bool(context.probe.headers),
)
def bearer_scheme(context: Context) -> Breaks:
    """A page for a valid token with another word before it, or with none."""
    word = context.probe.headers[-1][1].text.partition(" ")[0]
    kind = word if word in ("Basic", "Token") else "no scheme"
    return [Break("401", f"a page for a token with {kind}", subject=kind)] if context.answer.is_page else []


@probed(
    "token-in-query",
    "advice",
    "A token in a URL ends in logs and histories (RFC 6750, 5.3): take none from there.",
    applies=lambda context: context.probe.bearer == "misplaced" and not context.probe.headers,
)
def token_in_query(context: Context) -> Breaks:
    """A page for a token in the query."""
    return [Break("401", "a page for access_token in the query")] if context.answer.is_page else []


@check("markup-echoed", "senseless", "An answer of type text/html does not repeat markup of its request unescaped.")
def markup_echoed(context: Context) -> Breaks:
    """HTML that holds a tag which the request brought."""
    if context.answer.media_type != "text/html":
        return None
    text = context.answer.body[:_SEARCHED].decode(errors="replace").lower()
    tags = [value.lower() for _, value in context.probe.parameters if re.search(r"<[a-z]", value, re.IGNORECASE)]
    return [Break("the query escaped", "its markup as it was sent")] if any(tag in text for tag in tags) else []


@anonymous("unauthorized-status", "senseless", "A request without a valid token gets 401: the client must sign in.")
def unauthorized_status(context: Context) -> Breaks:
    """A refusal that does not ask for a token. A request that is malformed as well may also get 400."""
    probe, answer = context.probe, context.answer
    other_headers = any(name != "If-None-Match" for name, _ in probe.headers)
    wrong = (403,) if other_headers or context.reading.legality == "invalid" else (400, 403)
    return [Break("401", answer.said(), subject=str(answer.status))] if answer.status in wrong else []


@probed("forbidden-status", "senseless", "A valid token without the scope gets 403: to sign in again is no help.")
def forbidden_status(context: Context) -> Breaks:
    """Another documented status for a token without the scope."""
    answer = context.answer
    if context.probe.bearer != "forbidden" or not context.documented:
        return None
    return [Break("403", answer.said(), subject=str(answer.status))] if answer.status in (400, 401) else []


@on_refusal("error-body", "senseless", "The body of a refusal has the type that its Content-Type says.")
def error_body(context: Context) -> Breaks:
    """A refusal whose body is not the JSON that its Content-Type says."""
    if not context.answer.body or context.answer.media_type not in JSON_TYPES or context.answer.value is not UNREADABLE:
        return []
    return [Break(context.answer.media_type, f"{len(context.answer.body)} bytes that are not JSON", subject="json")]


@on_refusal("internals-told", "senseless", "A refusal shows no stack trace, query or file of the server.")
def internals_told(context: Context) -> Breaks:
    """A refusal that shows the inside of the server."""
    answer = context.answer
    text = answer.body[:_SEARCHED].decode(errors="replace").replace("\\n", "\n")
    return [
        Break("a refusal without the server's inside", f"{inside} in the body of a {answer.status}", subject=inside)
        for inside, pattern in _INSIDES.items()
        if re.search(pattern, text)
    ]


@check("credential-echoed", "senseless", "No answer repeats the credential of its request.")
def credential_echoed(context: Context) -> Breaks:
    """The credential in the answer, in any spelling."""
    answer = context.answer
    # A probe may bring a credential of its own, such as a tampered token.
    values = [value.text for name, value in context.probe.headers if name == "Authorization"]
    own = Secrets()
    for value in values:
        own.add_credential(value.rpartition(" ")[2], "SENT")
    texts = [*answer.headers, ("the body", answer.body.decode(errors="replace"))]
    every = "\n".join(text for _, text in texts)
    told = [secrets for secrets in (own, context.credentials) if any(secrets.finds(every))]
    places = [name for name, text in texts if any(_repeats(text, secrets) for secrets in told)]
    return [Break("an answer without the credential", f"the credential in {place}", subject=place) for place in places]


def _repeats(text: str, secrets: Secrets) -> bool:
    """Whether a text tells a credential, and not a word that is also in one."""
    for found in secrets.finds(text):
        around = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
        alone = not re.search(r"[\w-]", around)
        if len(found[0]) >= LONG or (len(found[0]) >= RECOGNISABLE and alone and not _WORD.fullmatch(found[0])):
            return True
    return False


@check("shared-caching", "senseless", "No shared cache may keep an answer to a request with a token.")
def shared_caching(context: Context) -> Breaks:
    """Permission for shared caches to keep the answer."""
    if context.answer.status != 200 or context.probe.bearer == "none":
        return None
    sent = context.answer.header("cache-control") or ""
    return [Break("no public, no s-maxage", f"Cache-Control: {sent}")] if _SHARED.search(sent) else []


@check("cors-credentials", "senseless", "No web page of another origin may read answers with the user's credentials.")
def cors_credentials(context: Context) -> Breaks:
    """Permission for any origin to read answers with credentials."""
    if (context.answer.header("access-control-allow-credentials") or "").lower() != "true":
        return []
    allowed = {origin.strip() for origin in (context.answer.header("access-control-allow-origin") or "").split(",")}
    return [
        Break("credentials for named origins only", f"credentials for {origin}", subject=origin)
        for origin in sorted(allowed & {"*", ATTACKER, "null"})
    ]
