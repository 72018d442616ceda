"""Link names the pages around one, as URLs that keep every other parameter."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.profile import DOCUMENTED, Profile, profile
from mockserver.http.link import Place, links, read_links
from mockserver.mock.query import parse_query
from mockserver.mock.store import Page
from tests.support.links import LINK_HEADERS

BASE = "http://h/api/logs"
OBSERVED = profile("observed")


def page(text: str, total: int, how: Profile = DOCUMENTED, capped: bool = False) -> Place:
    unused: Any = None
    return Page(total, capped, 0, parse_query(text, how), unused, 0).place


def numbers(values: list[str]) -> dict[str, str]:
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
    assert numbers(links(page(text, total, how), BASE)) == expected


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
    assert numbers(links(page(text, 777, OBSERVED), BASE)) == expected


def test_a_bounded_count_has_no_last_and_no_next() -> None:
    assert numbers(links(page("page=3", 10_001, capped=True), BASE)) == {"first": "1", "prev": "2"}


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
    assert links(page(text, 0), BASE)[0] == f'<{BASE}?{query}>; rel="first"'


def test_an_empty_list_has_one_page() -> None:
    assert links(page("", 0), BASE) == [f'<{BASE}?page=1>; rel="first"', f'<{BASE}?page=1>; rel="last"']


@given(st.dictionaries(st.text(), st.text(), max_size=4), st.integers(1, 50), st.integers(0, 1000))
def test_what_is_written_reads_back(parameters: dict[str, str], number: int, total: int) -> None:
    query = urlencode({**parameters, "page": number}, errors="replace")
    values = links(page(query, total), BASE)
    assert list(read_links(", ".join(values))) == list(numbers(values))
    assert [f"<{target}>" for target in read_links(", ".join(values)).values()] == [v.partition(";")[0] for v in values]


@pytest.mark.parametrize(("header", "expected"), LINK_HEADERS)
def test_a_relation_is_read_wherever_it_stands_among_the_parameters(header: str, expected: dict[str, str]) -> None:
    assert read_links(header) == expected


@pytest.mark.parametrize("part", [" ", ";", "a", '"', "<", ",", "=", "\\"])
def test_a_long_header_that_reads_as_nothing_costs_little(part: str) -> None:
    """A pattern that tries again at each character would need hours."""
    assert read_links("</a>; rel" + part * 200_000) == {}


def test_names_that_are_indices_of_an_object_stand_first_in_rising_order_up_to_2_to_the_32() -> None:
    """V8 lists them so: the largest index is 4,294,967,294; a leading zero, a sign or one more makes a plain name."""
    how = profile("observed-1.42")
    assert how.link_indices_first
    text = "b=1&4294967295=2&4294967294=3&01=4&10=5&9=6&0=7&-1=8&9999999999=9"
    first = links(page(text, 0, how), BASE, how)[0]
    order = ["0", "9", "10", "4294967294", "b", "4294967295", "01", "-1", "9999999999", "page"]
    assert re.findall(r"[?&]([^=]+)=", first) == order
