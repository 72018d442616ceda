"""Logs: whether each log on a page is what it was, and what it should be."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver.judge.answer import Break, identity, times
from mockserver.judge.checks.check import Breaks, Context, consequence_of, is_event, on_page, probed

# Our time, 2001 to 2103, in seconds since 1970.
EARLIEST, LATEST = 1e9, 4.2e9
# The document allows any number, so fewer times prove nothing.
ENOUGH = 10


@on_page("ids-unique", "senseless", "No two logs have the same id.")
def ids_unique(context: Context) -> Breaks:
    """The same id twice on one page."""
    ids = Counter(log["id"] for log in context.answer.logs if _has_id(log))
    repeated = sum(count > 1 for count in ids.values())
    return [Break("ids that are unique", f"{repeated} ids more than once on one page")] if repeated else []


def _has_id(log: Any) -> bool:
    return isinstance(log, dict) and isinstance(log.get("id"), str) and log["id"] != ""


def _changes(context: Context, *, event: bool) -> Breaks:
    breaks = {}
    for log in filter(_has_id, context.answer.logs):
        name = identity(log)
        before = context.memory.logs.get(name)
        if before is None or before == log:
            continue
        if (is_event(before, log) and context.memory.former.get(name) != log) is event:
            names = ", ".join(sorted(n for n in before.keys() | log.keys() if before.get(n) != log.get(n)))
            breaks[names] = Break("the log as it was before", f"another {names}", subject=names)
    return breaks.values()


@consequence_of("schema", "one-tenant", "ids-unique", "key-repeated", "created-at-unit")
@on_page("log-unchanged", "senseless", "A log stays as it was written.")
def log_unchanged(context: Context) -> Breaks:
    """A log with another value than before, or one that is again as it was before it changed."""
    return _changes(context, event=False)


@on_page("log-edited", "advice", "A log gained or lost members while it was judged: an event, no break.")
def log_edited(context: Context) -> Breaks:
    """A log that gained members, or lost some, such as the user of a deleted account."""
    return _changes(context, event=True)


@consequence_of("schema")
@on_page("key-repeated", "senseless", "payload.key repeats the key of its log.")
def key_repeated(context: Context) -> Breaks:
    """A log whose payload has another key."""
    logs = [log for log in context.answer.logs if isinstance(log, dict) and isinstance(log.get("payload"), dict)]
    keys = [(log.get("key"), log["payload"].get("key")) for log in logs]
    wrong = sum(isinstance(inner, str) and isinstance(key, str) and key != inner for key, inner in keys)
    return [Break("one key in each log", f"two keys in {wrong} logs")] if wrong else []


@on_page("created-at-unit", "senseless", "createdAt is in milliseconds since 1970, in all logs.")
def created_at_unit(context: Context) -> Breaks:
    """Times of our days only if some of them are read as seconds or microseconds."""
    numbers = [time for time in times(context.answer.logs) if isinstance(time, (int, float))]
    right = sum(EARLIEST < time / 1e3 < LATEST for time in numbers)
    wrong = sum(EARLIEST < time < LATEST or EARLIEST < time / 1e6 < LATEST for time in numbers)
    are_units = right + wrong == len(numbers) >= ENOUGH
    return [Break("milliseconds", f"another unit in {wrong} logs")] if wrong and are_units else []


@on_page("one-tenant", "senseless", "A tenant sees only its own logs.")
def one_tenant(context: Context) -> Breaks:
    """Logs of two tenants."""
    names = [log.get("tenantId") for log in context.answer.logs if isinstance(log, dict)]
    tenants = {name for name in (*names, context.memory.tenant) if isinstance(name, str)}
    return [Break("the logs of one tenant", f"logs of {len(tenants)} tenants")] if len(tenants) > 1 else []


@probed("one-log", "senseless", "A log by its id, if a deployment has that path, is the log that the list shows.")
def one_log(context: Context) -> Breaks:
    """Another log than the one asked for by its id."""
    item, answer = context.probe.item, context.answer
    if not item or answer.status != 200 or not isinstance(answer.value, dict):
        return None
    return [Break("the log with that id", "another")] if answer.value.get("id") != item else []
