"""Probes: families of requests, in the order in which a small budget sees most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.judge.inventory import Inventory
from mockserver.judge.limits import Depth
from mockserver.judge.probes import authorization, filtering, http, paging, values
from mockserver.judge.session import Session


@dataclass(frozen=True, slots=True)
class ProbeFamily:
    """Probes of one kind; ``least`` is the lowest depth that sends them."""

    name: str
    run: Callable[[Session, Inventory], None]
    least: Depth = "quick"


PROBES = (
    ProbeFamily("defaults", paging.defaults),
    ProbeFamily("filters alone", filtering.alone),
    ProbeFamily("pages", paging.pages),
    ProbeFamily("sizes", paging.sizes),
    ProbeFamily("invalid numbers", values.invalid_numbers),
    ProbeFamily("filters together", filtering.combined),
    ProbeFamily("pages under filters", filtering.paged),
    ProbeFamily("pages under filters together", filtering.paged_together),
    ProbeFamily("the last page", paging.ends),
    ProbeFamily("near misses", filtering.near_misses),
    ProbeFamily("odd strings", values.strings),
    ProbeFamily("undocumented parameters", values.undocumented),
    ProbeFamily("one log", http.one_log),
    ProbeFamily("HEAD", http.head),
    ProbeFamily("conditional requests", http.conditional),
    ProbeFamily("other origins", http.options),
    ProbeFamily("negotiation", http.negotiated),
    ProbeFamily("deep pages", paging.deep_pages, least="full"),
    ProbeFamily("another filter's values", filtering.values_of_others, least="full"),
    ProbeFamily("defaults under a filter", filtering.defaults_filtered, least="full"),
    ProbeFamily("open numbers", values.open_numbers, least="full"),
    ProbeFamily("repeated parameters", values.repeated, least="full"),
    ProbeFamily("generated requests", values.generated, least="fuzz"),
)

# Sent at the very end, from the part of the budget that is reserved for them.
LAST = (
    ProbeFamily("a token without the scope", authorization.forbidden),
    ProbeFamily("no valid token", authorization.unauthorized),
    ProbeFamily("a tampered token", authorization.tampered),
)

UNSAFE = ProbeFamily("other methods", http.writes)
