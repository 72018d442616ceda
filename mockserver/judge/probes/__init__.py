"""Probes: families of requests, in the order in which a small budget sees most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.judge.checks import listing, security
from mockserver.judge.checks.check import Check
from mockserver.judge.inventory import Inventory
from mockserver.judge.limits import Depth
from mockserver.judge.probes import authorization, filtering, http, paging, values
from mockserver.judge.session import Session


@dataclass(frozen=True, slots=True)
class ProbeFamily:
    """Probes of one kind; ``least`` is the lowest depth that sends them.

    ``proves`` are the checks without which a green means nothing: a run that does not come to their end judged too
    little.
    """

    name: str
    run: Callable[[Session, Inventory], None]
    least: Depth = "quick"
    proves: tuple[Check, ...] = ()


PROBES = (
    ProbeFamily("defaults", paging.defaults, proves=(listing.default_page, listing.default_page_size)),
    ProbeFamily("filters alone", filtering.alone, proves=(listing.filter_ignored, listing.logs_missing)),
    # These need no further looks at logs that change; and a cache that forgets the token knows a filter by now.
    ProbeFamily("no valid token", authorization.unauthorized, proves=(security.token_required,)),
    ProbeFamily("a token without the scope", authorization.forbidden, proves=(security.scope_required,)),
    ProbeFamily("a tampered token", authorization.tampered, proves=(security.token_required,)),
    ProbeFamily("pages", paging.pages, proves=(listing.page_ignored,)),
    ProbeFamily("sizes", paging.sizes),
    ProbeFamily("deep pages", paging.deep_pages),
    ProbeFamily("invalid numbers", values.invalid_numbers),
    ProbeFamily("filters together", filtering.combined),
    ProbeFamily("pages under filters", filtering.paged),
    ProbeFamily("pages under filters together", filtering.paged_together),
    ProbeFamily("the last page", paging.ends),
    ProbeFamily("near misses", filtering.near_misses),
    ProbeFamily("defaults under a filter", filtering.defaults_filtered),
    ProbeFamily("another filter's values", filtering.values_of_others),
    ProbeFamily("empty filters", filtering.empty),
    ProbeFamily("odd strings", values.strings),
    ProbeFamily("undocumented parameters", values.undocumented),
    ProbeFamily("one log", http.one_log),
    ProbeFamily("HEAD", http.head),
    ProbeFamily("conditional requests", http.conditional),
    ProbeFamily("other origins", http.options),
    ProbeFamily("negotiation", http.negotiated),
    ProbeFamily("requests at once", http.together),
    ProbeFamily("open numbers", values.open_numbers, least="full"),
    ProbeFamily("repeated parameters", values.repeated, least="full"),
    ProbeFamily("generated requests", values.generated, least="fuzz"),
)

UNSAFE = ProbeFamily("other methods", http.writes)
