"""HTTP around the operation: other methods, headers that every server should send or leave out, and time."""

from __future__ import annotations

import re

from mockserver.judge.answer import Answer, Break
from mockserver.judge.checks.check import Breaks, Context, check, compared, consequence_of, probed

WRITES = ("POST", "PUT", "PATCH", "DELETE")
_VERSION = re.compile(r"[\w-]/\d")
# Advice is given for an answer that takes longer than this, in seconds.
SLOW = 2.0


@probed("read-only", "senseless", "The document describes only reading: other methods write nothing.")
def read_only(context: Context) -> Breaks:
    """A success for a method that writes."""
    method, answer = context.probe.method, context.answer
    if method not in WRITES or context.probe.bearer == "none":
        return None
    return [Break("405", answer.said(), subject=method)] if 200 <= answer.status < 300 else []


@consequence_of("answered", "total-number")
@compared("head", "senseless", "HEAD is a 405, or answered as GET is, without a body (RFC 9110, 9.3.2).")
def head(answer: Answer, get: Answer, without_match: bool) -> Breaks:
    """Another status for HEAD than for GET, but for a 405; a total of logs, under a filter that matches none; the
    length of another content, where every answer of GET has one length.

    The document describes GET alone, and common frameworks refuse HEAD unless it is declared.
    """
    if answer.status not in (get.status, 405):
        return [Break(f"{get.status}, as GET", answer.said())]
    breaks, lengths = [], [head.header("content-length") for head in (answer, get)]
    if without_match and answer.total:
        breaks.append(Break("Total-Number: 0", f"Total-Number: {answer.total}", "count"))
    # RFC 9110, 8.6. A page has no less than two bytes, whichever copy answers.
    if (
        answer.status == 200
        and None not in lengths
        and (without_match or lengths[0] == "0")
        and lengths[0] != lengths[1]
    ):
        breaks.append(Break(f"Content-Length: {lengths[1]}, as GET", f"Content-Length: {lengths[0]}", "length"))
    return breaks


@check("allow-named", "senseless", "405 names the methods that are allowed (RFC 9110, 15.5.6).")
def allow_named(context: Context) -> Breaks:
    """A 405 without Allow."""
    if context.answer.status != 405:
        return None
    return [] if context.answer.header("allow") is not None else [Break("Allow", "405 without Allow")]


@check("encoding-taken", "senseless", "Who takes an answer plain alone gets it plain (RFC 9110, 12.5.3).")
def encoding_taken(context: Context) -> Breaks:
    """A packed answer to a request whose Accept-Encoding is ``identity``."""
    if not any(name.lower() == "accept-encoding" and v.text == "identity" for name, v in context.probe.headers):
        return None
    sent = context.answer.header("content-encoding") or "identity"
    return [Break("no Content-Encoding", f"Content-Encoding: {sent[:40]}")] if sent.lower() != "identity" else []


@check("server-version", "advice", "A header that shows the server's version helps only an attacker.")
def server_version(context: Context) -> Breaks:
    """A version in a header."""
    names = [name for name in ("server", "x-powered-by") if _VERSION.search(context.answer.header(name) or "")]
    return [Break("no version", f"a version in {name}", subject=name) for name in names]


@check("nosniff", "advice", "X-Content-Type-Options: nosniff keeps browsers from guessing types.")
def nosniff(context: Context) -> Breaks:
    """A page without nosniff."""
    if context.answer.status != 200:
        return None
    sent = context.answer.header("x-content-type-options") or "nothing"
    return [] if sent.lower() == "nosniff" else [Break("X-Content-Type-Options: nosniff", sent)]


@check("slow", "advice", "A page of logs comes within two seconds.")
def slow(context: Context) -> Breaks:
    """An answer that took long."""
    seconds = context.answer.seconds
    return [Break(f"{SLOW:g} seconds at most", "more")] if seconds > SLOW else []


@check("throttled", "advice", "The target answered 429, and the judge obeyed its Retry-After.")
def throttled(context: Context) -> Breaks:
    """A 429."""
    answer = context.answer
    return [Break("an answer", f"429, Retry-After {answer.header('retry-after')}")] if answer.status == 429 else []
