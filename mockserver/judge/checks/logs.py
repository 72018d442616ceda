"""Logs: whether each log on a page is what it was, and what it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from mockserver.judge.answer import Break, Listing, moments
from mockserver.judge.checks.check import Breaks, Context, consequence_of, is_event, on_page, probed

# Our time, 2001 to 2103, in seconds since 1970.
EARLIEST, LATEST = 1e9, 4.2e9
# Times in other units, in seconds since 1970: seconds, micro- and nanoseconds; 100 ns since the year 1 (.NET) and since
# 1601 (Windows).
UNITS: tuple[Callable[[float], float], ...] = (
    lambda time: time, lambda time: time / 1e6, lambda time: time / 1e9,
    lambda time: time / 1e7 - 62_135_596_800, lambda time: time / 1e7 - 11_644_473_600,
)  # fmt: skip
# The document allows any number, so fewer times prove nothing.
ENOUGH = 10


@on_page("ids-unique", "senseless", "No two logs have the same id.")
def ids_unique(context: Context) -> Breaks:
    """The same id twice on one page."""
    ids = [name for name, _ in context.answer.with_id]
    repeated = sum(count > 1 for count in Counter(ids).values()) if len(set(ids)) < len(ids) else 0
    return [Break("ids that are unique", f"{repeated} ids more than once on one page")] if repeated else []


def _changes(context: Context, *, event: bool) -> Breaks:
    breaks = {}
    for name, before, log in context.changed:
        if (is_event(before, log) and context.memory.former.get(name) != log) is event:
            names = ", ".join(sorted(n for n in before.keys() | log.keys() if before.get(n) != log.get(n)))
            breaks[names] = Break("the log as it was before", f"another {names}", subject=names)
    return breaks.values()


@consequence_of("schema", "one-tenant", "ids-unique", "key-repeated", "created-at-unit")
@on_page("log-unchanged", "senseless", "A log stays as it was written.")
def log_unchanged(context: Context) -> Breaks:
    """A log with another value than before, or one that is again as it was before it changed."""
    return _changes(context, event=False)


def renamed(before: Listing, after: Listing) -> list[Break]:
    """Break log-unchanged where a list shows the same logs again, each with another id."""
    pairs = [pair for pair in zip(before, after, strict=False) if all(isinstance(log, dict) for log in pair)]
    is_renamed = [old.get("id") != new.get("id") and old | {"id": ""} == new | {"id": ""} for old, new in pairs]
    # Fewer logs may be alike.
    if len(pairs) < ENOUGH or len(pairs) < max(len(before), len(after)) or not all(is_renamed):
        return []
    return [Break("the logs with their ids", "other ids for the same logs", subject="id")]


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
    """Times of our days only if some of them are read in another unit; or one other time in all logs."""
    numbers = moments(context.answer.logs)
    others = [time for time in numbers if not EARLIEST < time / 1e3 < LATEST]
    are_units = all(any(EARLIEST < read(time) < LATEST for read in UNITS) for time in others)
    if not others or len(numbers) < ENOUGH:
        return []
    if len({*numbers}) == 1 and not are_units:
        return [Break("times of our days", "one other time in all logs", subject="none")]
    return [Break("milliseconds", f"another unit in {len(others)} logs")] if are_units else []


@on_page("one-tenant", "senseless", "A tenant sees only its own logs.")
def one_tenant(context: Context) -> Breaks:
    """Logs of two tenants."""
    names = [log.get("tenantId") for log in context.answer.logs if isinstance(log, dict)]
    tenants = {name for name in (*names, context.memory.tenant) if isinstance(name, str)}
    return [Break("the logs of one tenant", f"logs of {len(tenants)} tenants")] if len(tenants) > 1 else []


@consequence_of("schema", "key-repeated", "created-at-unit", "log-unchanged", "one-tenant")
@probed("one-log", "senseless", "A log by its id, if a deployment has that path, is the log that the list shows.")
def one_log(context: Context) -> Breaks:
    """Another log than the one asked for by its id, or the same with other values than in the list."""
    item, log = context.probe.item, context.answer.value
    if not item or context.answer.status != 200 or not isinstance(log, dict):
        return None
    if log.get("id") != item:
        return [Break("the log with that id", "another")]
    listed = context.memory.logs.get(item, log)
    names = ", ".join(sorted(name for name in listed.keys() & log.keys() if listed[name] != log[name]))
    return [] if is_event(listed, log) else [Break("the log as it is listed", f"another {names}", subject=names)]
