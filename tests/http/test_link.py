"""Link names the pages around one, as URLs that keep every other parameter."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockserver.contract.errors import Refused
from mockserver.contract.profile import DOCUMENTED, Profile, profile
from mockserver.http.link import links, require_origin
from mockserver.http.message import Request
from mockserver.mock.query import parse_query
from mockserver.mock.store import Page

BASE = "http://h/api/logs"
OBSERVED = profile("observed")


def page(text: str, total: int, how: Profile = DOCUMENTED, capped: bool = False) -> Page:
    unused: Any = None
    return Page(total, capped, 0, unused, parse_query(text, how), unused, 0)


def numbers(values: tuple[str, ...]) -> dict[str, str]:
    """The page of each relation."""
    found = re.findall(r'[?&]page=([^&>]*)[^>]*>; rel="(\w+)"', ", ".join(values))
    return {rel: number for number, rel in found}


@pytest.mark.parametrize(
    ("text", "total", "expected"),
    [
        ("", 0, {"first": "1", "last": "1"}),
        ("", 20, {"first": "1", "last": "1"}),
        ("", 21, {"first": "1", "last": "2", "next": "2"}),
        ("page=2", 21, {"first": "1", "last": "2", "prev": "1"}),
        ("page=2", 777, {"first": "1", "last": "39", "prev": "1", "next": "3"}),
        ("page=39", 777, {"first": "1", "last": "39", "prev": "38"}),
        ("page=1000", 777, {"first": "1", "last": "39", "prev": "999"}),
        ("page=2", 0, {"first": "1", "last": "1", "prev": "1"}),
        ("page_size=1000000", 777, {"first": "1", "last": "1"}),
    ],
)
@pytest.mark.parametrize("how", [DOCUMENTED, profile("observed-1.42")], ids=["documented", "observed"])
def test_first_and_last_always_prev_and_next_where_they_are(
    how: Profile, text: str, total: int, expected: dict[str, str]
) -> None:
    if "1000000" in text and how is not DOCUMENTED:
        text = "page_size=100&page=1"
        expected = {"first": "1", "last": "8", "next": "2"}
    assert numbers(links(page(text, total, how), BASE, how)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("page=1.5", {"first": "1", "last": "39", "next": "2"}),
        ("page=2.5", {"first": "1", "last": "39", "prev": "1", "next": "3"}),
        ("page=1e2", {"first": "1", "last": "39", "prev": "99"}),
        ("page=9007199254740993", {"first": "1", "last": "39", "prev": "9007199254740990"}),
    ],
)
def test_links_count_from_the_whole_part_of_a_page(text: str, expected: dict[str, str]) -> None:
    assert numbers(links(page(text, 777, OBSERVED), BASE, OBSERVED)) == expected


def test_a_bounded_count_has_no_last_and_no_next() -> None:
    assert numbers(links(page("page=3", 10_001, capped=True), BASE, DOCUMENTED)) == {"first": "1", "prev": "2"}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", "page=1"),
        ("page=2", "page=1"),
        ("a=1&page=2&b=3", "a=1&page=1&b=3"),
        ("page=2&a=1", "page=1&a=1"),
        ("userId=%C3%BC+x&page_size=5", "userId=%C3%BC+x&page_size=5&page=1"),
        ("x=~*-._%21%27()%2B%26%3D", "x=%7E*-._%21%27%28%29%2B%26%3D&page=1"),
        ("%70age=2&f%20o=1", "page=1&f+o=1"),
        ("a=1&b=2&a=3", "a=1%2C3&b=2&page=1"),
        ("a&b=", "a=&b=&page=1"),
        ("%ED%A0%80=%zz", "%EF%BF%BD%EF%BF%BD%EF%BF%BD=%25zz&page=1"),
    ],
)
def test_every_other_parameter_is_kept_in_its_place_and_encoded_as_a_form(text: str, query: str) -> None:
    assert links(page(text, 0), BASE, DOCUMENTED)[0].split(", ")[0] == f'<{BASE}?{query}>; rel="first"'


def test_one_header_as_documented_and_one_a_relation_as_observed() -> None:
    assert links(page("", 0), BASE, DOCUMENTED) == (f'<{BASE}?page=1>; rel="first", <{BASE}?page=1>; rel="last"',)
    assert links(page("", 0, OBSERVED), BASE, OBSERVED) == (
        f'<{BASE}?page=1>; rel="first"',
        f'<{BASE}?page=1>; rel="last"',
    )


@pytest.mark.parametrize(
    "authority",
    [
        "localhost",
        "localhost:3001",
        "127.0.0.1:1",
        "[::1]:3001",
        "[2001:db8::1]",
        "user@host",
        "a_b.example:65535",
        "x:",
    ],
)
def test_a_host_that_a_url_can_hold_passes(authority: str) -> None:
    require_origin(Request("GET", "/", origin=f"http://{authority}"))


@pytest.mark.parametrize(
    "authority",
    ["", "a b", "a<b", "a>b", "a|b", "a^b", "a%b", "a\\b", "a:b", "a:65536", "a:1:2", "[::1", "::1", "a/b", "a?b", "#"],
)
def test_a_host_that_no_url_can_hold_turns_a_list_into_a_500(authority: str) -> None:
    with pytest.raises(Refused) as caught:
        require_origin(Request("GET", "/", origin=f"http://{authority}"))
    assert (caught.value.status, caught.value.code) == (500, None)


def test_a_target_with_a_host_in_it_turns_a_list_into_a_500() -> None:
    with pytest.raises(Refused):
        require_origin(Request("GET", "/", absolute=True))
