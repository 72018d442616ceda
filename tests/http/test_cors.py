"""Preflights: a page may send whatever headers it names, within a bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.cors import ALLOWED, CORS, permission
from mockserver.http.message import Request

USUAL = ", ".join(ALLOWED)


def allowed(*asked: str) -> str:
    headers = tuple(("access-control-request-headers", names) for names in asked)
    return dict(permission(Request("OPTIONS", "/api/logs", headers)))["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "names", ["traceparent,x-requested-with", "X-Requested-With, sentry-trace , baggage", "authorization"]
)
def test_a_preflight_allows_the_headers_that_it_asks_for(names: str) -> None:
    assert allowed(names) == names


@pytest.mark.parametrize("names", ["", " ", "a,", "a b", "a,,b", "é", "a" * 101, ",".join(["a"] * 101), "a\r\nb: c"])
def test_a_preflight_for_what_names_no_headers_or_too_many_allows_the_usual_ones(names: str) -> None:
    assert allowed(names) == USUAL
    assert allowed() == USUAL


@given(st.text(max_size=200))
def test_what_is_allowed_is_always_a_list_of_names(text: str) -> None:
    value = allowed(text)
    assert value.isascii()
    assert value.isprintable() or "\t" in value


def test_a_preflight_without_a_wish_is_told_the_usual_methods_and_headers_for_a_day() -> None:
    assert permission(Request("OPTIONS", "/api/logs")) == (
        ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
        ("Access-Control-Allow-Headers", "Authorization, Prefer, Mock-Tenant, If-None-Match, Content-Type"),
        ("Access-Control-Max-Age", "86400"),
    )


def test_a_page_of_any_origin_reads_every_header_that_paging_and_retries_need() -> None:
    exposed = ("Total-Number", "Link", "ETag", "Total-Number-Is-Capped", "Preference-Applied", "Retry-After", "Allow")
    assert dict(CORS) == {
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": ", ".join([*exposed, "Contract-Breaks"]),
    }
