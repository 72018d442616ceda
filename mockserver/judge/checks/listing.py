"""The logs of one answer: as many as asked for, those asked for, each its own and unchanged.

Local checks, as in ``local.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver.contract.filters import matches, value_at
from mockserver.judge.answer import Break
from mockserver.judge.checks.context import Breaks, Context


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
            wrong = [(name, asked) for name, asked in context.reading.filters if value_at(log, name) != asked]
            if _kind(context, log, wrong) == kind:
                subject = ", ".join(name for name, _ in wrong)
                found.setdefault(
                    subject, Break(f"the {subject} asked for in each log", f"another in log {number}", subject)
                )
    return found.values()


def _kind(context: Context, log: object, wrong: list[tuple[str, str]]) -> str:
    if 0 < len(wrong) < len(context.reading.filters):
        return "combined"
    return "inexact" if all(resembles(value_at(log, name), asked) for name, asked in wrong) else "ignored"


def resembles(found: Any, asked: str) -> bool:
    """Whether ``found`` is what a careless comparison takes for ``asked``: another case, a part, a pattern, trimmed."""
    right = asked.strip().casefold()
    pieces = [piece for piece in right.replace("*", "%").replace("_", "%").replace(".", "%").split("%") if piece]
    if not isinstance(found, str):
        return not pieces
    left = found.strip().casefold()
    return left in right or all(piece in left for piece in pieces)


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
    named = [log.get("tenantId") for log in context.exchange.answer.logs if isinstance(log, dict)]
    tenants = {name for name in (*named, context.memory.tenant) if isinstance(name, str)}
    return [Break("the logs of one tenant", f"logs of {len(tenants)} tenants")] if len(tenants) > 1 else []
