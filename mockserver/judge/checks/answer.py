"""Answers by themselves: that they come, and that status, type, text, schema and refusals are right.

Local checks, as in ``local.py``.
"""

from __future__ import annotations

from mockserver.contract.document import contract
from mockserver.judge import validator
from mockserver.judge.answer import UNREADABLE, Break, ProbeExchange
from mockserver.judge.checks.context import Breaks, Context

# A page of logs that takes longer than this, in seconds, is worth a word.
SLOW = 2.0
JSON_TYPES = ("application/json", "application/problem+json")


def answered(context: Context) -> Breaks:
    """No answer, half an answer, or a server error."""
    answer = context.exchange.answer
    if answer.status == 0:
        return [Break("an answer", answer.lost, subject=answer.lost)]
    return [Break("an answer", answer.said(), subject=str(answer.status))] if answer.status >= 500 else []


def status_documented(context: Context) -> Breaks:
    """A status that the page does not list."""
    exchange = context.exchange
    if not context.documented or exchange.answer.status in (0, 429) or _negotiated(exchange):
        return None
    # A server error has a rule of its own.
    return validator.status_breaks(exchange) if exchange.answer.status < 500 else []


def _negotiated(exchange: ProbeExchange) -> bool:
    """Whether HTTP itself allows the status, because a header asked for it."""
    asked = {name.lower() for name, _ in exchange.probe.headers}
    reasons = {304: {"if-none-match", "if-modified-since"}, 206: {"range"}, 416: {"range"}, 406: {"accept"}}
    return bool(asked & reasons.get(exchange.answer.status, set()))


def content_type(context: Context) -> Breaks:
    """A 200 that does not say it is application/json."""
    return validator.content_type_breaks(context.exchange) if _is_body(context) else None


def json(context: Context) -> Breaks:
    """A 200 whose body is no JSON."""
    answer = context.exchange.answer
    if not _is_body(context):
        return None
    return (
        [Break("JSON as RFC 8259 has it", f"{len(answer.body)} bytes that are not")]
        if answer.value is UNREADABLE
        else []
    )


def schema(context: Context) -> Breaks:
    """A 200 that breaks the documented schema."""
    if not _is_body(context) or context.exchange.answer.value is UNREADABLE:
        return None
    return validator.schema_breaks(context.exchange)


def _is_body(context: Context) -> bool:
    return context.exchange.answer.status == 200 and context.documented


def valid_request_accepted(context: Context) -> Breaks:
    """A valid request refused with 400."""
    answer = context.exchange.answer
    if not context.entitled or context.reading.legality != "valid" or not 200 <= answer.status < 500:
        return None
    # Other refusals break the list of statuses instead.
    if answer.status in contract().statuses and answer.status >= 400:
        names = ", ".join(sorted({name for name, _ in context.exchange.probe.parameters})) or "no parameter"
        return [Break("200", answer.said(), subject=names)]
    return []


def invalid_request_refused(context: Context) -> Breaks:
    """An invalid request answered as if it were valid."""
    answer = context.exchange.answer
    if not context.entitled or context.reading.legality != "invalid" or not 200 <= answer.status < 500:
        return None
    blamed = ", ".join(context.reading.blamed)
    return [Break("400", answer.said(), subject=blamed)] if answer.status < 300 else []


def error_body(context: Context) -> Breaks:
    """A refusal whose body is not what it says it is."""
    answer = context.exchange.answer
    if not answer.status >= 400 or not answer.body or answer.media_type not in JSON_TYPES:
        return None if answer.status < 400 else []
    if answer.value is UNREADABLE:
        return [Break(answer.media_type, f"{len(answer.body)} bytes that are no JSON", subject="json")]
    return []


def slow(context: Context) -> Breaks:
    """An answer that took long."""
    seconds = context.exchange.answer.seconds
    return [Break(f"{SLOW:g} seconds at most", "more")] if seconds > SLOW else []


def throttled(context: Context) -> Breaks:
    """429."""
    answer = context.exchange.answer
    return [Break("an answer", f"429, Retry-After {answer.header('retry-after')}")] if answer.status == 429 else []
