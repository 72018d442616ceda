"""The plan: examinations in the order of what they see, so that a small budget is well spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.judge.inventory import Inventory
from mockserver.judge.limits import Depth
from mockserver.judge.probes import authorization, filtering, generated, http, paging, values
from mockserver.judge.session import Session


@dataclass(frozen=True, slots=True)
class ProbeFamily:
    """One family of probes. ``rules`` are those that nothing else judges; ``least`` is the depth it begins with."""

    name: str
    run: Callable[[Session, Inventory], None]
    rules: tuple[str, ...] = ()
    least: Depth = "quick"


PAGES = ("page-ignored", "pages-overlap", "pages-gap")

PLAN = (
    ProbeFamily("defaults", paging.defaults, ("default-page", "default-page-size")),
    ProbeFamily("filters alone", filtering.alone, ("logs-missing",)),
    ProbeFamily("pages", paging.pages, PAGES),
    ProbeFamily("sizes", paging.sizes, ("page-size-ignored",)),
    ProbeFamily("invalid numbers", values.invalid_numbers),
    ProbeFamily("filters together", filtering.combined, ("filters-combined",)),
    ProbeFamily("pages under filters", filtering.paged, ("filter-after-paging",)),
    ProbeFamily("pages under filters together", filtering.paged_together),
    ProbeFamily("the last page", paging.ends, ("past-the-end",)),
    ProbeFamily("near misses", filtering.near_misses),
    ProbeFamily("odd strings", values.strings),
    ProbeFamily("undocumented parameters", values.undocumented, ("unknown-parameter",)),
    ProbeFamily("one log", http.one_log, ("one-log",)),
    ProbeFamily("HEAD", http.head, ("head",)),
    ProbeFamily("conditional requests", http.conditional, ("conditional",)),
    ProbeFamily("other origins", http.options),
    ProbeFamily("negotiation", http.negotiated),
    ProbeFamily("deep pages", paging.deep_pages, least="full"),
    ProbeFamily("another filter's values", filtering.anothers_value, least="full"),
    ProbeFamily("defaults under a filter", filtering.defaults_filtered, least="full"),
    ProbeFamily("open numbers", values.open_numbers, least="full"),
    ProbeFamily("repeated parameters", values.repeated, least="full"),
    ProbeFamily("generated requests", generated.generated, least="fuzz"),
)

# Asked at the very end, from a part of the budget that is kept for it.
LAST = (
    ProbeFamily("a token without the scope", authorization.forbidden, ("forbidden-status",)),
    ProbeFamily("no valid token", authorization.unauthorized, ("token-required", "unauthorized-status")),
    ProbeFamily("a tampered token", authorization.tampered),
)

UNSAFE = ProbeFamily("other methods", http.writes, ("read-only",))
