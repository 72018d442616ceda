"""Security: who is refused and how, and what an answer gives away."""

from __future__ import annotations

import re
from functools import partial

from mockserver.judge.answer import UNREADABLE, Break
from mockserver.judge.checks.check import Breaks, Context, check, on_refusal, probed
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
# A word may stand in an answer by chance; such a credential is judged no further.
_WORD = re.compile(r"[A-Za-z]*")
# A shorter credential is an echo only if it stands alone: `tok` is part of `invalid_token` by chance.
RECOGNISABLE, LONG = 6, 16
ATTACKER = "https://attacker.example.com"


def _is_anonymous(context: Context) -> bool:
    return context.probe.bearer == "none" and context.probe.method in ("GET", "HEAD")


anonymous = partial(probed, applies=_is_anonymous)


@anonymous("token-required", "senseless", "An answer tells nothing unless the token is valid.")
def token_required(context: Context) -> Breaks:
    """A success without a valid token."""
    answer = context.answer
    return [Break("401 and no logs", answer.said())] if 200 <= answer.status < 300 or answer.status == 304 else []


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
    if context.probe.bearer != "forbidden":
        return None
    return [Break("403", answer.said(), subject=str(answer.status))] if answer.status in (200, 400, 401) else []


@on_refusal("error-body", "senseless", "The body of a refusal has the type that its Content-Type says.")
def error_body(context: Context) -> Breaks:
    """A refusal whose body is not the JSON that its Content-Type says."""
    if not context.answer.body or context.answer.media_type not in JSON_TYPES or context.answer.value is not UNREADABLE:
        return []
    return [Break(context.answer.media_type, f"{len(context.answer.body)} bytes that are not JSON", subject="json")]


@on_refusal(
    "internals-told", "senseless", "A refusal shows nothing of the server's inside: no stack trace, query or file."
)
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
    places = [name for name, text in texts if _repeats(text, own) or _repeats(text, context.credentials)]
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
