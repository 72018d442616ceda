"""Local checks: what one exchange shows by itself, beside what was seen before. One function a rule, and their table.

Each function gives its breaks, or None where the rule has no say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.judge.checks import answer, headers, leaks, listing
from mockserver.judge.checks.context import Breaks, Context


@dataclass(frozen=True, slots=True)
class LocalCheck:
    """A rule and its function. ``doubtful``: a race within a deployment may look like a break, so it is asked again."""

    rule: str
    judge: Callable[[Context], Breaks]
    doubtful: bool = False


LOCAL = (
    LocalCheck("answered", answer.answered),
    LocalCheck("status-documented", answer.status_documented),
    LocalCheck("content-type", answer.content_type),
    LocalCheck("json", answer.json),
    LocalCheck("schema", answer.schema),
    LocalCheck("valid-request-accepted", answer.valid_request_accepted),
    LocalCheck("invalid-request-refused", answer.invalid_request_refused),
    LocalCheck("page-size-exceeded", listing.page_size_exceeded),
    LocalCheck("filter-ignored", listing.filter_ignored),
    LocalCheck("filter-inexact", listing.filter_inexact),
    LocalCheck("filters-combined", listing.filters_combined),
    LocalCheck("ids-unique", listing.ids_unique),
    LocalCheck("log-unchanged", listing.log_unchanged),
    LocalCheck("one-tenant", listing.one_tenant),
    LocalCheck("error-body", answer.error_body),
    LocalCheck("credential-echoed", leaks.credential_echoed),
    LocalCheck("internals-told", leaks.internals_told),
    LocalCheck("shared-caching", leaks.shared_caching),
    LocalCheck("cors-credentials", leaks.cors_credentials),
    LocalCheck("server-version", leaks.server_version),
    LocalCheck("nosniff", leaks.nosniff),
    LocalCheck("total-number", headers.total_number, doubtful=True),
    LocalCheck("link", headers.link, doubtful=True),
    LocalCheck("slow", answer.slow),
    LocalCheck("throttled", answer.throttled),
)
