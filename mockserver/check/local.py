"""Local checks: what one exchange shows by itself, beside what was seen before. One function a rule, and their table.

Each function yields its breaks, or returns None where the rule has no say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.check import headers, leaks, validator
from mockserver.check.answer import UNREADABLE, Break, Exchange
from mockserver.check.context import Breaks, Context
from mockserver.check.fields import field, matches, resembles
from mockserver.contract import contract

# A page of logs that takes longer than this, in seconds, is worth a word.
SLOW = 2.0
JSON_TYPES = ("application/json", "application/problem+json")


@dataclass(frozen=True, slots=True)
class LocalCheck:
    """A rule and its function. ``doubtful``: a race within the deployment may look like a break, so it is asked again."""

    rule: str
    judge: Callable[[Context], Breaks]
    doubtful: bool = False


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


def _negotiated(exchange: Exchange) -> bool:
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
    return [Break("JSON as RFC 8259 has it", f"{len(answer.body)} bytes that are not")] if answer.value is UNREADABLE else []


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
    if not context.entitled or context.reading.validity != "valid" or not 200 <= answer.status < 500:
        return None
    # Other refusals break the list of statuses instead.
    if answer.status in contract().statuses and answer.status >= 400:
        names = ", ".join(sorted({name for name, _ in context.exchange.probe.parameters})) or "no parameter"
        return [Break("200", answer.said(), subject=names)]
    return []


def invalid_request_refused(context: Context) -> Breaks:
    """An invalid request answered as if it were valid."""
    answer = context.exchange.answer
    if not context.entitled or context.reading.validity != "invalid" or not 200 <= answer.status < 500:
        return None
    blamed = ", ".join(context.reading.blamed)
    return [Break("400", answer.said(), subject=blamed)] if answer.status < 300 else []


def page_size_exceeded(context: Context) -> Breaks:
    """More logs than a page has entries."""
    size, answer = context.reading.page_size, context.exchange.answer
    if not answer.is_page or size is None:
        return None
    if not any(name == "page_size" for name, _ in context.exchange.probe.parameters):
        return None
    return [Break(f"at most {size} logs", f"{len(answer.logs)} logs")] if len(answer.logs) > size else []


def filter_ignored(context: Context) -> Breaks:
    """A log that has nothing to do with the value asked for."""
    return _filter_breaks(context, "ignored")


def filter_inexact(context: Context) -> Breaks:
    """A log whose value merely resembles the one asked for."""
    return _filter_breaks(context, "inexact")


def filters_combined(context: Context) -> Breaks:
    """A log that matches one of several filters and not the others."""
    return _filter_breaks(context, "combined") if len(context.reading.filters) > 1 else None


def _filter_breaks(context: Context, kind: str) -> Breaks:
    if not context.exchange.answer.is_page or not context.reading.filters:
        return None
    found: dict[str, Break] = {}
    for number, log in enumerate(context.exchange.answer.logs):
        if isinstance(log, dict) and not matches(log, context.reading.filters):
            wrong = [(name, asked) for name, asked in context.reading.filters if field(log, name) != asked]
            if _kind(context, log, wrong) == kind:
                subject = ", ".join(name for name, _ in wrong)
                found.setdefault(subject, Break(f"the {subject} asked for in each log", f"another in log {number}", subject))
    return found.values()


def _kind(context: Context, log: object, wrong: list[tuple[str, str]]) -> str:
    if 0 < len(wrong) < len(context.reading.filters):
        return "combined"
    return "inexact" if all(resembles(field(log, name), asked) for name, asked in wrong) else "ignored"


def ids_unique(context: Context) -> Breaks:
    """The same id twice on one page."""
    if not context.exchange.answer.is_page:
        return None
    ids = Counter(log["id"] for log in context.exchange.answer.logs if isinstance(log, dict) and _has_id(log))
    twice = sum(count > 1 for count in ids.values())
    return [Break("ids that are unique", f"{twice} ids more than once on one page")] if twice else []


def _has_id(log: dict[str, object]) -> bool:
    return isinstance(log.get("id"), str) and log["id"] != ""


def log_unchanged(context: Context) -> Breaks:
    """A log that is no longer what it was."""
    if not context.exchange.answer.is_page:
        return None
    breaks = {}
    for log in context.exchange.answer.logs:
        if isinstance(log, dict) and _has_id(log):
            before = context.memory.logs.get(log["id"], log)
            if before != log:
                names = ", ".join(sorted(n for n in before.keys() | log.keys() if before.get(n) != log.get(n)))
                breaks[names] = Break("the log as it was first seen", f"another {names}", subject=names)
    return breaks.values()


def one_tenant(context: Context) -> Breaks:
    """Logs of another tenant among one's own."""
    if not context.exchange.answer.is_page:
        return None
    tenants = {log.get("tenantId") for log in context.exchange.answer.logs if isinstance(log, dict)}
    tenants = {t for t in tenants if isinstance(t, str)} | {context.memory.tenant} - {None}
    return [Break("the logs of one tenant", f"logs of {len(tenants)} tenants")] if len(tenants) > 1 else []


def error_body(context: Context) -> Breaks:
    """A refusal whose body is not what it says it is."""
    answer = context.exchange.answer
    if not 400 <= answer.status or not answer.body or answer.media_type not in JSON_TYPES:
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


LOCAL = (
    LocalCheck("answered", answered),
    LocalCheck("status-documented", status_documented),
    LocalCheck("content-type", content_type),
    LocalCheck("json", json),
    LocalCheck("schema", schema),
    LocalCheck("valid-request-accepted", valid_request_accepted),
    LocalCheck("invalid-request-refused", invalid_request_refused),
    LocalCheck("page-size-exceeded", page_size_exceeded),
    LocalCheck("filter-ignored", filter_ignored),
    LocalCheck("filter-inexact", filter_inexact),
    LocalCheck("filters-combined", filters_combined),
    LocalCheck("ids-unique", ids_unique),
    LocalCheck("log-unchanged", log_unchanged),
    LocalCheck("one-tenant", one_tenant),
    LocalCheck("error-body", error_body),
    LocalCheck("credential-echoed", leaks.credential_echoed),
    LocalCheck("internals-told", leaks.internals_told),
    LocalCheck("shared-caching", leaks.shared_caching),
    LocalCheck("cors-credentials", leaks.cors_credentials),
    LocalCheck("server-version", leaks.server_version),
    LocalCheck("nosniff", leaks.nosniff),
    LocalCheck("total-number", headers.total_number, doubtful=True),
    LocalCheck("link", headers.link, doubtful=True),
    LocalCheck("slow", slow),
    LocalCheck("throttled", throttled),
)
