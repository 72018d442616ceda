"""Leaks: what an answer tells that it should not. Local checks, as in ``local.py``."""

from __future__ import annotations

import re

from mockserver.judge.answer import Break
from mockserver.judge.checks.context import Breaks, Context
from mockserver.judge.probe import Probe

# What the insides of common servers look like when they show; each was seen in an error page of such a server.
_INSIDES = {
    "a Python traceback": r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+",
    "a JavaScript stack": r"\n[ \t]+at [^\n]*:\d+:\d+|node_modules/",
    "a Java stack": r"\bat [\w.$]+\([\w]+\.java:\d+\)|java\.lang\.\w+Exception",
    "a Go stack": r"goroutine \d+ \[|panic: ",
    "a database's message": r"(?i)syntax error at or near|\bselect\b.{1,200}\bfrom\b.{1,80}\bwhere\b|SQLSTATE",
    "a path on the server": r"(?<![\w/.])/(?:usr|home|var|opt|srv|app)/[\w.-]+/[\w./-]+",
}
_VERSION = re.compile(r"[\w-]/\d")
_SHARED = re.compile(r"\bpublic\b|\bs-maxage=[1-9]", re.IGNORECASE)
# Of an error page the beginning is looked at, in bytes: the target chooses how long it is, and how hard to search.
_LOOKED_AT = 64 * 1024
# A shorter credential may stand in an answer by chance.
RECOGNISABLE = 8
ATTACKER = "https://attacker.example.com"


def internals_told(context: Context) -> Breaks:
    """A refusal that shows the inside of the server."""
    answer = context.exchange.answer
    if answer.status < 400:
        return None
    text = answer.body[:_LOOKED_AT].decode(errors="replace").replace("\\n", "\n")
    return [
        Break("a refusal that tells nothing of the inside", f"{what} in the body of a {answer.status}", subject=what)
        for what, pattern in _INSIDES.items()
        if re.search(pattern, text)
    ]


def credential_echoed(context: Context) -> Breaks:
    """The credential, in any form, in the answer."""
    texts = [*context.exchange.answer.headers, ("the body", context.exchange.answer.body.decode(errors="replace"))]
    shown = _shown(context.exchange.probe)
    places = [name for name, text in texts if context.credentials.holds(text) or (shown and shown in text)]
    return [Break("an answer without the credential", f"the credential in {place}", subject=place) for place in places]


def _shown(probe: Probe) -> str:
    """The credential of a probe that brings its own, such as a tampered token; empty where it is too short to tell."""
    for name, value in probe.headers:
        if name == "Authorization" and len(value.text) >= RECOGNISABLE:
            return value.text.split()[-1]
    return ""


def shared_caching(context: Context) -> Breaks:
    """Permission for shared caches to keep the answer."""
    if context.exchange.answer.status != 200 or context.exchange.probe.bearer == "none":
        return None
    sent = context.exchange.answer.header("cache-control") or ""
    return [Break("no public, no s-maxage", f"Cache-Control: {sent}")] if _SHARED.search(sent) else []


def cors_credentials(context: Context) -> Breaks:
    """Permission for any origin to read answers with credentials."""
    answer = context.exchange.answer
    if (answer.header("access-control-allow-credentials") or "").lower() != "true":
        return []
    allowed = {origin.strip() for origin in (answer.header("access-control-allow-origin") or "").split(",")}
    return [
        Break("credentials for named origins alone", f"credentials for {origin}", subject=origin)
        for origin in sorted(allowed & {"*", ATTACKER, "null"})
    ]


def server_version(context: Context) -> Breaks:
    """A version in a header."""
    told = [name for name in ("server", "x-powered-by") if _VERSION.search(context.exchange.answer.header(name) or "")]
    return [Break("no version", f"a version in {name}", subject=name) for name in told]


def nosniff(context: Context) -> Breaks:
    """No nosniff."""
    answer = context.exchange.answer
    if answer.status != 200:
        return None
    sent = answer.header("x-content-type-options") or "nothing"
    return [] if sent.lower() == "nosniff" else [Break("X-Content-Type-Options: nosniff", sent)]
