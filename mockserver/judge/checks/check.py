"""Rules: what a deployment must keep, one record a rule; its name is its name everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mockserver.contract.errors import unknown

Severity = Literal["forbidden", "senseless", "advice"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a deployment must keep.

    ``sentence`` quotes the documented page where the severity is ``forbidden``; else it says what any client expects.
    ``consequence_of`` names rules whose break breaks this one too: a finding that another explains is told and not
    counted.
    """

    name: str
    severity: Severity
    sentence: str
    consequence_of: tuple[str, ...] = ()


# The rules about which logs are on a page: nothing that counts or links pages can be right where one of them is broken.
LISTING = (
    "default-page", "default-page-size", "page-size-exceeded", "page-size-ignored", "page-ignored", "past-the-end",
    "filter-ignored", "logs-missing", "filters-combined", "filter-inexact", "filter-after-paging", "pages-overlap",
    "pages-gap", "unknown-parameter",
)  # fmt: skip

_TABLE = (
    # What the page states by types, bounds and statuses.
    Check("answered", "forbidden", "A request is answered, by a whole HTTP message, and not by a server error."),
    Check("status-documented", "forbidden", "The page lists the statuses 200, 400, 401 and 403."),
    Check("content-type", "forbidden", "200 is application/json."),
    Check("json", "forbidden", "200 is application/json: strict UTF-8 JSON, as RFC 8259 has it."),
    Check(
        "schema", "forbidden", "200 is an array of logs, each with the documented members, types, bounds and values."
    ),
    Check("valid-request-accepted", "forbidden", "page and page_size are integers from 1; a filter is any string."),
    Check("invalid-request-refused", "forbidden", "page and page_size are integers, minimum 1; else 400 Bad Request."),
    # What the page states by sentences alone.
    Check("default-page", "forbidden", "page: Page number (starts from 1), default 1.", ("ids-unique",)),
    Check(
        "default-page-size",
        "forbidden",
        "page_size: Entries per page, default 20.",
        ("page-size-exceeded", "page-size-ignored", "filter-after-paging", "ids-unique"),
    ),
    Check("page-size-exceeded", "forbidden", "page_size: Entries per page."),
    Check(
        "page-size-ignored",
        "forbidden",
        "page_size: Entries per page; a page with fewer is the last.",
        ("default-page", "ids-unique"),
    ),
    Check(
        "page-ignored",
        "forbidden",
        "page: Page number (starts from 1).",
        ("default-page", "filter-after-paging", "ids-unique"),
    ),
    Check(
        "past-the-end",
        "forbidden",
        "page: Page number; a page after the last holds no logs.",
        ("page-ignored", "pages-overlap"),
    ),
    Check("filter-ignored", "forbidden", "Filter logs by user ID, application ID, log key."),
    Check(
        "logs-missing",
        "forbidden",
        "Get logs that match the given query: every log that matches is on some page.",
        ("default-page", "page-ignored", "page-size-ignored", "filter-ignored", "filter-after-paging", "ids-unique"),
    ),
    Check(
        "filters-combined",
        "forbidden",
        "Get logs that match the given query: all of its filters at once.",
        ("filter-ignored",),
    ),
    # What no page says and every client relies on.
    Check(
        "filter-inexact",
        "senseless",
        "A filter by an ID or a key matches that value alone, no prefix, pattern or other case.",
        ("filter-ignored",),
    ),
    Check(
        "filter-after-paging",
        "senseless",
        "Pages are pages of the logs that match, not the matching logs of a page.",
        ("page-size-ignored",),
    ),
    Check("pages-overlap", "senseless", "No log is on two pages.", ("page-ignored", "filter-after-paging")),
    Check(
        "pages-gap",
        "senseless",
        "No log is lost between two pages.",
        ("page-ignored", "page-size-ignored", "default-page", "logs-missing", "past-the-end", "ids-unique"),
    ),
    Check("order-stable", "senseless", "The same request gives the same logs in the same order, until new logs come."),
    Check("ids-unique", "senseless", "The id of a log is its own."),
    Check("log-unchanged", "senseless", "A log, once written, stays as it is.", ("one-tenant", "ids-unique")),
    Check("one-tenant", "senseless", "A tenant sees its own logs alone."),
    Check(
        "unknown-parameter", "senseless", "A parameter that is not documented changes nothing, or is refused with 400."
    ),
    Check("one-log", "senseless", "A log by its id, where a deployment has that path, is the log that the list shows."),
    Check(
        "total-number",
        "senseless",
        "Total-Number, where sent, counts the logs that match, on all pages together.",
        LISTING,
    ),
    Check(
        "link", "senseless", "Link, where sent, leads to the pages it names, under the same filters.", ("total-number",)
    ),
    Check("conditional", "senseless", "304 says that the answer the client holds is still the one it would get."),
    Check("token-required", "senseless", "Without a valid token nothing is told."),
    Check(
        "unauthorized-status", "senseless", "A request without a valid token is answered 401: the client must sign in."
    ),
    Check(
        "forbidden-status", "senseless", "A valid token without the scope is answered 403: signing in again is no help."
    ),
    Check("error-body", "senseless", "The body of a refusal is what its Content-Type says."),
    Check(
        "internals-told",
        "senseless",
        "A refusal tells nothing of the server's inside: no stack trace, no query, no file.",
    ),
    Check("credential-echoed", "senseless", "No answer repeats the credential it was asked with."),
    Check("shared-caching", "senseless", "No shared cache may keep an answer to a request with a token."),
    Check(
        "cors-credentials", "senseless", "No page of another origin may read answers with the visitor's credentials."
    ),
    Check("read-only", "senseless", "The page describes reading alone: other methods write nothing."),
    Check(
        "head", "senseless", "HEAD is answered as GET is, without a body (RFC 9110, 9.1: every server supports both)."
    ),
    # What is worth a word and never fails a run.
    Check("server-version", "advice", "A header that tells the server's version helps an attacker alone."),
    Check("nosniff", "advice", "X-Content-Type-Options: nosniff keeps browsers from guessing types."),
    Check("slow", "advice", "A page of logs comes within two seconds."),
    Check("throttled", "advice", "429 was answered, and its Retry-After obeyed."),
)

CHECKS: Mapping[str, Check] = MappingProxyType({rule.name: rule for rule in _TABLE})


def rule(name: str) -> Check:
    """The rule with this name; raises MockserverError that lists the known ones."""
    try:
        return CHECKS[name]
    except KeyError:
        raise unknown("check", name, CHECKS) from None
