"""The plan: examinations in the order of what they see, so that a small budget is well spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.check.court import Court
from mockserver.check.examinations import authorization, filtering, generated, http, paging, values
from mockserver.check.holdings import Holdings
from mockserver.check.limits import Depth


@dataclass(frozen=True, slots=True)
class Examination:
    """One family of probes. ``rules`` are those that nothing else judges; ``least`` is the depth it begins with."""

    name: str
    run: Callable[[Court, Holdings], None]
    rules: tuple[str, ...] = ()
    least: Depth = "quick"


PAGES = ("page-ignored", "pages-overlap", "pages-gap")

PLAN = (
    Examination("defaults", paging.defaults, ("default-page", "default-page-size")),
    Examination("filters alone", filtering.alone, ("logs-missing",)),
    Examination("pages", paging.pages, PAGES),
    Examination("sizes", paging.sizes, ("page-size-ignored",)),
    Examination("invalid numbers", values.invalid_numbers),
    Examination("filters together", filtering.combined, ("filters-combined",)),
    Examination("pages under filters", filtering.paged, ("filter-after-paging",)),
    Examination("pages under filters together", filtering.paged_together),
    Examination("the last page", paging.ends, ("past-the-end",)),
    Examination("near misses", filtering.near_misses),
    Examination("odd strings", values.strings),
    Examination("undocumented parameters", values.undocumented, ("unknown-parameter",)),
    Examination("one log", http.one_log, ("one-log",)),
    Examination("HEAD", http.head, ("head",)),
    Examination("conditional requests", http.conditional, ("conditional",)),
    Examination("other origins", http.options),
    Examination("negotiation", http.negotiated),
    Examination("deep pages", paging.deep_pages, least="full"),
    Examination("another filter's values", filtering.anothers_value, least="full"),
    Examination("defaults under a filter", filtering.defaults_filtered, least="full"),
    Examination("open numbers", values.open_numbers, least="full"),
    Examination("repeated parameters", values.repeated, least="full"),
    Examination("generated requests", generated.generated, least="fuzz"),
)

# Asked at the very end, from a part of the budget that is kept for it.
LAST = (
    Examination("a token without the scope", authorization.forbidden, ("forbidden-status",)),
    Examination("no valid token", authorization.unauthorized, ("token-required", "unauthorized-status")),
    Examination("a tampered token", authorization.tampered),
)

UNSAFE = Examination("other methods", http.writes, ("read-only",))
